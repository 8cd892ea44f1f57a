"""A text that waits says why on its lead's timeline, once; and what waits rightly is no fault of
the worker."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from leads import Message, Reminder, TrackingNumber, clock, conversation, db, health, outage
from leads.db import database_time
from leads.delivery_errors import error_of
from leads.settings import settings
from leads.timeline import TimelineEntry
from tests.conftest import ACCOUNT_SID, AUTH_TOKEN
from tests.workers.conftest import Phones
from tests.workers.test_errors import real_time_passes
from tests.workers.test_in_the_dark import light, waits
from tests.workers.test_sending import MARIA, advance, missed
from workers import sending

WAITS = "Text 1 is due and not sent yet. "


def pace(texts_per_second: float, tokens: float) -> None:
    with db.transaction() as session:
        real = database_time(session)
        session.execute(
            update(TrackingNumber).values(
                texts_per_second=texts_per_second, tokens=tokens, tokens_at=real
            )
        )


def due_check() -> health.Check:
    [check] = [check for check in health.ready() if check.name == "due"]
    return check


def backlog(size: int) -> list[str]:
    """So many people were missed, a minute after each other."""
    callers = [f"+120655501{index:02}" for index in range(10, 10 + size)]
    for index, caller in enumerate(callers):
        missed(caller, f"CA{index}")
        advance(timedelta(minutes=1))
    return callers


def test_a_stopped_queue_says_so_on_each_timeline_once(phones: Phones) -> None:
    missed()
    missed("+12065550143", "CA2")
    pace(1, 3)
    phones.fault("unauthorized", probability=1, path="/Messages")
    sending.send_due()
    assert waits() == []
    for _ in range(3):
        advance(timedelta(minutes=2))
        sending.send_due()
    assert (
        waits()
        == [
            f"{WAITS}No text goes out: {error_of(20003).words} It waits with the others.",
        ]
        * 2
    )
    assert due_check().passed
    assert "refused our credentials" in due_check().text


def test_what_falls_due_while_the_queue_is_stopped_is_told_of_too(phones: Phones) -> None:
    missed()
    phones.fault("suspended", probability=1, path="/Messages")
    sending.send_due()
    missed("+12065550143", "CA2")
    advance(timedelta(minutes=2))
    sending.send_due()
    assert len(waits()) == 2
    assert "the account is suspended" in waits()[1]


def test_a_backlog_behind_the_senders_pace_says_so_and_is_no_fault(phones: Phones) -> None:
    backlog(5)
    pace(0.1, 1)
    for _ in range(3):
        sending.send_due()
    assert sum(len(phones.texts_to(f"+12065550{index}")) for index in range(110, 115)) == 1
    assert waits() == [f"{WAITS}Others go first: the number that it goes from sends no faster."] * 4
    assert due_check().passed
    with db.transaction() as session:
        assert health.due_age(session, clock.now(session)) < health.STALE


def test_a_backlog_of_which_nobody_takes_the_next_is_a_fault(phones: Phones) -> None:
    """The worker died: the sender has long been free to go on."""
    assert phones
    backlog(5)
    pace(0.1, 1)
    sending.send_due()
    with db.transaction() as session:
        gone = database_time(session) - timedelta(minutes=3)
        session.execute(update(TrackingNumber).values(tokens_at=gone))
    assert not due_check().passed
    assert "is a worker running?" in due_check().text


def test_what_nobody_has_looked_at_is_a_fault(phones: Phones) -> None:
    assert phones
    missed()
    pace(1, 0)
    advance(timedelta(minutes=3))
    assert not due_check().passed


def test_a_text_that_could_not_be_handed_over_says_so(phones: Phones) -> None:
    phones.fault("rate_limit")
    missed()
    sending.send_due()
    advance(timedelta(minutes=2))
    for _ in range(2):
        sending.send_due()
    assert waits() == [
        f"{WAITS}It could not be handed over, and is tried again: {error_of(20429).words}",
    ]
    real_time_passes()
    sending.send_due()
    assert len(phones.texts_to(MARIA)) == 1
    with db.transaction() as session:
        first = select(Reminder).where(Reminder.step == 1)
        assert session.scalars(first).one().waits_since is None


def test_without_a_connection_it_says_so(phones: Phones, environment: pytest.MonkeyPatch) -> None:
    assert phones
    missed()
    with environment.context() as patch:
        patch.setenv("TWILIO_API_BASE", "http://127.0.0.1:1")
        settings.cache_clear()
        sending.send_due()
    settings.cache_clear()
    advance(timedelta(minutes=2))
    sending.send_due()
    [told] = waits()
    assert told.endswith("the telephone service could not be reached.")


def test_what_was_queued_when_the_dark_began_says_so(phones: Phones) -> None:
    missed()
    sending.queue_due()
    with db.transaction() as session:
        real = database_time(session)
        outage.happened(session, "The webhooks were down.", real - timedelta(hours=1), real)
    advance(timedelta(minutes=2))
    for _ in range(2):
        sending.send_due()
    [told] = waits()
    assert "The webhooks were down." in told
    light()
    real_time_passes()
    sending.send_due()
    assert len(phones.texts_to(MARIA)) == 1
    assert len(waits()) == 1


def test_a_text_that_waits_for_staff_has_had_its_line(phones: Phones) -> None:
    assert phones
    missed()
    with db.transaction() as session:
        conversation.text_received(
            session,
            sid="SM1",
            from_raw=MARIA,
            to_raw="+14254379974",
            body="the pain won't stop",
            media_count=0,
            opt_out_type="",
            now=clock.now(session),
        )
    advance(timedelta(minutes=5))
    sending.send_due()
    assert waits() == []


def test_after_an_outage_the_oldest_promise_is_kept_first(phones: Phones) -> None:
    with db.transaction() as session:
        real = database_time(session)
        outage.happened(session, "The webhooks were down.", real - timedelta(hours=1), real)
    callers = backlog(6)
    with db.transaction() as session:  # and not in the order in which they were written down
        last, first = session.scalars(
            select(Reminder).where(Reminder.step == 1).order_by(Reminder.due_at.desc())
        ).all()[::5]
        last.due_at, first.due_at = first.due_at, last.due_at
    callers[0], callers[-1] = callers[-1], callers[0]
    sending.send_due()
    light()
    for _ in callers:
        pace(0.001, 1)
        sending.send_due()
    listed = phones.client.get(
        f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json", auth=(ACCOUNT_SID, AUTH_TOKEN)
    ).json()["messages"]
    assert [text["to"] for text in listed][::-1] == callers
    with db.transaction() as session:
        told = select(TimelineEntry.lead_id).where(TimelineEntry.kind == "reminder_waits")
        assert len(set(session.scalars(told).all())) == len(waits())
        assert session.scalars(select(Message).where(Message.state == "queued")).all() == []
