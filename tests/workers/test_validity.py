"""How long a carrier may try, as it stands on the wire: never past the end of the window."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from leads import Message, Phone, Reminder, TrackingNumber, answer, clock, db
from leads.lead import Lead
from leads.outbox import VALIDITY
from tests.conftest import forget_settings
from tests.server import serving
from tests.workers.test_by_hand import written_at
from tests.workers.test_sending import MARIA, advance, first_reminder, missed, only
from tests.workers.wire import Wire
from workers import sending, twilio_api

LA = ZoneInfo("America/Los_Angeles")
CLOSES = datetime(2026, 12, 1, 20, 0, tzinfo=LA)
MORNING = datetime(2026, 12, 2, 9, 0, tzinfo=LA)


@pytest.fixture
def wire(database: str, environment: pytest.MonkeyPatch) -> Iterator[Wire]:
    assert database
    made = Wire()
    with environment.context() as patch, serving(made) as address:
        patch.setenv("TWILIO_API_BASE", address)
        forget_settings()
        twilio_api.client.cache_clear()
        yield made
    twilio_api.client.cache_clear()
    forget_settings()


def closes_in(left: timedelta) -> None:
    with db.transaction() as session:
        clock.set_to(session, CLOSES - left)
        session.execute(update(TrackingNumber).values(tokens=3))


def validity(wire: Wire) -> int:
    [posted] = wire.posted
    assert posted["To"] == MARIA
    return int(posted["ValidityPeriod"])


def test_a_text_in_the_morning_has_four_hours(wire: Wire) -> None:
    closes_in(timedelta(hours=10))
    missed()
    sending.send_due()
    assert VALIDITY - 10 <= validity(wire) <= VALIDITY


def test_near_the_windows_end_it_has_what_is_left_of_it(wire: Wire) -> None:
    closes_in(timedelta(minutes=10))
    missed()
    sending.send_due()
    with db.transaction() as session:
        left = (CLOSES - clock.now(session)).total_seconds()
    assert left - 2 <= validity(wire) <= 600  # whole seconds, rounded down twice


def test_the_time_between_the_check_and_the_post_counts(wire: Wire) -> None:
    closes_in(timedelta(minutes=10))
    missed()
    sending.queue_due()
    [post] = sending.authorize(sending.claim(5))
    sending.write_down([sending.post_one(post, time.time() - 15)])
    assert validity(wire) <= post.validity_seconds - 15


def test_what_would_be_posted_at_the_windows_end_is_not(wire: Wire) -> None:
    closes_in(timedelta(seconds=65))
    missed()
    sending.queue_due()
    [post] = sending.authorize(sending.claim(5))
    late = sending.post_one(replace(post, validity_seconds=12), time.time() - 12)
    sending.write_down([late])
    assert wire.posted == []
    assert only(Message).state == "queued"


def test_in_the_windows_last_minute_a_text_moves_to_the_morning(wire: Wire) -> None:
    closes_in(timedelta(seconds=40))
    missed()
    began = time.monotonic()
    sending.send_due()
    assert time.monotonic() - began < 9, "it is not looked at again and again"
    assert wire.posted == []
    assert (first_reminder().state, first_reminder().due_at) == ("scheduled", MORNING)
    assert "after 8 PM in " in (first_reminder().reason or "")


def test_what_was_queued_before_the_last_minute_moves_to_the_morning(wire: Wire) -> None:
    closes_in(timedelta(seconds=90))
    missed()
    sending.queue_due()
    advance(timedelta(seconds=50))
    sending.send_due()
    assert wire.posted == []
    assert first_reminder().due_at == MORNING


def test_an_answer_in_the_windows_last_minute_waits_for_the_morning(wire: Wire) -> None:
    closes_in(timedelta(seconds=40))
    lead_id = missed()
    with db.transaction() as session:
        session.execute(update(Reminder).values(state="cancelled"))
        lead, phone = session.get_one(Lead, lead_id), Phone.of(session, MARIA)
        answer.identify(session, lead, phone, 1, clock.now(session))
    sending.send_due()
    advance(timedelta(minutes=2))
    sending.send_due()
    assert wire.posted == []
    assert only(Message).due_at == MORNING
    advance(timedelta(hours=13))
    sending.send_due()
    assert validity(wire) > 0


def test_what_staff_wrote_in_the_day_is_not_delivered_at_night(wire: Wire) -> None:
    written_at(19, 30)
    sending.send_due()
    assert 1790 <= validity(wire) <= 1800


def test_what_staff_wrote_at_the_very_end_may_take_ten_minutes(wire: Wire) -> None:
    written_at(19, 59)
    advance(timedelta(seconds=30))
    sending.send_due()
    assert 550 <= validity(wire) <= 570


def test_what_staff_wrote_at_night_may_take_as_long_as_any(wire: Wire) -> None:
    written_at(22)
    sending.send_due()
    assert validity(wire) > VALIDITY - 10
