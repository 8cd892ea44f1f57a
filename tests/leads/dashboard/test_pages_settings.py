"""Settings: who may change them, what is refused, and that each change leaves a trace."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from leads import db
from leads.audit import Audit
from leads.dashboard.app import app
from leads.dashboard.pages.settings import hours_text
from leads.practice import Practice, PracticePhone
from leads.staff import Staff
from leads.tracking_number import TrackingNumber
from tests.browser import people
from tests.leads.dashboard.people import browser, csrf_token, enter
from tests.leads.dashboard.test_pages import plain
from tests.server import serving

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
PAGES = ("practice", "phones", "numbers", "texting", "staff")  # plans are open to all staff
PRACTICE = {
    "name": "Back In Balance Chiropractic",
    "phone": "425-437-9974",
    "zone": "America/Los_Angeles",
    "promise_minutes": "45",
    "consent_mode": "notice",
    "mon": "9 AM - 12:30 PM, 1:30 PM - 6 PM",
    "tue": "9:00 AM \u2013 6:00 PM",
    "wed": "closed",
    "thu": "09:00-18:00",
    "fri": "9 am to 6 pm",
    "sat": "",
    "sun": "",
    "closed_days": "2026-12-25 Christmas Day",
}


@pytest.fixture
def address(database: str) -> Iterator[str]:
    assert database
    with db.transaction() as session:
        people.hire(session)
    with serving(app) as at:
        yield at


@pytest.fixture
def admin(address: str) -> Iterator[httpx.Client]:
    with browser(address) as opened:
        enter(opened, people.ADMIN, people.PASSWORD)
        yield opened


def save(client: httpx.Client, page: str, **fields: str) -> httpx.Response:
    told = {"csrf_token": csrf_token(), **fields}
    return client.post(f"/settings/{page}", data=told, headers=SAME_ORIGIN)


def audited() -> list[dict[str, object]]:
    with db.transaction() as session:
        found = select(Audit).where(Audit.action == "settings_changed").order_by(Audit.id)
        return [audit.facts for audit in session.scalars(found)]


def test_the_front_desk_is_refused_every_settings_page(address: str) -> None:
    with browser(address) as rosa:
        enter(rosa, people.RECEPTIONIST, people.PASSWORD)
        assert "/settings" not in rosa.get("/").text
        for page in PAGES:
            assert rosa.get(f"/settings/{page}").status_code == 403
        assert save(rosa, "practice", **PRACTICE).status_code == 403
        assert save(rosa, "texting/confirmation", registered="on").status_code == 403
    assert audited() == []


def test_an_admin_sees_every_settings_page(admin: httpx.Client) -> None:
    assert admin.get("/settings").headers["location"] == "/settings/practice"
    for page in PAGES:
        assert admin.get(f"/settings/{page}").status_code == 200


def test_the_practice_is_saved_and_audited_by_what_changed(admin: httpx.Client) -> None:
    assert save(admin, "practice", **PRACTICE).status_code == 303
    with db.transaction() as session:
        practice = Practice.get(session)
        assert practice.promise_minutes == 45
        assert practice.weekly_hours["mon"] == [["09:00", "12:30"], ["13:30", "18:00"]]
        assert practice.weekly_hours["wed"] == []
        assert practice.closed_days == {"2026-12-25": "Christmas Day"}
    changed = ["weekly_hours", "closed_days", "promise_minutes", "consent_mode"]
    assert audited() == [{"page": "practice", "changed": changed}]
    save(admin, "practice", **PRACTICE)
    assert len(audited()) == 1  # nothing changed


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "  ", "Give the clinic&#39;s name"),
        ("phone", "12", "Give the number that patients know"),
        ("zone", "Mars/Olympus", "is not a time zone"),
        ("promise_minutes", "soon", "Give a whole number of minutes from 5 to 480."),
        ("promise_minutes", "0", "Give a whole number of minutes from 5 to 480."),
        ("consent_mode", "guess", "Choose one of these."),
        ("mon", "nine to five", "is not understood: write 9 AM - 6 PM"),
        ("mon", "9 - 6 PM", "write AM or PM with both"),
        ("mon", "9-12, 1-5", "could be read in two ways: write 9 AM - 12 PM."),
        ("mon", "6 PM - 9 AM", "does not end after it starts"),
        ("mon", "9 AM - 1 PM, 12 PM - 5 PM", "two openings overlap"),
        ("closed_days", "Christmas", "does not begin with a day"),
    ],
)
def test_a_wrong_value_gets_one_sentence_and_stays_typed(
    admin: httpx.Client, field: str, typed: str, sentence: str
) -> None:
    answer = save(admin, "practice", **(PRACTICE | {field: typed}))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert typed.strip() in answer.text or field == "consent_mode"  # which is chosen, not typed
    assert "Christmas" in answer.text
    assert audited() == []


def test_a_phone_is_added_retired_and_taken_back(admin: httpx.Client) -> None:
    told = {"e164": "425 555 0177", "label": "Mobile", "kind": "mobile", "ring_seconds": "25"}
    assert save(admin, "phones", **told).status_code == 303
    with db.transaction() as session:
        phone = session.scalars(select(PracticePhone).order_by(PracticePhone.id.desc())).first()
        assert phone is not None
        assert (phone.e164, phone.asks_for_key, phone.ring_seconds) == ("+14255550177", True, 25)
    assert save(admin, f"phones/{phone.id}/retirement").status_code == 303
    assert "Retired" in plain(admin.get("/settings/phones"))
    assert save(admin, "phones", **told).status_code == 303
    with db.transaction() as session:
        assert session.get_one(PracticePhone, phone.id).retired_at is None
    assert len(audited()) == 3


def test_our_own_number_cannot_ring_and_a_phone_cannot_be_a_number(admin: httpx.Client) -> None:
    told = {"e164": "425-437-9974", "label": "x", "kind": "desk", "ring_seconds": "20"}
    assert "ringing it would go in a circle" in save(admin, "phones", **told).text
    told = {"e164": "425-555-0100", "label": "x", "mode": "front"}
    assert "it cannot be a tracking number too" in save(admin, "numbers", **told).text
    told = {"e164": "900-555-0100", "label": "x" * 101, "kind": "desk", "ring_seconds": "20"}
    answer = save(admin, "phones", **told)
    assert "charges whoever calls it" in answer.text
    assert "at most 100 characters" in answer.text
    told = {"e164": "hello", "label": "", "mode": "sideways"}
    answer = save(admin, "numbers", **told)
    assert answer.status_code == 422
    assert "at most 100 characters" in answer.text
    assert 'value="hello"' in answer.text


def test_a_tracking_number_is_added_and_retired_never_deleted(admin: httpx.Client) -> None:
    told = {"e164": people.ADS, "label": "Google Ads", "mode": "overflow"}
    assert save(admin, "numbers", **told).status_code == 303
    with db.transaction() as session:
        number = TrackingNumber.find(session, people.ADS)
        assert number is not None
        assert (number.source, number.mode) == ("google-ads", "overflow")
    save(admin, f"numbers/{number.id}/retirement")
    with db.transaction() as session:
        assert session.get_one(TrackingNumber, number.id).retired_at is not None


def test_texting_is_turned_on_by_an_admin_who_ticks_the_box(admin: httpx.Client) -> None:
    assert save(admin, "texting/confirmation").status_code == 422
    assert save(admin, "texting/confirmation", registered="on").status_code == 303
    with db.transaction() as session:
        assert Practice.get(session).sender_confirmed_at is not None
    save(admin, "texting/withdrawal")
    with db.transaction() as session:
        assert Practice.get(session).sender_confirmed_at is None
    assert [facts["confirmed"] for facts in audited()] == [True, False]


def test_somebody_new_gets_a_link_that_is_shown_once_and_works_once(
    admin: httpx.Client, address: str
) -> None:
    told = {"name": "Noor", "email": "noor@clinic.example", "role": "front_desk"}
    page = save(admin, "staff", **told)
    token = page.text.split("/sign-in/link?token=")[1].split("<")[0]
    assert token not in admin.get("/settings/staff").text
    assert "already. Nothing was changed." in save(admin, "staff", **told).text
    with browser(address) as noor:
        form = noor.get(f"/sign-in/link?token={token}")
        csrf = form.text.split('name="csrf_token" value="')[1].split('"')[0]
        told = {"token": token, "csrf_token": csrf}
        assert noor.post("/sign-in/link", data=told, headers=SAME_ORIGIN).status_code == 303
        assert noor.get("/").status_code == 200
    with db.transaction() as session:
        assert session.scalars(select(Staff).where(Staff.name == "Noor")).one().role == "front_desk"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("9 AM \u2013 6 PM", [["09:00", "18:00"]]),
        ("9:00-12:30, 13:30-18:00", [["09:00", "12:30"], ["13:30", "18:00"]]),
        ("8am to noon and 1pm to 5pm", [["08:00", "12:00"], ["13:00", "17:00"]]),
        ("10 a.m. - midnight", [["10:00", "24:00"]]),
        ("09:00-17:00", [["09:00", "17:00"]]),
        ("9-17", [["09:00", "17:00"]]),
        ("05:00 - 11:00", [["05:00", "11:00"]]),
        ("Closed", []),
        ("", []),
    ],
)
def test_hours_are_read_as_people_write_them(typed: str, read: list[list[str]]) -> None:
    assert hours_text.read(typed) == read
    assert hours_text.read(hours_text.shown(read)) == read


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1-5", "1 PM - 5 PM"),
        ("2-6", "2 PM - 6 PM"),
        ("9-5", "9 AM - 5 PM"),
        ("9-12", "9 AM - 12 PM"),
        ("12 - 8", "12 PM - 8 PM"),
        ("1:00-5:00", "1:00 PM - 5:00 PM"),
        ("9:00 to 5:00", "9:00 AM - 5:00 PM"),
        ("9-12:30", "9 AM - 12:30 PM"),
        ("2 - midnight", "2 PM - midnight"),
    ],
)
def test_hours_of_either_half_of_the_day_are_asked_back(typed: str, meant: str) -> None:
    with pytest.raises(ValueError, match=rf"could be read in two ways: write {meant}\.$"):
        hours_text.read(typed)
    assert hours_text.read(meant)  # what it asks for is understood
