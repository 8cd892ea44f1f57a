"""The first-run guide: what is left is read from the data, and the banner goes with it."""

from collections.abc import Iterator

import httpx
import pytest

from leads import clock, db, errand
from leads.dashboard.app import app
from leads.errand import Errand
from tests.browser import people
from tests.browser.telephone import Telephone
from tests.leads.dashboard.desk import press
from tests.leads.dashboard.people import browser, enter
from tests.leads.dashboard.test_pages import plain
from tests.server import serving

PAGE = "/settings/start"
BANNER = 'id="guide-banner"'


@pytest.fixture
def address(database: str) -> Iterator[str]:
    """An empty installation, and somebody to set it up."""
    assert database
    with db.transaction() as session:
        clock.set_to(session, people.NOW)
        people.nothing_set_up(session)
    with serving(app) as at:
        yield at


@pytest.fixture
def admin(address: str) -> Iterator[httpx.Client]:
    with browser(address) as opened:
        enter(opened, people.ADMIN, people.PASSWORD)
        yield opened


def test_it_goes_from_empty_to_a_tested_call(admin: httpx.Client) -> None:
    assert "5 steps are left." in plain(admin.get("/"))
    assert "5 steps are left until calls are tested" in plain(admin.get(PAGE))
    hours = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "9 AM - 5 PM")
    told = {
        "name": "Back In Balance",
        "phone": "425-437-9974",
        "zone": "America/Los_Angeles",
        "promise_minutes": "30",
        "consent_mode": "call",
        **hours,
    }
    assert press(admin, "/settings/practice", **told).status_code == 303
    assert "3 steps are left" in plain(admin.get(PAGE))
    phone = {"e164": "425-555-0100", "label": "Front desk", "kind": "desk", "ring_seconds": "20"}
    press(admin, "/settings/phones", **phone)
    number = {"e164": "425-437-9974", "label": "Front", "mode": "front"}
    press(admin, "/settings/numbers", **number)
    page = admin.get(PAGE)
    assert "One step is left" in plain(page)
    assert "Waiting for the call." in plain(page)
    with db.transaction() as session:
        Telephone(session).answer("+12065550142", clock.now(session), 30)
    told_now = plain(admin.get(PAGE))
    assert "A call arrived" in told_now
    assert "Front desk took it" in told_now
    assert BANNER not in admin.get("/").text


def test_only_admins_are_led_through_it(address: str) -> None:
    with browser(address) as rosa:
        enter(rosa, people.RECEPTIONIST, people.PASSWORD)
        assert BANNER not in rosa.get("/").text
        assert rosa.get(PAGE).status_code == 403


def test_a_clinic_that_forwards_only_unanswered_calls_needs_no_phone(admin: httpx.Client) -> None:
    press(admin, "/settings/numbers", e164="425-437-9974", label="Front", mode="overflow")
    assert "None needed: your carrier forwards only what nobody answered." in plain(admin.get(PAGE))


def test_what_twilio_says_of_the_numbers_comes_from_a_worker(admin: httpx.Client) -> None:
    assert press(admin, f"{PAGE}/numbers/check").status_code == 303
    with db.transaction() as session:
        taken = errand.take(session)
        assert taken is not None
        assert taken.kind == "numbers_check"
        errand.end(session, taken.id, [["good", "425-437-9974 leads here."]])
    with db.transaction() as session:
        assert session.query(Errand).count() == 1
    assert admin.get(f"{PAGE}/numbers/check").headers["location"] == PAGE
