"""Opening hours as settings keep them, and what is said about hours that make no sense."""

from datetime import date, time
from typing import Any

import pytest

from leads.opening_hours import TRIAL_HOURS, OpeningHours, federal_holidays

CHRISTMAS = date(2026, 12, 25)


def test_hours_survive_a_round_trip() -> None:
    hours = OpeningHours(
        "America/Chicago",
        {0: [(time(9), time(12)), (time(13), time(0))], 6: [(time(0), time(0))]},
        {CHRISTMAS: "Christmas Day"},
    )
    data = hours.to_json()
    assert data["mon"] == [["09:00", "12:00"], ["13:00", "24:00"]]
    assert data["tue"] == []
    assert data["closed"] == {"2026-12-25": "Christmas Day"}
    assert OpeningHours.from_json(data) == hours


def test_the_trial_hours_are_the_written_ones() -> None:
    assert TRIAL_HOURS.to_json() == {
        "zone": "America/Los_Angeles",
        **{day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        "sat": [["09:00", "13:00"]],
        "sun": [],
        "closed": {},
    }


def test_the_practices_own_zone_goes_before_the_datas() -> None:
    hours = OpeningHours.from_json({"zone": "America/Chicago", "mon": [["9:00", "17:30"]]}, "UTC")
    assert hours.zone == "UTC"
    assert hours.weekly[0] == ((time(9), time(17, 30)),)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({"mon": [["18:00", "09:00"]]}, "On mon, 18:00 to 09:00 does not end after it starts"),
        ({"mon": [["09:00", "09:00"]]}, "does not end after it starts"),
        ({"tue": [["22:00", "00:00"]]}, "On tue, .* is not an opening"),
        ({"mon": [["09:00", "13:00"], ["12:00", "18:00"]]}, "On mon, two openings overlap at 12"),
        ({"mon": [["09:00", "24:00"], ["12:00", "18:00"]]}, "On mon, two openings overlap"),
        ({"mon": [["9am", "5pm"]]}, "On mon, .* is not an opening"),
        ({"mon": [["09:00"]]}, "On mon, .* is not an opening"),
        ({"mon": [[9, 17]]}, "On mon, .* is not an opening"),
        ({"mon": [["24:00", "24:00"]]}, "On mon, .* is not an opening"),
        ({"mon": "09:00-18:00"}, "On mon, the hours must be a list"),
        ({"monday": []}, "not 'monday'"),
        ({"closed": ["2026-12-25"]}, "Closed days must be dates"),
        ({"closed": {"Christmas": "25 Dec"}}, "Closed days must be dates"),
        ({"zone": "Pacific Time"}, "'Pacific Time' is not a time zone"),
        ({"zone": ""}, "is not a time zone"),
        ({"zone": 8}, "is not a time zone"),
        ({"zone": "../../etc/passwd"}, "is not a time zone"),
        ([["09:00", "18:00"]], "must be days with hours"),
    ],
)
def test_hours_that_make_no_sense_get_a_sentence(data: Any, complaint: str) -> None:
    if isinstance(data, dict):
        data = {"zone": "America/Los_Angeles", **data}
    with pytest.raises(ValueError, match=complaint):
        OpeningHours.from_json(data)


def test_hours_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="not a time zone"):
        OpeningHours.from_json({"mon": [["09:00", "18:00"]]})


def test_weekdays_and_minutes_must_be_whole_ones() -> None:
    with pytest.raises(ValueError, match="Weekdays are 0"):
        OpeningHours("UTC", {7: [(time(9), time(18))]})
    with pytest.raises(ValueError, match="whole minutes"):
        OpeningHours("UTC", {0: [(time(9), time(18, 0, 30))]})


def test_federal_holidays_come_with_their_observed_days() -> None:
    year = federal_holidays(2026)
    assert year[date(2026, 11, 26)] == "Thanksgiving Day"
    assert date(2026, 7, 4) in year
    assert "observed" in year[date(2026, 7, 3)]
    assert date(2027, 12, 31) in federal_holidays(2027)  # New Year's Day 2028 is a Saturday
    assert len({name.removesuffix(" (observed)") for name in year.values()}) == 11


def test_changing_the_returned_holidays_changes_nothing() -> None:
    federal_holidays(2026).clear()
    assert CHRISTMAS in federal_holidays(2026)
