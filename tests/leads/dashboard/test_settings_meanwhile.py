"""Two admins on one page of the settings: neither undoes in silence what the other saved."""

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest
from sqlalchemy import select

from leads import db
from leads.dashboard.app import app
from leads.practice import Practice, PracticePhone
from leads.staff import add_staff
from leads.tracking_number import TrackingNumber
from tests.browser import people
from tests.leads.dashboard.desk import press, signed_in
from tests.leads.dashboard.test_pages import plain
from tests.server import serving

BEN = "ben@clinic.example"


@pytest.fixture
def admins(morning: str) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Anna and Ben."""
    assert morning
    with db.transaction() as session:
        add_staff(session, BEN, "admin", people.PASSWORD, name="Ben Ode")
    with (
        serving(app) as address,
        signed_in(address, people.ADMIN) as anna,
        signed_in(address, BEN) as ben,
    ):
        yield anna, ben


def form(client: httpx.Client, page: str, action: str) -> dict[str, str]:
    """The fields of a form, as a browser would send them."""
    return fields(client.get(page).text, action)


def fields(page: str, action: str) -> dict[str, str]:
    inside = page.split(f'<form method="post" action="{action}"')[1].split("</form>")[0]
    told: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]+>", inside):
        about = dict(re.findall(r'([a-z_-]+)="([^"]*)"', tag))
        kind = about.get("type", "text")
        if "name" not in about or (kind in {"radio", "checkbox"} and " checked" not in tag):
            continue
        told[about["name"]] = unescape(about.get("value", "on"))
    for name, words in re.findall(r'<textarea [^>]*name="(\w+)"[^>]*>([^<]*)<', inside):
        told[name] = unescape(words)
    for name, options in re.findall(r'<select [^>]*name="(\w+)"[^>]*>(.*?)</select>', inside):
        told[name] = re.findall(r"<option[^>]*>([^<]+)<", options)[0]
    del told["csrf_token"]
    return told


def stored(field: str) -> object:
    with db.transaction() as session:
        return getattr(Practice.get(session), field)


PAGES = [
    ("practice", "promise_minutes", "45", "mon", "9 AM - 5 PM", "weekly_hours"),
    ("practice", "closed_days", "2026-12-24\n2026-12-25 Christmas", "name", "Balance", "name"),
    ("texting", "opening_hold_minutes", "20", "texting_until", "19:00", "texting_until"),
    ("greetings", "greeting_voicemail", "Speak now.", "greeting_open", "Hello.", "greeting_open"),
]


@pytest.mark.parametrize(("page", "one", "first", "other", "second", "column"), PAGES)
def test_who_saves_later_keeps_what_they_did_not_touch(
    admins: tuple[httpx.Client, httpx.Client],
    page: str,
    one: str,
    first: str,
    other: str,
    second: str,
    column: str,
) -> None:
    anna, ben = admins
    path = f"/settings/{page}"
    before = form(ben, path, path)
    assert press(anna, path, **form(anna, path, path) | {one: first}).status_code == 303
    kept, was = stored(one), stored(column)
    assert press(ben, path, **before | {other: second}).status_code == 303
    assert stored(one) == kept
    assert stored(column) != was


@pytest.mark.parametrize(
    ("page", "field", "first", "second", "words"),
    [
        ("practice", "promise_minutes", "45", "60", "to “45”"),
        ("practice", "mon", "9 AM - 5 PM", "9 AM - 4 PM", "to “9:00 AM – 5:00 PM”"),  # noqa: RUF001 - as it is shown
        ("practice", "consent_mode", "notice", "keypress", "to “"),
        ("texting", "texting_until", "19:00", "18:00", "to “19:00”"),
        ("texting", "opening_hold_minutes", "20", "25", "to “20”"),
        ("greetings", "greeting_open", "Hello.", "Good day.", "to “Hello.”"),
    ],
)
def test_what_both_changed_is_asked_for_once_more(
    admins: tuple[httpx.Client, httpx.Client],
    page: str,
    field: str,
    first: str,
    second: str,
    words: str,
) -> None:
    anna, ben = admins
    path = f"/settings/{page}"
    before = form(ben, path, path) | {field: second}
    press(anna, path, **form(anna, path, path) | {field: first})
    refused = press(ben, path, **before)
    assert refused.status_code == 422
    assert f"Anna Berg changed this meanwhile {words}" in plain(refused)
    assert "save again to replace it" in plain(refused)
    again = fields(refused.text, path)
    assert again[field] == second
    assert press(ben, path, **again).status_code == 303
    assert form(anna, path, path)[field] == form(ben, path, path)[field]
    assert "changed this meanwhile" not in plain(press(ben, path, **form(ben, path, path)))


def test_a_tick_that_both_changed_is_no_question(
    admins: tuple[httpx.Client, httpx.Client],
) -> None:
    anna, ben = admins
    path = "/settings/texting"
    before = form(ben, path, path)
    assert before.pop("day_1") == "on"
    ticks = form(anna, path, path)
    ticks.pop("day_1")
    ticks.pop("day_2")
    press(anna, path, **ticks)
    assert press(ben, path, **before).status_code == 303
    assert {1, 2}.isdisjoint(stored("texting_days"))  # type: ignore[arg-type] # a list of days


@pytest.mark.parametrize(
    ("page", "noun", "mine", "theirs"),
    [
        ("phones", PracticePhone, {"ring_seconds": "25"}, {"label": "Desk"}),
        ("numbers", TrackingNumber, {"own_greeting": "Hello."}, {"label": "The page"}),
    ],
)
def test_a_phone_and_a_number_of_two_admins(
    admins: tuple[httpx.Client, httpx.Client],
    page: str,
    noun: type[PracticePhone] | type[TrackingNumber],
    mine: dict[str, str],
    theirs: dict[str, str],
) -> None:
    anna, ben = admins
    with db.transaction() as session:
        row_id = session.scalars(select(noun.id).order_by(noun.id)).first()
    path = f"/settings/{page}"
    action = f"{path}/{row_id}"
    before = form(ben, path, action)
    assert press(anna, action, **form(anna, path, action) | mine).status_code == 303
    assert press(ben, action, **before | theirs).status_code == 303
    now = form(ben, path, action)
    assert {**now, **mine, **theirs} == now
    ((field, value),) = mine.items()
    refused = press(ben, action, **before | {field: "30"})
    assert refused.status_code == 422
    assert f"Anna Berg changed this meanwhile to “{value}”" in plain(refused)
    assert press(ben, action, **fields(refused.text, action)).status_code == 303
    assert form(ben, path, action)[field] == "30"
