"""The day's mail: when it is due, from when it counts, and that each day has one."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from leads import desk, digest
from leads.opening_hours import TRIAL_HOURS
from leads.practice import Practice
from tests.benchmarks import backlog
from tests.browser.people import MARIA
from tests.browser.telephone import Telephone
from tests.leads.test_claim_plan import plans, read_whole

HERE = ZoneInfo("America/Los_Angeles")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of the first week of December 2026, which begins on a Tuesday."""
    return datetime(2026, 12, day, hour, minute, tzinfo=HERE).astimezone(UTC)


@pytest.fixture
def clinic(practice: Practice) -> Practice:
    hours = TRIAL_HOURS.to_json()
    practice.zone, practice.closed_days = hours.pop("zone"), hours.pop("closed")
    practice.weekly_hours = hours
    return practice


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (at(1, 17, 59), None),
        (at(1, 18), 1),
        (at(1, 23, 59), 1),
        (at(2, 0), None),  # what comes so late waits for the next day's
        (at(5, 13), 5),  # Saturday closes at one
        (at(6, 17, 59), None),
        (at(6, 18), 6),  # closed on Sundays: six in the evening
    ],
)
def test_it_goes_at_the_closing_or_at_six(clinic: Practice, now: datetime, day: int | None) -> None:
    due = digest.due(clinic, now)
    assert (due and due.day) == (date(2026, 12, day) if day else None)


def test_each_counts_from_the_one_before(clinic: Practice) -> None:
    saturday, sunday = digest.due(clinic, at(5, 13)), digest.due(clinic, at(6, 18))
    assert saturday is not None
    assert sunday is not None
    assert (saturday.since, saturday.until) == (at(4, 18), at(5, 13))
    assert (sunday.since, sunday.until) == (at(5, 13), at(6, 18))


def test_a_half_day_and_one_that_ends_at_midnight_have_their_own_closing(clinic: Practice) -> None:
    clinic.closed_days = {"2026-12-01": {"name": "Party", "hours": [["09:00", "12:00"]]}}
    clinic.weekly_hours = {**clinic.weekly_hours, "wed": [["14:00", "24:00"]]}
    noon, midnight = digest.due(clinic, at(1, 12)), digest.due(clinic, at(3, 0))
    assert noon is not None
    assert midnight is not None
    assert (noon.day, midnight.day) == (date(2026, 12, 1), date(2026, 12, 2))
    assert midnight.until == at(3, 0)


def test_a_clinic_that_never_closes_hears_at_six(clinic: Practice) -> None:
    clinic.weekly_hours = {day: [["00:00", "24:00"]] for day in clinic.weekly_hours}
    due = digest.due(clinic, at(1, 18))
    assert due is not None
    assert due.until - due.since == timedelta(days=1)


def test_texts_are_counted_by_who_wrote_them(session: Session, clinic: Practice) -> None:
    day = digest.due(clinic, at(1, 18))
    assert day is not None
    phone = Telephone(session)
    phone.miss(MARIA, at(1, 10))
    phone.send_due(at(1, 11))
    phone.text(MARIA, "Do you have a time on Friday?", at(1, 12))
    ours = desk.reply(session, phone.lead(MARIA), None, at(1, 13), "Yes, at 2 PM.")
    ours.advance(session, "undelivered", at(1, 13), 30003, None)
    phone.text(MARIA, "Thank you!", at(1, 19))  # the next day's
    session.flush()
    told = digest.counts(session, day)
    assert (told.texts_in, told.texts_out, told.texts_failed) == (1, 2, 1)


def test_the_counts_read_no_long_table_whole(database: str, session: Session) -> None:
    assert database
    day = digest.due(Practice.get(session), at(1, 18))
    assert day is not None
    backlog.scheduled(session, 3_000, day.since - timedelta(days=30))
    session.execute(text("ANALYZE"))
    _, nodes = plans(session, lambda: digest.counts(session, day))
    assert "message" not in read_whole(nodes)
    used = {node.get("Index Name") for node in nodes}
    assert {"ix_message_written", "ix_message_automated", "ix_message_undelivered"} <= used


def test_an_empty_day_counts_nothing(session: Session, clinic: Practice) -> None:
    day = digest.due(clinic, at(1, 18))
    assert day is not None
    told = digest.counts(session, day)
    assert (told.calls, told.waiting, told.texts_failed) == (0, 0, 0)
