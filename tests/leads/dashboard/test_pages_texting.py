"""Settings of automated texts: the window and its hard limits, the hold, who answers STOP."""

from datetime import time

import httpx
import pytest

from leads import db
from leads.practice import Practice
from tests.browser import people
from tests.leads.dashboard.desk import press, signed_in
from tests.leads.dashboard.test_pages import plain
from tests.leads.dashboard.test_pages_settings import address, admin, audited, save

__all__ = ["address", "admin"]  # fixtures

TYPED = {
    **{f"day_{day}": "on" for day in (0, 1, 2, 3)},
    "texting_from": "10:00",
    "texting_until": "18:30",
    "opening_hold_minutes": "45",
    "optout_owner": "app",
    "lookup_landlines": "on",
}


def test_what_is_saved_is_kept_shown_and_audited(admin: httpx.Client) -> None:
    assert save(admin, "texting", **TYPED).status_code == 303
    with db.transaction() as session:
        practice = Practice.get(session)
        assert practice.texting_days == [0, 1, 2, 3]
        assert (practice.texting_from, practice.texting_until) == (time(10), time(18, 30))
        assert (practice.opening_hold_minutes, practice.optout_owner) == (45, "app")
        assert practice.lookup_landlines
    page = admin.get("/settings/texting").text
    assert 'value="18:30"' in page
    assert 'name="day_3" checked' in page
    assert 'name="day_4">' in page
    changed = [
        "texting_days",
        "texting_from",
        "texting_until",
        "opening_hold_minutes",
        "optout_owner",
        "lookup_landlines",
    ]
    assert audited() == [{"page": "texting", "changed": changed}]
    save(admin, "texting", **TYPED)
    assert len(audited()) == 1  # nothing changed


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("texting_from", "07:30", "must stay between 8 AM and 8 PM"),
        ("texting_until", "20:30", "must stay between 8 AM and 8 PM"),
        ("texting_until", "10:00", "must stay between 8 AM and 8 PM"),
        ("texting_from", "", "Give the time of day"),
        ("opening_hold_minutes", "121", "Give a whole number of minutes from 0 to 120."),
        ("optout_owner", "nobody", "Choose one of these."),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_stays_typed(
    admin: httpx.Client, field: str, typed: str, sentence: str
) -> None:
    answer = save(admin, "texting", **(TYPED | {field: typed}))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'aria-invalid="true"' in answer.text or field == "optout_owner"
    assert audited() == []
    if field != "optout_owner":
        assert f'value="{typed}"' in answer.text


def test_at_least_one_day_is_chosen(admin: httpx.Client) -> None:
    days = {name: "" for name in TYPED if name.startswith("day_")}
    answer = save(admin, "texting", **(TYPED | days))
    assert answer.status_code == 422
    assert "Choose at least one day." in answer.text


def test_the_page_says_the_hard_limits_the_caps_and_what_costs_money(
    admin: httpx.Client,
) -> None:
    said = plain(admin.get("/settings/texting"))
    assert "Never before 8 AM, after 8 PM, on Sundays or on federal holidays" in said
    assert "1 text in 24 hours, 3 in 7 days, 3 without a reply" in said
    assert "Costs money: Twilio takes a fee per number" in said
    assert 'href="/settings/plans"' in admin.get("/settings/texting").text


def test_the_front_desk_changes_none_of_it(address: str) -> None:
    with signed_in(address, people.RECEPTIONIST) as rosa:
        assert press(rosa, "/settings/texting", **TYPED).status_code == 403
    assert audited() == []
