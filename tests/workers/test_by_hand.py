"""A text that staff wrote goes at once or not at all, and whoever wrote it is told."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from leads import Lead, Message, Phone, TimelineEntry, clock, db, desk, inbox
from leads.dashboard.pages import words
from leads.settings import settings
from tests.workers.conftest import Phones
from tests.workers.test_errors import alarms, real_time_passes
from tests.workers.test_sending import MARIA, advance, only
from workers import sending

LA = ZoneInfo("America/Los_Angeles")
BODY = "Back In Balance: 3 PM is free."
AGAIN = "Send it again if it is still right."


def written_at(hour: int, minute: int = 0) -> int:
    """Staff write to Maria, on a Tuesday at that time; gives the lead."""
    with db.transaction() as session:
        now = clock.set_to(session, datetime(2026, 12, 1, hour, minute, tzinfo=LA))
        lead, _ = Lead.of(session, Phone.of(session, MARIA), now, "")
        desk.reply(session, lead, None, now, BODY)
        return lead.id


@pytest.fixture
def no_way_out(phones: Phones, environment: pytest.MonkeyPatch) -> Iterator[None]:
    """The telephone service cannot be reached."""
    assert phones.texts_to(MARIA) == []
    with environment.context() as patch:
        patch.setenv("TWILIO_API_BASE", "http://127.0.0.1:1")
        settings.cache_clear()
        yield
    settings.cache_clear()


def is_given_back(why: str) -> None:
    message, lead = only(Message), only(Lead)
    assert message.state == "failed"
    assert message.error_text == f"it waited too long and was not sent: {why}. {AGAIN}"
    assert lead.needs_callback_since is not None
    assert AGAIN[:-1] in words.delivery(message).words
    assert inbox.may_try_again(message)
    with db.transaction() as session:
        told = select(TimelineEntry.text).where(TimelineEntry.kind == "text_failed")
        assert session.scalars(told).one() == f"Text not delivered: {message.error_text}"


def test_a_stopped_queue_keeps_it_for_an_hour_and_then_gives_it_back(phones: Phones) -> None:
    written_at(10)
    phones.fault("unauthorized", probability=1, path="/Messages")
    for _ in range(9):
        sending.send_due()
        assert only(Message).state == "queued"
        real_time_passes()
        advance(timedelta(minutes=6))
    assert only(Lead).needs_callback_since is None
    advance(timedelta(minutes=7))
    sending.send_due()
    is_given_back("for an hour it could not be handed over")
    phones.client.delete("/sandbox/api/faults").raise_for_status()
    real_time_passes()
    sending.send_due()
    assert phones.texts_to(MARIA) == []


def test_what_waited_for_the_account_may_still_be_asked_to_slow_down(phones: Phones) -> None:
    """Refusals that were about the account are no tries of this text."""
    written_at(10)
    phones.fault("unauthorized", probability=1, path="/Messages")
    for _ in range(6):
        sending.send_due()
        real_time_passes()
    phones.client.delete("/sandbox/api/faults").raise_for_status()
    phones.fault("rate_limit")
    sending.send_due()
    assert only(Message).state == "queued"
    real_time_passes()
    sending.send_due()
    assert phones.texts_to(MARIA) == [BODY]
    assert alarms() == []


def test_all_that_wait_are_given_back_and_not_one_every_few_minutes(phones: Phones) -> None:
    lead_id = written_at(10)
    with db.transaction() as session:
        lead, now = session.get_one(Lead, lead_id), clock.now(session)
        for minute in range(3):
            desk.reply(session, lead, None, now, f"{BODY} Or {minute} minutes later.")
    phones.fault("unauthorized", probability=1, path="/Messages")
    sending.send_due()
    advance(timedelta(minutes=61))
    sending.send_due()
    with db.transaction() as session:
        assert session.scalars(select(Message.state)).all() == ["failed"] * 4


@pytest.mark.usefixtures("no_way_out")
def test_what_was_written_in_the_day_does_not_go_at_night() -> None:
    written_at(19, 30)
    sending.send_due()
    assert only(Message).state == "queued"
    advance(timedelta(minutes=29))
    sending.send_due()
    assert only(Message).state == "queued"
    advance(timedelta(minutes=2))
    sending.send_due()
    is_given_back("it is after 8 PM in Los Angeles by now")


def test_what_was_written_in_the_last_minutes_of_the_day_still_goes(phones: Phones) -> None:
    written_at(19, 58)
    advance(timedelta(minutes=4))
    sending.send_due()
    assert phones.texts_to(MARIA) == [BODY]


def test_what_was_written_at_night_goes_at_night(phones: Phones) -> None:
    """Whoever wrote it was warned, and meant it."""
    written_at(22)
    advance(timedelta(minutes=30))
    sending.send_due()
    assert phones.texts_to(MARIA) == [BODY]


def test_a_claim_from_before_posts_nothing_that_has_become_too_late(phones: Phones) -> None:
    written_at(10)
    claims = sending.claim(5)
    advance(timedelta(minutes=61))
    assert sending.authorize(claims) == []
    is_given_back("for an hour it could not be handed over")
    assert phones.texts_to(MARIA) == []
