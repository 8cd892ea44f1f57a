"""While a STOP may not have reached us, nothing goes out by itself, and the timeline says so."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from leads import Lead, Message, Reminder, clock, db, desk, health, heartbeat, lease, outage, outbox
from leads.db import database_time
from leads.lease import Claim
from leads.timeline import TimelineEntry
from leads.tracking_number import TrackingNumber
from tests.workers.conftest import Phones
from tests.workers.test_sending import MARIA, advance, eventually, has_opted_out, missed, only
from workers import sending

JOHN = "+12065550143"
WAITS = "Text 1 is due and not sent yet. Automated texts wait"


@pytest.fixture
def phones_in_the_dark(phones: Phones) -> Phones:
    """The webhooks were away for an hour, and nobody has asked Twilio yet what came meanwhile."""
    with db.transaction() as session:
        session.execute(update(TrackingNumber).values(tokens=3))  # none waits for the pace
        real = database_time(session)
        outage.happened(session, "The webhooks were down.", real - timedelta(hours=1), real)
    return phones


def light() -> None:
    with db.transaction() as session:
        real = database_time(session)
        outage.passed(session, real, real)


def waits() -> list[str]:
    with db.transaction() as session:
        found = select(TimelineEntry.text).where(TimelineEntry.kind == "reminder_waits")
        return list(session.scalars(found))


def test_automated_texts_wait_and_staffs_go(phones_in_the_dark: Phones) -> None:
    missed()
    other = missed(JOHN, "CA2")
    with db.transaction() as session:
        lead = session.get_one(Lead, other)
        desk.reply(session, lead, None, clock.now(session), "Back In Balance: we call at ten.")
    sending.send_due()
    assert waits() == []  # a short wait is not worth a line
    advance(timedelta(minutes=2))
    for _ in range(3):
        sending.send_due()
    assert phones_in_the_dark.texts_to(MARIA) == []
    assert phones_in_the_dark.texts_to(JOHN) == ["Back In Balance: we call at ten."]
    # Once, whatever the number of looks. John's follow-up has ended: staff wrote.
    [told] = waits()
    assert told.startswith(WAITS)
    assert "The webhooks were down." in told
    light()
    sending.send_due()
    assert len(phones_in_the_dark.texts_to(MARIA)) == 1
    assert only_reminder().waits_since is None


def test_a_stop_that_came_meanwhile_counts_first(phones_in_the_dark: Phones) -> None:
    missed()
    sending.send_due()
    phones_in_the_dark.text_us(MARIA, "STOP")
    eventually(has_opted_out)
    light()
    sending.send_due()
    assert phones_in_the_dark.texts_to(MARIA) == []
    assert only_reminder().reason == "they opted out of texts."


def test_what_has_waited_too_long_is_not_sent_any_more(phones_in_the_dark: Phones) -> None:
    missed()
    sending.send_due()
    advance(timedelta(hours=5))
    sending.send_due()
    light()
    sending.send_due()
    assert phones_in_the_dark.texts_to(MARIA) == []
    assert "too long ago" in (only_reminder().reason or "")


def test_what_was_claimed_before_the_dark_is_not_posted_in_it(phones: Phones) -> None:
    missed()
    sending.queue_due()
    with db.transaction() as session:
        claims = lease.take(session, clock.now(session), 5)
        real = database_time(session)
        outage.happened(session, "The webhooks were down.", real - timedelta(hours=1), real)
    assert sending.authorize(claims) == []
    light()
    sending.send_due()
    assert phones.texts_to(MARIA) == []  # held until its lease is over
    with db.transaction() as session:
        gone = database_time(session) - timedelta(seconds=1)
        session.execute(update(Message).values(lease_until=gone))
    sending.send_due()
    assert len(phones.texts_to(MARIA)) == 1
    assert only(Message).state in {"sent", "delivered"}


def test_events_in_a_spool_hold_texts_back_and_that_is_no_fault_of_the_worker(
    phones: Phones,
) -> None:
    missed()
    with db.transaction() as session:
        real = database_time(session)
        heartbeat.beat(session, "webhooks", "webhooks:elsewhere", spooled=3, oldest_spooled_at=real)
    sending.send_due()
    assert phones.texts_to(MARIA) == []
    advance(timedelta(minutes=10))
    [due] = [check for check in health.ready() if check.name == "due"]
    assert due.passed
    assert "STOP" in due.text
    assert health.texts_wait()
    with db.transaction() as session:
        heartbeat.beat(session, "webhooks", "webhooks:elsewhere")
    sending.send_due()
    assert len(phones.texts_to(MARIA)) == 1


def only_reminder() -> Reminder:
    with db.transaction() as session:
        return session.scalars(select(Reminder).where(Reminder.step == 1).limit(1)).one()


def test_the_dark_that_falls_in_the_middle_of_a_look_ends_it(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in range(3):
        missed(f"+1206555015{place}", f"CA{place}")
    monkeypatch.setattr(sending, "REMINDERS_A_LOOK", 1)
    check = sending.authorize

    def falls(claims: list[Claim]) -> list[outbox.Post]:
        with db.transaction() as session:
            real = database_time(session)
            outage.happened(session, "The webhooks were down.", real - timedelta(hours=1), real)
        return check(claims)

    monkeypatch.setattr(sending, "authorize", falls)
    sending.send_due()
    assert [phones.texts_to(f"+1206555015{place}") for place in range(3)] == [[], [], []]
    with db.transaction() as session:
        states = session.scalars(select(Reminder.state).where(Reminder.step == 1)).all()
    assert sorted(states) == ["scheduled", "scheduled", "sending"], "no more is taken in hand"
