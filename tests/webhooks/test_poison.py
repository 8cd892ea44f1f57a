"""A request that the database refuses as if it were away holds up nobody, neither in the spool nor
among what is owed."""

import time

from sqlalchemy import select, text

from leads import Message, WebhookEvent, db
from tests.webhooks.caller import Twilio, call_fields
from tests.webhooks.crowd import eventually
from tests.webhooks.rows import count
from tests.webhooks.test_replay import kept, sms
from webhooks import replay
from webhooks.app import app
from webhooks.spool import Spool

# As a statement that takes too long does: SQLAlchemy's OperationalError.
POISON = """
CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'canceling statement due to statement timeout' USING ERRCODE = '57014';
END $$;
CREATE TRIGGER poison BEFORE INSERT ON message FOR EACH ROW WHEN (NEW.body = 'poison')
    EXECUTE FUNCTION poison();
"""
CURE = "DROP TRIGGER poison ON message"


def run(statement: str) -> None:
    with db.transaction() as session:
        session.execute(text(statement))


def event(sid: str = "SM1") -> WebhookEvent:
    with db.transaction() as session:
        return session.scalars(select(WebhookEvent).where(WebhookEvent.sid == sid)).one()


def test_in_the_spool_it_is_set_aside_with_its_error_and_the_next_has_its_turn(
    spool: Spool,
) -> None:
    run(POISON)
    kept(spool, 3600, "sms", sms("SM1", "poison"))
    kept(spool, 60, "sms", sms("SM2", "Hello"))
    result = replay.spooled(spool)
    assert (result.done, result.failed, result.left) == (1, 1, 0)
    assert spool.waiting().count == 0
    assert event().error == "OperationalError"
    assert count(Message) == 1
    run(CURE)
    assert replay.owed(due=True).done == 1
    assert event().error is None
    assert count(Message) == 2


def test_owed_it_is_tried_ever_more_rarely_and_no_caller_is_kept_from_the_database(
    spool: Spool, twilio: Twilio
) -> None:
    run(POISON)
    kept(spool, 3600, "sms", sms("SM1", "poison"))
    eventually(lambda: event_known() and event().replayed_at is not None, 20)
    tried_at = event().replayed_at
    for number in range(10):
        assert not app.state.reception.breaker.is_open
        twilio.post("voice", call_fields(f"CA{number}"))
        time.sleep(0.3)
    assert event().replayed_at == tried_at, "an hour of being owed is an hour until the next try"
    assert spool.waiting().count == 0


def event_known() -> bool:
    return count(WebhookEvent) > 0
