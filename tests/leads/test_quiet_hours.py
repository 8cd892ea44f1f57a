"""When an automated text may reach a person."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.opening_hours import federal_holidays
from leads.quiet_hours import (
    STATE_RULES,
    STATE_RULES_VERSION,
    Window,
    is_inside,
    next_inside,
    place,
    recipient_zones,
    seconds_left,
    why_not,
    window_for,
)

UNHURRIED = settings(deadline=None)  # the first example loads tables from disk

SEATTLE, NEW_YORK = "America/Los_Angeles", "America/New_York"
HOME = "+14254379974"
DEFAULT = Window()


def at(zone: str, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """An instant of November 2026, of which the 26th, a Thursday, is Thanksgiving."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("instant", "zones", "reason", "left"),
    [
        (at(SEATTLE, 20, 8, 59, 59), [SEATTLE], "before 9 AM in Los Angeles", 0),
        (at(SEATTLE, 20, 9), [SEATTLE], "", 11 * 3600),
        (at(SEATTLE, 20, 19, 59, 59), [SEATTLE], "", 1),
        (at(SEATTLE, 20, 20), [SEATTLE], "after 8 PM in Los Angeles", 0),
        (at(SEATTLE, 21, 12), [SEATTLE], "", 8 * 3600),
        (at(SEATTLE, 22, 12), [SEATTLE], "Sunday in Los Angeles", 0),
        (at(SEATTLE, 26, 12), ["America/Chicago"], "Thanksgiving Day in Chicago", 0),
        (at(SEATTLE, 20, 9), [SEATTLE, NEW_YORK], "", 8 * 3600),
        (at(SEATTLE, 20, 17), [SEATTLE, NEW_YORK], "after 8 PM in New York", 0),
        (at(SEATTLE, 20, 8), [SEATTLE, NEW_YORK], "before 9 AM in Los Angeles", 0),
        (at(SEATTLE, 21, 17), ["Asia/Tokyo"], "Sunday in Tokyo", 0),
    ],
)
def test_the_shipped_window_at_its_edges(
    instant: datetime, zones: list[str], reason: str, left: int
) -> None:
    assert why_not(instant, zones, DEFAULT) == reason
    assert is_inside(instant, zones, DEFAULT) is (not reason)
    assert seconds_left(instant, zones, DEFAULT) == left


def test_a_seattle_number_living_in_new_york_is_asked_in_both_zones() -> None:
    zones = recipient_zones(HOME, SEATTLE, NEW_YORK)
    assert zones == {SEATTLE, NEW_YORK}
    assert next_inside(at(NEW_YORK, 20, 9), zones, DEFAULT) == at(NEW_YORK, 20, 12)
    assert next_inside(at(SEATTLE, 20, 17), zones, DEFAULT) == at(SEATTLE, 21, 9)


def test_the_clinics_zone_counts_until_an_address_is_known() -> None:
    assert recipient_zones("+12125550123", SEATTLE, None) == {SEATTLE, NEW_YORK}
    assert recipient_zones("+12125550123", SEATTLE, NEW_YORK) == {NEW_YORK}
    assert recipient_zones("+19995550123", SEATTLE, None) == {SEATTLE}


def test_a_number_of_a_split_state_waits_for_the_later_zone() -> None:
    idaho = recipient_zones("+12085550123", "America/Boise", None)
    assert idaho == {"America/Boise", SEATTLE}
    assert next_inside(at("America/Boise", 20, 8), idaho, DEFAULT) == at(SEATTLE, 20, 9)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (at(SEATTLE, 20, 12), at(SEATTLE, 20, 12)),
        (at(SEATTLE, 20, 20), at(SEATTLE, 21, 9)),
        (at(SEATTLE, 21, 20), at(SEATTLE, 23, 9)),
        (at(SEATTLE, 25, 20), at(SEATTLE, 27, 9)),
    ],
)
def test_a_late_text_waits_for_the_next_sending_day(asked: datetime, expected: datetime) -> None:
    assert next_inside(asked, [SEATTLE], DEFAULT) == expected


def test_zones_without_a_common_hour_are_for_a_person_to_decide() -> None:
    # 20:00 in Seattle is 09:00 the next day in Karachi, for as long as it is winter.
    assert next_inside(at(SEATTLE, 20, 12), [SEATTLE, "Asia/Karachi"], DEFAULT) is None


def test_the_search_ends_after_the_days_it_was_given() -> None:
    saturday_evening = at(SEATTLE, 21, 20)
    assert next_inside(saturday_evening, [SEATTLE], DEFAULT, days=1) is None
    assert next_inside(saturday_evening, [SEATTLE], DEFAULT, days=2) == at(SEATTLE, 23, 9)
    tuesdays = Window(weekdays=frozenset({1}))
    assert next_inside(at(SEATTLE, 24, 20), [SEATTLE], tuesdays) == at(SEATTLE, 24, 9) + timedelta(
        7
    )
    nothing = Window(weekdays=frozenset())
    assert next_inside(saturday_evening, [SEATTLE], nothing) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # clocks go forward in the night to Sunday 2026-03-08, back on 2026-11-01
        (datetime(2026, 3, 7, 20), datetime(2026, 3, 9, 9)),  # noqa: DTZ001 - zone added below
        (datetime(2026, 10, 31, 20), datetime(2026, 11, 2, 9)),  # noqa: DTZ001 - zone added below
    ],
)
def test_nine_oclock_is_nine_oclock_on_both_sides_of_a_clock_change(
    before: datetime, after: datetime
) -> None:
    zone = ZoneInfo(SEATTLE)
    expected = after.replace(tzinfo=zone)
    assert next_inside(before.replace(tzinfo=zone), [SEATTLE], DEFAULT) == expected
    assert not is_inside(expected - timedelta(seconds=1), [SEATTLE], DEFAULT)
    assert seconds_left(expected, [SEATTLE], DEFAULT) == 11 * 3600


@pytest.mark.parametrize(
    ("start", "end"),
    [(time(7, 59), time(20)), (time(9), time(20, 1)), (time(0), time(0)), (time(12), time(12))],
)
def test_no_setting_widens_the_hard_limit(start: time, end: time) -> None:
    with pytest.raises(ValueError, match="must stay between 8 AM and 8 PM"):
        Window(start=start, end=end)


def test_sundays_are_never_sending_days() -> None:
    with pytest.raises(ValueError, match="never on Sundays"):
        Window(weekdays=frozenset(range(7)))


def test_a_text_without_any_zone_is_refused() -> None:
    now = at(SEATTLE, 20, 12)
    for ask in (is_inside, next_inside, seconds_left, why_not):
        with pytest.raises(ValueError, match="at least one zone"):
            ask(now, [], DEFAULT)


def test_an_instant_without_a_zone_is_refused() -> None:
    naive = at(SEATTLE, 20, 12).replace(tzinfo=None)
    for ask in (is_inside, next_inside, seconds_left, why_not):
        with pytest.raises(ValueError, match="no time zone"):
            ask(naive, [SEATTLE], DEFAULT)


def test_stricter_states_narrow_the_window() -> None:
    wide = Window(start=time(8))
    assert window_for(HOME, wide) == wide
    assert window_for("+14015550123", wide) == Window(start=time(10), end=time(17))
    assert window_for("+15025550123", DEFAULT) == Window(start=time(10), end=time(20))
    assert window_for("+12145550123", DEFAULT) == DEFAULT
    assert window_for("+12145550123", wide) == DEFAULT
    assert window_for(HOME, DEFAULT, address_state="RI") == Window(start=time(10), end=time(17))
    assert window_for("+442079460958", wide) == wide


def test_a_window_that_a_state_leaves_nothing_of_sends_nothing() -> None:
    early = Window(start=time(8), end=time(9))
    narrowed = window_for("+15025550123", early)
    assert next_inside(at(SEATTLE, 20, 8), [SEATTLE], narrowed) is None


def test_the_state_table_is_versioned_and_names_each_area_once() -> None:
    assert datetime.strptime(STATE_RULES_VERSION, "%Y-%m-%d").replace(tzinfo=UTC)
    areas = [area for rule in STATE_RULES.values() for area in rule.area_codes.split()]
    assert len(areas) == len(set(areas))
    assert all(len(area) == 3 and area.isdigit() for area in areas)
    for rule in STATE_RULES.values():
        assert rule.start > time(8) or rule.end < time(20)


def test_zones_are_named_as_people_say_them() -> None:
    assert place("America/New_York") == "New York"
    assert place("America/North_Dakota/Center") == "Center, North Dakota"
    assert place("UTC") == "UTC"


ZONES = st.sets(
    st.sampled_from(
        [
            *(SEATTLE, NEW_YORK, "America/Boise", "America/Phoenix", "Pacific/Honolulu"),
            *("America/St_Johns", "America/Havana", "Europe/London", "America/Puerto_Rico"),
        ]
    ),
    min_size=1,
    max_size=4,
)
CHANGES = [date(2026, 3, 7), date(2026, 10, 31), date(2027, 3, 13), date(2026, 12, 23)]
INSTANTS = st.builds(
    lambda day, seconds: datetime.combine(day, time(0), UTC) + timedelta(seconds=seconds),
    st.sampled_from(CHANGES),
    st.integers(0, 4 * 24 * 3600),
) | st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2028, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.just(UTC),
)
WINDOWS = st.builds(
    lambda days, start, hours: Window(frozenset(days), time(start), time(min(20, start + hours))),
    st.sets(st.integers(0, 5), min_size=1),
    st.integers(8, 19),
    st.integers(1, 12),
)


@UNHURRIED
@given(INSTANTS, ZONES, WINDOWS)
def test_inside_means_allowed_by_every_clock(
    instant: datetime, zones: set[str], window: Window
) -> None:
    locals_ = [instant.astimezone(ZoneInfo(zone)) for zone in zones]
    allowed = all(
        window.start <= local.time() < window.end
        and local.weekday() in window.weekdays
        and local.weekday() != 6
        and local.date() not in federal_holidays(local.year)
        for local in locals_
    )
    assert is_inside(instant, zones, window) is allowed
    assert (why_not(instant, zones, window) == "") is allowed


@UNHURRIED
@given(INSTANTS, ZONES, WINDOWS)
def test_the_next_instant_is_inside_and_the_earliest(
    instant: datetime, zones: set[str], window: Window
) -> None:
    found = next_inside(instant, zones, window)
    # Windows begin and end on quarters of an hour in all zones, so these are all candidates.
    quarter = instant.replace(minute=0, second=0, microsecond=0)
    quarters = (quarter + timedelta(minutes=15 * n) for n in range(1, 7 * 96))
    candidates = [instant, *(q for q in quarters if instant < q <= instant + timedelta(days=7))]
    expected = next((c for c in candidates if is_inside(c, zones, window)), None)
    assert found == expected


@UNHURRIED
@given(INSTANTS, ZONES, WINDOWS)
def test_a_text_that_is_valid_for_the_time_left_never_arrives_outside(
    instant: datetime, zones: set[str], window: Window
) -> None:
    left = seconds_left(instant, zones, window)
    assert 0 <= left <= 12 * 3600
    if left:
        assert is_inside(instant + timedelta(seconds=left - 1), zones, window)
        assert not is_inside(instant + timedelta(seconds=left + 1), zones, window)


@pytest.mark.parametrize(
    ("moment", "number", "why"),
    [
        (at(SEATTLE, 21, 21, 30), "+13055550142", "Sunday in Florida"),
        (at(SEATTLE, 20, 18), "+12125550142", "after 8 PM in New York"),
        (at(SEATTLE, 20, 20), "+12065550142", "after 8 PM in Washington"),
        # The hour is right where they are, and wrong where the clinic is.
        (at(SEATTLE, 20, 8), "+13055550142", "before 9 AM in Los Angeles"),
        (at(SEATTLE, 20, 12), "+13055550142", ""),
        # Of Canada no states are known.
        (at(SEATTLE, 20, 18), "+14165550142", "after 8 PM in Toronto"),
    ],
)
def test_whoever_is_elsewhere_is_said_to_be_in_their_state(
    moment: datetime, number: str, why: str
) -> None:
    zones = recipient_zones(number, SEATTLE, None)
    assert why_not(moment, zones, Window(), number) == why
