"""Calling somebody back by one key or click, with the desk open: it all shows by itself."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from leads import OutboundCall, PracticePhone, Staff, call_back, clock, db, placing
from leads.call import Call
from tests.browser import people
from tests.browser.test_morning import lead_id, settled

pytestmark = pytest.mark.browser


def phone_of(email: str) -> None:
    with db.transaction() as session:
        rosa = session.scalars(select(Staff).where(Staff.email == email)).one()
        rosa.rings_on_id = PracticePhone.ringing(session)[0].id


def placed() -> None:
    with db.transaction() as session:
        now = clock.now(session)
        [ringing] = placing.take(session, 8)
        placing.adopt(session, ringing.id, "CA9", now)


def goes_on(what: str) -> None:
    """The clinic's phone is picked up (`dialled`), or theirs (`answered`), or it is over."""
    with db.transaction() as session:
        now = clock.now(session)
        id_ = session.scalars(select(OutboundCall.id)).one()
        _, call = placing.adopt(session, id_, "CA9", now)
        if what == "dialled":
            call_back.dialled(session, call, now)
        elif what == "answered":
            call_back.leg(session, call, "CA9leg", "in-progress", None, now)
        else:
            call_back.ended(session, call, now)


def test_one_key_calls_back_and_everybody_sees_it(page: Page) -> None:
    phone_of(people.RECEPTIONIST)
    page.reload()
    settled(page)
    page.evaluate("window.sameDocument = true")
    derek = lead_id(people.DEREK)
    row = page.locator(f"#lead-{derek}")
    row.locator("a.name").focus()
    page.keyboard.press("r")
    page.keyboard.press("r")
    expect(row).to_contain_text("Front desk is about to ring for Rosa Lopez")
    expect(page.locator("#announcer")).to_have_text("Your phone rings first.")
    with db.transaction() as session:
        assert len(session.scalars(select(OutboundCall)).all()) == 1, "two presses are one call"

    placed()
    expect(row).to_contain_text("Front desk rings for Rosa Lopez")
    strip = page.locator("#ringing")
    expect(strip).to_contain_text("Rosa Lopez calls")
    goes_on("dialled")
    expect(row).to_contain_text("Rosa Lopez is calling them")
    goes_on("answered")
    expect(row).to_have_count(0)
    expect(strip).to_contain_text("Rosa Lopez talks with")

    strip.get_by_role("button", name="It was their mailbox").click()
    expect(row).to_contain_text("We tried")
    expect(row).to_contain_text("left a message")
    goes_on("over")
    expect(strip.locator(".ringing")).to_have_count(0)
    assert page.evaluate("window.sameDocument"), "nothing was reloaded"
    with db.transaction() as session:
        [call] = session.scalars(select(Call).where(Call.direction == "outbound"))
        assert call.ended_at is not None


def test_the_first_time_it_asks_which_phone_is_ones_own(page: Page) -> None:
    settled(page)
    maria = lead_id(people.MARIA)
    page.goto(page.url.rstrip("/") + f"/leads/{maria}")
    settled(page)
    page.get_by_role("button", name="Call back").click()
    expect(page.get_by_role("heading", name="Which phone is yours?")).to_be_visible()
    page.get_by_role("radio", name="Dr. Berg's mobile").check()
    page.get_by_role("button", name="Call Maria Alvarez").click()
    said = "Dr. Berg's mobile is about to ring for Rosa Lopez"
    expect(page.locator(f"#calling-{maria}")).to_have_text(said)
