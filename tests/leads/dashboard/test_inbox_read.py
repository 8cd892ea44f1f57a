"""Texts of weeks ago are read by one click; whoever waits for an answer stays unread."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from leads import Audit, db, desk, inbox
from leads.dashboard.app import app
from leads.staff import add_staff
from tests.browser import people
from tests.browser.telephone import Telephone
from tests.leads.dashboard.desk import lead, press, signed_in
from tests.leads.dashboard.test_pages import plain
from tests.server import serving


@pytest.fixture
def address(morning: str) -> Iterator[str]:
    assert morning
    with serving(app) as at:
        yield at


@pytest.fixture
def rosa(address: str) -> Iterator[httpx.Client]:
    with signed_in(address) as opened:
        yield opened


def wrote_and_was_settled(e164: str) -> None:
    with db.transaction() as session:
        phone = Telephone(session)
        phone.text(e164, "Thank you", people.NOW - timedelta(days=20))
        desk.contacted(session, phone.lead(e164), None, people.NOW - timedelta(days=20))


def unread() -> set[int]:
    with db.transaction() as session:
        found = inbox.conversations(session, "unread", None, 100)
        return {each.lead.id for each in found}


def test_all_but_those_who_wait_for_us_are_read_by_one_click(rosa: httpx.Client) -> None:
    wrote_and_was_settled(people.GRACE)
    with db.transaction() as session:
        Telephone(session).text(people.PRIYA, "Can you ring me?", people.NOW)
    grace, priya = lead(people.GRACE).id, lead(people.PRIYA).id
    assert {grace, priya} <= unread()
    page = rosa.get("/inbox?show=unread")
    assert "Whoever waits for us stays unread." in plain(page)
    sent = press(rosa, "/inbox/all/read?show=unread")
    assert sent.headers["location"] == "/inbox?show=unread"
    assert priya in unread()
    assert grace not in unread()
    assert "Mark all as read" not in rosa.get("/inbox").text, "there is nothing left to mark"
    with db.transaction() as session:
        [kept] = session.scalars(select(Audit).where(Audit.action == "texts_read"))
        assert (kept.facts["leads"], kept.lead_id) == (1, None)
    press(rosa, "/inbox/all/read")
    with db.transaction() as session:
        assert len(session.scalars(select(Audit).where(Audit.action == "texts_read")).all()) == 1
    assert rosa.get("/inbox/all/read").headers["location"] == "/inbox"


def test_it_takes_a_token_and_a_place_at_the_desk(rosa: httpx.Client, address: str) -> None:
    wrote_and_was_settled(people.GRACE)
    told = {"csrf_token": "x"}
    assert rosa.post("/inbox/all/read", data=told).status_code == 403
    with db.transaction() as session:
        add_staff(session, "mo@clinic.example", "marketing", people.PASSWORD, "Mo")
    with signed_in(address, "mo@clinic.example") as mo:
        assert mo.post("/inbox/all/read", data=told).status_code == 403
    assert lead(people.GRACE).id in unread()
