"""What the promise clock says, and how the pages tell time."""

from datetime import UTC, datetime, timedelta

import pytest

from leads.dashboard.pages.promise import from_closed_hours, of_closed_hours, put_off, waiting
from leads.dashboard.pages.times import Times, minutes_in_words, seconds_in_words
from leads.opening_hours import TRIAL_HOURS

TUESDAY_TEN = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)
ZONE = "America/Los_Angeles"


@pytest.mark.parametrize(
    ("since", "now", "words", "tone"),
    [
        ("10:00", "10:05", "25 of 30 min left", "fine"),
        ("10:00", "10:16", "14 of 30 min left", "fine"),
        ("10:00", "10:21", "9 of 30 min left", "soon"),
        ("10:00", "10:30", "Due now", "late"),
        ("10:00", "10:42", "Late by 12 min", "late"),
        ("10:00", "12:40", "Late by 2 h 10 min", "late"),
        ("17:50", "18:30", "20 of 30 min left when you open", "resting"),
        ("17:50", "+09:05", "15 of 30 min left", "fine"),
        ("18:30", "18:40", "Call tomorrow at 9:00\xa0AM", "resting"),
        ("18:30", "+08:40", "Call today at 9:00\xa0AM", "resting"),
        ("18:30", "+09:10", "Call this morning", "soon"),
        ("18:30", "+11:20", "Late by 20 min", "late"),
    ],
)
def test_the_wait_is_told_in_open_minutes(since: str, now: str, words: str, tone: str) -> None:
    said = waiting(TRIAL_HOURS, 30, moment(since), Times(moment(now), ZONE))
    assert (said.words, said.tone) == (words, tone)


def test_a_wait_of_days_is_told_by_its_day() -> None:
    said = waiting(TRIAL_HOURS, 30, moment("10:00"), Times(moment("16:00", days=3), ZONE))
    assert said.words == "Late since Tuesday"


def test_a_call_after_closing_waits_since_last_night() -> None:
    said = waiting(TRIAL_HOURS, 30, moment("20:14"), Times(moment("+09:10"), ZONE))
    assert said.since == "since last night, 8:14\xa0PM"


@pytest.mark.parametrize(
    ("since", "now", "words"),
    [
        (["10:00"], "10:05", []),  # the promise holds
        (["18:30", "20:14"], "20:30", ["2 from closed hours: call all by 11:00\xa0AM tomorrow"]),
        (["18:30"], "+08:00", ["1 from closed hours: call by 11:00\xa0AM"]),
        (["18:30", "+08:59", "+09:05"], "+10:59", ["2 from closed hours: call all by 11:00\xa0AM"]),
        (["18:30"], "+11:20", ["1 from closed hours, late by 20 min: was due by 11:00\xa0AM"]),
        (
            ["08:00", "20:00"],
            "20:30",
            [
                "1 from closed hours, late by 7 h: was due by 11:00\xa0AM",
                "1 from closed hours: call by 11:00\xa0AM tomorrow",
            ],
        ),
    ],
)
def test_those_from_closed_hours_share_one_stated_target(
    since: list[str], now: str, words: list[str]
) -> None:
    times = Times(moment(now), ZONE)
    told = from_closed_hours(TRIAL_HOURS, [moment(at) for at in since], times)
    assert [group.words for group in told] == words
    more = from_closed_hours(TRIAL_HOURS, [moment(at) for at in since], times, more=True)
    assert all(group.words.startswith("From closed hours") for group in more)


def test_a_row_from_closed_hours_has_no_clock_of_its_own() -> None:
    times = Times(moment("+11:20"), ZONE)
    assert of_closed_hours(TRIAL_HOURS, moment("10:00"), times) is None
    said = of_closed_hours(TRIAL_HOURS, moment("20:14"), times)
    assert said is not None
    assert (said.words, said.tone, said.share) == ("Late, from closed hours", "late", None)


def test_who_was_put_off_waits_since_the_moment_of_coming_back() -> None:
    said = put_off(TRIAL_HOURS, 30, moment("14:00"), Times(moment("14:10"), ZONE))
    assert (said.words, said.since) == ("20 of 30 min left", "snoozed until 2:00\xa0PM")


def moment(text: str, days: int = 0) -> datetime:
    """A time of that Tuesday; with a plus, of the day after."""
    hour, minute = (int(part) for part in text.lstrip("+").split(":"))
    ahead = days + text.startswith("+")
    return TUESDAY_TEN + timedelta(days=ahead, hours=hour - 10, minutes=minute)


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(), "10:00\xa0AM"),
        (timedelta(hours=3, minutes=5), "1:05\xa0PM"),
        (timedelta(hours=-11), "yesterday 11:00\xa0PM"),
        (timedelta(days=1), "tomorrow 10:00\xa0AM"),
        (timedelta(days=-3), "Saturday 10:00\xa0AM"),
        (timedelta(days=-15), "Mon, Nov 16, 10:00\xa0AM"),
        (timedelta(days=60), "Sat, Jan 30, 2027, 10:00\xa0AM"),
    ],
)
def test_a_moment_is_told_as_people_say_it(ahead: timedelta, words: str) -> None:
    assert Times(TUESDAY_TEN, ZONE).when(TUESDAY_TEN + ahead) == words


def test_lengths_are_told_in_words_and_digits() -> None:
    assert [minutes_in_words(m) for m in (0.4, 59, 60, 61)] == [
        "1 min",
        "59 min",
        "1 h",
        "1 h 1 min",
    ]
    assert [seconds_in_words(s) for s in (None, 34, 725, 3727)] == [
        "0:00",
        "0:34",
        "12:05",
        "1:02:07",
    ]
