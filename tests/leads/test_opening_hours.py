"""When the practice is open, and the clock that runs only then."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.opening_hours import TRIAL_HOURS, OpeningHours, instant

UNHURRIED = settings(deadline=None)  # the first example loads tables from disk

SEATTLE = ZoneInfo("America/Los_Angeles")
FRIDAY = date(2026, 11, 20)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), SEATTLE)


def day(number: int) -> date:
    """A day of November 2026, of which the 20th is a Friday."""
    return date(2026, 11, number)


@pytest.mark.parametrize(
    ("instant", "is_open", "next_opening", "closes_at"),
    [
        (at(day(20), 8, 59), False, at(day(20), 9), None),
        (at(day(20), 9), True, at(day(20), 9), at(day(20), 18)),
        (at(day(20), 17, 59), True, at(day(20), 17, 59), at(day(20), 18)),
        (at(day(20), 18), False, at(day(21), 9), None),
        (at(day(21), 12, 59), True, at(day(21), 12, 59), at(day(21), 13)),
        (at(day(21), 13), False, at(day(23), 9), None),
        (at(day(22), 12), False, at(day(23), 9), None),
    ],
)
def test_the_trial_practice_keeps_its_week(
    instant: datetime, is_open: bool, next_opening: datetime, closes_at: datetime | None
) -> None:
    assert TRIAL_HOURS.is_open(instant) is is_open
    assert TRIAL_HOURS.next_opening(instant) == next_opening
    assert TRIAL_HOURS.closes_at(instant) == closes_at


def test_answers_are_in_utc_whatever_zone_asks() -> None:
    asked = at(day(20), 20).astimezone(ZoneInfo("Asia/Tokyo"))
    opening = TRIAL_HOURS.next_opening(asked)
    assert opening == at(day(21), 9)
    assert opening is not None
    assert opening.tzinfo is UTC


def test_a_closed_day_is_skipped() -> None:
    hours = OpeningHours(TRIAL_HOURS.zone, TRIAL_HOURS.weekly, {day(26): "Thanksgiving Day"})
    assert not hours.is_open(at(day(26), 12))
    assert hours.next_opening(at(day(25), 18)) == at(day(27), 9)
    assert not hours.is_open_day(day(26))


def test_a_practice_that_never_opens_has_no_next_opening() -> None:
    never = OpeningHours("America/Los_Angeles", {})
    assert never.next_opening(at(FRIDAY, 9)) is None
    assert never.add_open_minutes(at(FRIDAY, 9), 1) is None
    assert never.closes_at(at(FRIDAY, 9)) is None


def test_a_practice_that_never_closes_has_no_closing_time() -> None:
    always = OpeningHours("America/Los_Angeles", {d: [(time(0), time(0))] for d in range(7)})
    assert always.is_open(at(FRIDAY, 0))
    assert always.is_open(at(FRIDAY, 23, 59))
    assert always.closes_at(at(FRIDAY, 12)) is None
    assert always.open_minutes_between(at(day(1), 0), at(day(2), 0)) == 25 * 60  # clocks go back


def test_touching_openings_close_once() -> None:
    hours = OpeningHours(
        "America/Los_Angeles",
        {
            4: [(time(12), time(15)), (time(9), time(12)), (time(18), time(0))],
            5: [(time(0), time(2))],
        },
    )
    assert hours.closes_at(at(FRIDAY, 9)) == at(FRIDAY, 15)
    assert hours.closes_at(at(FRIDAY, 23)) == at(day(21), 2)
    assert hours.is_open(at(FRIDAY, 23, 59))


@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [
        (at(day(20), 10), 30, at(day(20), 10, 30)),
        (at(day(20), 17, 30), 30, at(day(20), 18)),
        (at(day(20), 17, 45), 30, at(day(21), 9, 15)),
        (at(day(21), 12, 50), 30, at(day(23), 9, 20)),
        (at(day(22), 3), 30, at(day(23), 9, 30)),
        (at(day(22), 3), 0, at(day(22), 3)),
    ],
)
def test_the_promise_counts_open_minutes(
    start: datetime, minutes: float, expected: datetime
) -> None:
    assert TRIAL_HOURS.add_open_minutes(start, minutes) == expected
    assert TRIAL_HOURS.open_minutes_between(start, expected) == minutes


def test_minutes_cannot_run_backwards() -> None:
    assert TRIAL_HOURS.open_minutes_between(at(day(20), 12), at(day(20), 9)) == 0
    with pytest.raises(ValueError, match="negative"):
        TRIAL_HOURS.add_open_minutes(at(day(20), 12), -1)


def test_an_instant_without_a_zone_is_refused() -> None:
    naive = at(FRIDAY, 12).replace(tzinfo=None)
    for ask in (TRIAL_HOURS.is_open, TRIAL_HOURS.next_opening, TRIAL_HOURS.closes_at):
        with pytest.raises(ValueError, match="no time zone"):
            ask(naive)
    with pytest.raises(ValueError, match="no time zone"):
        TRIAL_HOURS.add_open_minutes(naive, 0)


NIGHT = OpeningHours("America/Los_Angeles", {6: [(time(0), time(1, 30)), (time(2, 30), time(6))]})


def test_a_time_that_the_clocks_skip_is_the_moment_of_the_change() -> None:
    # On 2026-03-08 the clocks go from 02:00 PST to 03:00 PDT.
    change = datetime(2026, 3, 8, 10, tzinfo=UTC)
    assert instant(date(2026, 3, 8), time(2, 30), SEATTLE) == change
    assert NIGHT.next_opening(datetime(2026, 3, 8, 9, 45, tzinfo=UTC)) == change
    assert NIGHT.closes_at(change) == datetime(2026, 3, 8, 13, tzinfo=UTC)


def test_a_time_that_comes_twice_is_the_first() -> None:
    # On 2026-11-01 the clocks go from 02:00 PDT back to 01:00 PST.
    assert instant(day(1), time(1, 30), SEATTLE) == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    assert not NIGHT.is_open(datetime(2026, 11, 1, 9, 15, tzinfo=UTC))  # 01:15 again
    assert NIGHT.next_opening(datetime(2026, 11, 1, 9, tzinfo=UTC)) == at(day(1), 2, 30)


def test_a_date_that_a_zone_left_out_has_no_opening() -> None:
    apia = ZoneInfo("Pacific/Apia")  # went from the 29th of December 2011 to the 31st
    samoa = OpeningHours("Pacific/Apia", {d: [(time(9), time(17))] for d in range(7)})
    closing = datetime(2011, 12, 29, 17, tzinfo=apia)
    assert samoa.next_opening(closing) == datetime(2011, 12, 31, 9, tzinfo=apia)


INSTANTS = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2028, 12, 31),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.just(UTC),
)
MINUTES = st.integers(0, 24 * 60)


@st.composite
def hours(draw: st.DrawFn) -> OpeningHours:
    """Any week in any of a few zones that change their clocks, at midnight among them."""
    weekly = {}
    for weekday in draw(st.sets(st.integers(0, 6), min_size=1)):
        edges = sorted(draw(st.sets(MINUTES, min_size=2, max_size=6)))
        pairs = zip(edges[::2], edges[1::2], strict=False)
        weekly[weekday] = [(wall(opens), wall(closes)) for opens, closes in pairs]
    zone = draw(
        st.sampled_from(["America/Los_Angeles", "America/Havana", "Australia/Lord_Howe", "UTC"])
    )
    return OpeningHours(zone, weekly)


def wall(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


@UNHURRIED
@given(hours(), INSTANTS)
def test_the_next_opening_is_open_and_nothing_before_it_is(
    practice: OpeningHours, asked: datetime
) -> None:
    opening = practice.next_opening(asked)
    assert opening is not None
    assert opening >= asked
    assert practice.is_open(opening)
    if opening > asked:
        assert practice.open_minutes_between(asked, opening) == 0
        assert not practice.is_open(opening - timedelta(microseconds=1))


@UNHURRIED
@given(hours(), INSTANTS)
def test_it_is_open_until_it_closes(practice: OpeningHours, asked: datetime) -> None:
    closing = practice.closes_at(asked)
    if closing is None:
        assert not practice.is_open(asked) or len(practice.weekly) == 7
        return
    assert practice.is_open(asked)
    assert not practice.is_open(closing)
    assert practice.open_minutes_between(asked, closing) == (closing - asked) / timedelta(minutes=1)


@UNHURRIED
@given(hours(), INSTANTS, st.integers(0, 3000))
def test_adding_open_minutes_and_counting_them_agree(
    practice: OpeningHours, asked: datetime, minutes: int
) -> None:
    later = practice.add_open_minutes(asked, minutes)
    if later is None:  # a week of a few minutes takes more than a year
        return
    assert practice.open_minutes_between(asked, later) == pytest.approx(minutes, abs=1e-6)


@UNHURRIED
@given(hours(), INSTANTS, INSTANTS, INSTANTS)
def test_open_minutes_add_up(practice: OpeningHours, a: datetime, b: datetime, c: datetime) -> None:
    a, b, c = sorted([a, b, c])
    c = min(c, a + timedelta(days=40))
    b = min(b, c)
    whole = practice.open_minutes_between(a, c)
    parts = practice.open_minutes_between(a, b) + practice.open_minutes_between(b, c)
    assert whole == pytest.approx(parts, abs=1e-6)
    assert whole <= (c - a) / timedelta(minutes=1)
