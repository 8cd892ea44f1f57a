"""What failed is tried again by itself, ever more rarely, until it is done."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, text

from leads import Phone, WebhookEvent, db, webhook_event
from leads.webhook_event import ASKED
from tests.webhooks.caller import CLINIC, MARIA, Twilio
from tests.webhooks.crowd import eventually

STOP = {"MessageSid": "SM1", "From": MARIA, "To": CLINIC, "Body": "STOP"}


def run(statement: str) -> None:
    with db.transaction() as session:
        session.execute(text(statement))


def error() -> str | None:
    with db.transaction() as session:
        return session.scalars(select(WebhookEvent.error)).one()


def test_a_stop_that_failed_for_a_passing_reason_is_done_by_itself(twilio: Twilio) -> None:
    run("ALTER TABLE timeline RENAME TO timeline_away")
    assert twilio.post("sms", STOP).status_code == 200
    assert error() == "ProgrammingError"
    run("UPDATE webhook_event SET received_at = received_at - interval '10 s'")
    eventually(lambda: replayed_at() is not None)
    assert error() == "ProgrammingError", "tried again, and failed again"
    run("ALTER TABLE timeline_away RENAME TO timeline")
    eventually(lambda: error() is None, 25)
    with db.transaction() as session:
        assert session.scalars(select(Phone.opted_out_at)).one() is not None


def replayed_at() -> datetime | None:
    with db.transaction() as session:
        return session.scalars(select(WebhookEvent.replayed_at)).one()


def test_what_goes_on_failing_is_tried_ever_more_rarely(database: str) -> None:
    """(owed for seconds, last tried seconds ago): is it due?"""
    assert database
    cases: list[tuple[float, float | None, str, bool]] = [
        (9, None, "ValueError", False),
        (11, None, "ValueError", True),
        (20, 9, "ValueError", False),
        (22, 11, "ValueError", True),
        (1000, 490, "ValueError", False),
        (1000, 510, "ValueError", True),
        (90_000, 3_500, "ValueError", False),
        (90_000, 3_700, "ValueError", True),
        (90_000, 80_000, "Malformed", False),
        (1, 0, ASKED, True),
    ]
    now = datetime.now(UTC)
    with db.transaction() as session:
        for index, (age, ago, failure, _) in enumerate(cases):
            session.add(
                WebhookEvent(
                    received_at=now - timedelta(seconds=age),
                    replayed_at=None if ago is None else now - timedelta(seconds=ago),
                    source="twilio",
                    sid=f"SM{index}",
                    event="sms",
                    query="",
                    body="",
                    error=failure,
                )
            )
        session.flush()
        due = {event.sid for event in webhook_event.owed(session, due=True, limit=99)}
        assert due == {f"SM{index}" for index, case in enumerate(cases) if case[-1]}
        assert len(webhook_event.owed(session, due=False, limit=99)) == len(cases)
