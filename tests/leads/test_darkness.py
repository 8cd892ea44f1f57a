"""Automated texts wait while a STOP may be somewhere on its way to us."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from leads import Heartbeat, Lead, Message, Phone, Reconciliation, WebhookEvent, darkness, heartbeat
from leads import outage as outages
from leads.db import database_time
from tests.conftest import TUESDAY_TEN

MINUTE = timedelta(minutes=1)


def face(session: Session, name: str = "webhooks:a:1", *, ago: timedelta, spooled: int = 0) -> None:
    heartbeat.beat(session, "webhooks", name, spooled=spooled)
    real = database_time(session)
    session.execute(update(Heartbeat).where(Heartbeat.name == name).values(at=real - ago))


def heard(session: Session, ago: timedelta) -> None:
    session.add(
        WebhookEvent(
            source="twilio",
            sid="SM0",
            event="sms",
            query="",
            body="",
            received_at=database_time(session) - ago,
        )
    )
    session.flush()


def taken(session: Session, count: int, ago: timedelta) -> None:
    """So many texts that Twilio took `ago`, in practice time."""
    phone = Phone.of(session, "+12065550142")
    lead, _ = Lead.of(session, phone, TUESDAY_TEN, "")
    for _ in range(count):
        text = Message.outgoing(
            "Hi", TUESDAY_TEN, lead_id=lead.id, phone_id=phone.id, tracking_number_id=1
        )
        text.tracking_number_id = None
        text.state, text.sent_at = "sent", TUESDAY_TEN - ago
        session.add(text)
    session.flush()


def reconciled(session: Session, until: datetime, error: str | None = None) -> None:
    session.add(
        Reconciliation(
            began_at=until, finished_at=until, since=until - MINUTE, until=until, error=error
        )
    )
    session.flush()


def test_where_no_process_was_ever_heard_of_nothing_waits(session: Session) -> None:
    taken(session, 5, 20 * MINUTE)
    assert darkness.why(session) is None


def test_while_a_process_gives_signs_nothing_waits(session: Session) -> None:
    face(session, ago=timedelta(seconds=5))
    assert darkness.why(session) is None


def test_where_twilio_was_heard_and_no_process_hears_it_now_texts_wait(session: Session) -> None:
    heard(session, MINUTE)
    assert "no sign of life" in (darkness.why(session) or "")
    face(session, ago=timedelta(seconds=1))
    assert darkness.why(session) is None


def test_a_text_that_could_not_be_acted_on_may_be_a_no(session: Session) -> None:
    face(session, ago=timedelta(seconds=1))
    heard(session, MINUTE)
    session.execute(update(WebhookEvent).values(error="ValueError"))
    assert "may be a no" in (darkness.why(session) or "")
    taken(session, 1, MINUTE)
    session.execute(update(Message).values(sid="SM0"))  # reconciliation has added it
    assert darkness.why(session) is None


@pytest.mark.parametrize(("error", "event"), [("Malformed", "sms"), ("ValueError", "voice")])
def test_other_failures_hold_nothing_back(session: Session, error: str, event: str) -> None:
    face(session, ago=timedelta(seconds=1))
    heard(session, MINUTE)
    session.execute(update(WebhookEvent).values(error=error, event=event))
    assert darkness.why(session) is None


def test_one_that_has_fallen_silent_may_be_cut_off_and_hold_a_stop(session: Session) -> None:
    face(session, ago=timedelta(seconds=5))
    face(session, "webhooks:b:1", ago=50 * MINUTE)
    reconciled(session, database_time(session))
    assert "no sign of life" in (darkness.why(session) or "")
    face(session, "webhooks:b:1", ago=70 * MINUTE)
    assert darkness.why(session) is None


def test_when_all_of_them_are_quiet_texts_wait(session: Session) -> None:
    # Not half a minute: in the seconds in which the database is back and nobody has said what waits
    # in the spool, a text would overtake a STOP there.
    face(session, ago=timedelta(seconds=9))
    reconciled(session, database_time(session))
    heartbeat.beat(session, "worker", "worker:a:1")
    assert "no sign of life" in (darkness.why(session) or "")


def test_a_spool_that_is_not_empty_holds_texts(session: Session) -> None:
    face(session, ago=timedelta(seconds=1))
    face(session, "webhooks:b:1", ago=timedelta(seconds=1), spooled=1)
    reconciled(session, database_time(session))
    assert "not written down yet" in (darkness.why(session) or "")


def test_the_spool_of_a_host_that_is_gone_holds_until_the_lists_were_gone_through(
    session: Session,
) -> None:
    face(session, ago=timedelta(seconds=1))
    face(session, "webhooks:b:1", ago=70 * MINUTE, spooled=7)
    assert "no sign of life" in (darkness.why(session) or "")
    real = database_time(session)
    reconciled(session, real, error="Twilio did not answer.")
    reconciled(session, real - 75 * MINUTE)
    assert "no sign of life" in (darkness.why(session) or "")
    reconciled(session, real)
    assert darkness.why(session) is None


def test_an_outage_holds_texts_until_the_lists_were_gone_through(session: Session) -> None:
    real = database_time(session)
    outages.happened(session, "The database was away.", real - 5 * MINUTE, real - MINUTE)
    session.flush()
    assert (darkness.why(session) or "").endswith("The database was away.")
    outages.passed(session, real - 2 * MINUTE, real)
    assert darkness.why(session)
    outages.passed(session, real, real)
    assert darkness.why(session) is None


@pytest.mark.parametrize(
    ("texts", "taken_ago", "heard_ago", "waits"),
    [
        (3, 20, 30, True),
        (3, 20, None, True),
        (3, 20, 15, False),  # it has spoken since
        (3, 20, 1, False),
        (2, 20, 30, False),
        (3, 9, 30, False),  # its reports may still come
    ],
)
def test_silence_of_twilio_after_texts_holds_the_next_ones(
    session: Session, texts: int, taken_ago: int, heard_ago: int | None, waits: bool
) -> None:
    face(session, ago=timedelta(seconds=5))
    taken(session, texts, taken_ago * MINUTE)
    taken(session, 5, timedelta())
    if heard_ago is not None:
        heard(session, heard_ago * MINUTE)
    assert ("sent us nothing" in (darkness.why(session) or "")) is waits


def test_on_a_busy_day_it_costs_two_queries(session: Session) -> None:
    face(session, ago=timedelta(seconds=5))
    heard(session, timedelta(seconds=3))
    asked: list[str] = []

    def count(*told: object) -> None:
        asked.append(str(told[2]))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", count)
    darkness.why(session)
    event.remove(connection, "before_cursor_execute", count)
    assert len(asked) == 2
