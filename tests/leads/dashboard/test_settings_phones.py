"""Phones and numbers: edited, ordered, taken back, and how long a caller waits."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from leads import db
from leads.audit import Audit
from leads.dashboard.app import app
from leads.practice import Practice, PracticePhone
from leads.tracking_number import TrackingNumber
from tests.browser import people
from tests.leads.dashboard.people import browser, csrf_token, enter
from tests.leads.dashboard.test_pages import plain
from tests.server import serving


@pytest.fixture
def admin(database: str) -> Iterator[httpx.Client]:
    """Anna, at a practice with a desk phone (20 s), a back office (15 s) and a mobile (25 s)."""
    assert database
    with db.transaction() as session:
        people.hire(session)
        PracticePhone.add(session, "+14255550101", "Back office", "desk", 15)
        PracticePhone.add(session, "+14255550102", "Doctor", "mobile", 25)
    with serving(app) as address, browser(address) as opened:
        enter(opened, people.ADMIN, people.PASSWORD)
        yield opened


def save(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    told = {"csrf_token": csrf_token(), **fields}
    headers = {"Sec-Fetch-Site": "same-origin"}
    return client.post(f"/settings/{path}", data=told, headers=headers)


def labels() -> list[str]:
    with db.transaction() as session:
        return [phone.label for phone in PracticePhone.ringing(session)]


def phone(label: str) -> PracticePhone:
    with db.transaction() as session:
        return session.scalars(select(PracticePhone).where(PracticePhone.label == label)).one()


def number() -> TrackingNumber:
    with db.transaction() as session:
        return session.scalars(select(TrackingNumber)).one()


def altered() -> list[object]:
    with db.transaction() as session:
        found = session.scalars(select(Audit.facts).where(Audit.action == "settings_changed"))
        return [facts.get("changed") for facts in found]


def test_the_page_says_how_long_a_caller_waits(admin: httpx.Client) -> None:
    page = plain(admin.get("/settings/phones"))
    assert "They ring together" in page
    assert "a caller waits up to 25 seconds , and then hears" in page
    assert "A caller waits up to 1 minute: few wait so long." in page, "before one chooses it"
    assert save(admin, "phones/order", ring_order="in_turn").status_code == 303
    page = plain(admin.get("/settings/phones"))
    assert "They ring one after the other" in page
    assert "a caller waits up to 1 minute in all" in page
    assert altered() == [["ring_order"]]
    save(admin, "phones/order", ring_order="in_turn")
    assert altered() == [["ring_order"]], "nothing changed the second time"
    assert save(admin, "phones/order", ring_order="at random").status_code == 422


def test_turns_are_changed_one_by_one(admin: httpx.Client) -> None:
    first, doctor = labels()[0], phone("Doctor")
    assert labels() == [first, "Back office", "Doctor"]
    save(admin, f"phones/{doctor.id}/place", by="earlier")
    assert labels() == [first, "Doctor", "Back office"]
    save(admin, f"phones/{doctor.id}/place", by="earlier")
    save(admin, f"phones/{doctor.id}/place", by="earlier")
    assert labels() == ["Doctor", first, "Back office"], "the first stays the first"
    save(admin, f"phones/{doctor.id}/place", by="later")
    save(admin, f"phones/{doctor.id}/place", by="sideways")
    assert labels() == [first, "Doctor", "Back office"]


def test_a_phone_is_edited_and_keeps_its_turn(admin: httpx.Client) -> None:
    back = phone("Back office")
    told = {"label": " Billing  desk", "kind": "mobile", "ring_seconds": "40"}
    assert save(admin, f"phones/{back.id}", **told).status_code == 303
    changed = phone("Billing desk")
    assert (changed.id, changed.kind, changed.ring_seconds) == (back.id, "mobile", 40)
    assert labels()[1] == "Billing desk"
    assert altered() == [["label", "kind", "ring_seconds"]]


def test_a_refused_edit_keeps_what_was_typed_in_its_own_form(admin: httpx.Client) -> None:
    back = phone("Back office")
    answer = save(admin, f"phones/{back.id}", label="Billing", kind="desk", ring_seconds="3")
    assert answer.status_code == 422
    assert "Give a whole number of seconds from 5 to 120." in plain(answer)
    assert f'id="label-{back.id}" name="label" value="Billing"' in answer.text
    assert phone("Back office").ring_seconds == 15


def test_in_turn_nobody_waits_for_more_than_five_minutes(admin: httpx.Client) -> None:
    save(admin, "phones/order", ring_order="in_turn")
    fields = {"label": "Basement", "kind": "desk", "ring_seconds": "120"}
    assert save(admin, "phones", e164="425-555-0103", **fields).status_code == 303
    answer = save(admin, "phones", e164="425-555-0104", **fields | {"ring_seconds": "121"})
    assert answer.status_code == 422
    answer = save(admin, "phones", e164="425-555-0104", **fields)
    assert answer.status_code == 303, "exactly five minutes"
    answer = save(admin, "phones", e164="425-555-0105", **fields | {"ring_seconds": "5"})
    assert "callers would wait longer than 5 minutes" in plain(answer)
    save(admin, "phones/order", ring_order="together")
    assert save(admin, "phones", e164="425-555-0105", **fields).status_code == 303
    answer = save(admin, "phones/order", ring_order="in_turn")
    assert "callers would wait longer than 5 minutes" in plain(answer)
    with db.transaction() as session:
        assert Practice.get(session).ring_order == "together"


def test_a_retired_phone_comes_back_behind_the_others(admin: httpx.Client) -> None:
    first = labels()[0]
    with db.transaction() as session:
        at = PracticePhone.ringing(session)[0].id
    save(admin, f"phones/{at}/retirement")
    assert labels() == ["Back office", "Doctor"]
    assert "Take back" in plain(admin.get("/settings/phones"))
    save(admin, f"phones/{at}/return")
    assert labels() == ["Back office", "Doctor", first]


def test_a_number_is_edited_and_its_leads_keep_their_source(admin: httpx.Client) -> None:
    before = number()
    told = {
        "label": "Home page",
        "mode": "overflow",
        "source": "Web Site",
        "own_greeting": "Welcome to {clinic}.",
        "texts_per_second": "3",
    }
    assert save(admin, f"numbers/{before.id}", **told).status_code == 303
    after = number()
    assert (after.label, after.mode, after.source) == ("Home page", "overflow", "web-site")
    assert (after.greeting, after.texts_per_second) == ("Welcome to {clinic}.", 3.0)
    wrong = {"own_greeting": "Press 5 for billing", "label": "", "texts_per_second": "0"}
    answer = save(admin, f"numbers/{before.id}", **told | wrong)
    assert answer.status_code == 422
    for words in ("Leave out keys", "Give where the number is shown", "from 1 to 100"):
        assert words in plain(answer), words
    assert number().label == "Home page"


def test_a_retired_number_is_taken_back(admin: httpx.Client) -> None:
    at = number().id
    save(admin, f"numbers/{at}/retirement")
    assert number().retired_at is not None
    save(admin, f"numbers/{at}/return")
    assert number().retired_at is None


@pytest.mark.parametrize("path", ["phones/order", "phones/1", "phones/1/place", "numbers/1"])
def test_the_address_of_a_refused_form_leads_back(admin: httpx.Client, path: str) -> None:
    answer = admin.get(f"/settings/{path}")
    assert answer.headers["location"] == f"/settings/{path.split('/')[0]}"
