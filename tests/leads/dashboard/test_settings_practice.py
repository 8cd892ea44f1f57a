"""The practice page says what a change will do before it is saved; holidays and half days."""

from collections.abc import Iterator

import httpx
import pytest

from leads import db
from leads.dashboard.app import app
from leads.dashboard.pages.settings import hours_text
from leads.practice import Practice
from tests.browser import people
from tests.leads.dashboard.desk import press, signed_in
from tests.leads.dashboard.test_pages import plain
from tests.server import serving

PAGE = "/settings/practice"
PREVIEW = f"{PAGE}/preview"
AS_IT_IS = {
    "name": "Back In Balance Chiropractic",
    "phone": "425-437-9974",
    "zone": "America/Los_Angeles",
    "promise_minutes": "30",
    "consent_mode": "call",
    **dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "9 AM - 6 PM"),
    "sat": "9 AM - 1 PM",
    "sun": "closed",
    "closed_days": "",
}


@pytest.fixture
def admin(morning: str) -> Iterator[httpx.Client]:
    assert morning
    with serving(app) as address, signed_in(address, people.ADMIN) as opened:
        yield opened


def practice() -> Practice:
    with db.transaction() as session:
        return Practice.get(session)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, "Nothing: it is as it stands."),
        ({"mon": "9 AM - 5 PM"}, "Mondays, calls from 5:00 PM to 6:00 PM go to voicemail."),
        (
            {"fri": "9 AM - 12 PM, 1 PM - 7 PM"},
            "Fridays, calls from 6:00 PM to 7:00 PM ring your phones.",
        ),
        (
            {"fri": "9 AM - 12 PM, 1 PM - 7 PM"},
            "Fridays, calls from 12:00 PM to 1:00 PM go to voicemail.",
        ),
        ({"sat": ""}, "Saturdays, calls from 9:00 AM to 1:00 PM go to voicemail."),
        ({"closed_days": "2026-12-25"}, "Friday, December 25: all calls go to voicemail."),
        (
            {"closed_days": "2026-12-24 9 AM - 12:30 PM Christmas Eve"},
            "Thursday, December 24: your phones ring from 9:00 AM to 12:30 PM; else calls go to",
        ),
        ({"promise_minutes": "60"}, "that you call back within 60 minutes instead of 30."),
        ({"promise_minutes": "10"}, "more of those who wait now are late by it."),
        ({"consent_mode": "keypress"}, "Consent by “by key press”: a text goes only to callers"),
        ({"zone": "America/New_York"}, "It is 1:4"),
        ({"name": "Upright"}, "Greetings and texts say “Upright”."),
    ],
)
def test_it_says_what_saving_would_do_and_changes_nothing(
    admin: httpx.Client, change: dict[str, str], sentence: str
) -> None:
    page = press(admin, PREVIEW, **(AS_IT_IS | change))
    assert page.status_code == 200
    assert sentence in plain(page)
    kept = practice()
    assert (kept.name, kept.promise_minutes, kept.closed_days) == (AS_IT_IS["name"], 30, {})


def test_a_wrong_value_is_marked_and_nothing_is_foretold(admin: httpx.Client) -> None:
    page = press(admin, PREVIEW, **(AS_IT_IS | {"mon": "nine to five"}))
    assert page.status_code == 422
    assert "is not understood" in page.text
    assert "nine to five" in page.text
    assert admin.get(PREVIEW).headers["location"] == PAGE


def test_the_next_holidays_are_offered_and_ticked(admin: httpx.Client) -> None:
    page = admin.get(PAGE)
    assert "Christmas Day, Fri, Dec 25" in page.text
    told = AS_IT_IS | {"holiday": "2026-12-25 Christmas Day"}
    assert "December 25: all calls go to voicemail." in plain(press(admin, PREVIEW, **told))
    assert press(admin, PAGE, **told).status_code == 303
    assert practice().closed_days == {"2026-12-25": "Christmas Day"}
    assert "Christmas Day, Fri, Dec 25" not in admin.get(PAGE).text


def test_a_half_day_is_kept_with_its_hours(admin: httpx.Client) -> None:
    line = "2026-12-24 9 AM - 12 PM Christmas Eve"
    assert press(admin, PAGE, **(AS_IT_IS | {"closed_days": line})).status_code == 303
    kept = practice()
    half = {"name": "Christmas Eve", "hours": [["09:00", "12:00"]]}
    assert kept.closed_days == {"2026-12-24": half}
    assert "2026-12-24 9:00 AM \u2013 12:00 PM Christmas Eve" in admin.get(PAGE).text


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2026-12-25 Christmas", {"2026-12-25": "Christmas"}),
        ("2026-12-24 9:00-12:30", {"2026-12-24": {"name": "", "hours": [["09:00", "12:30"]]}}),
        (
            "2026-04-01 9:00-12:30 April fools",
            {"2026-04-01": {"name": "April fools", "hours": [["09:00", "12:30"]]}},
        ),
    ],
)
def test_days_are_read_as_people_write_them(typed: str, read: dict[str, object]) -> None:
    assert hours_text.read_days(typed) == read
    assert hours_text.read_days(hours_text.shown_days(read)) == read


def test_half_hours_that_can_be_read_in_two_ways_are_asked_back() -> None:
    with pytest.raises(ValueError, match="could be read in two ways"):
        hours_text.read_days("2026-12-24 1-5 Christmas Eve")
