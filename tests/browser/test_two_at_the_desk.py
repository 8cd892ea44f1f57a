"""Two at the desk: who rings and who picked up, who has whom, and the list on paper."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy import select

from leads import call as calls
from leads import claim, clock, desk
from leads.call import Call
from leads.dashboard.pages import queue
from leads.practice import PracticePhone
from leads.staff import Staff
from tests.browser import people
from tests.browser.screenshots import sign_in
from tests.browser.telephone import Telephone
from tests.browser.test_claims import NO_TELEPHONE
from tests.browser.test_morning import STRANGER, happens, settled

pytestmark = pytest.mark.browser


def test_the_strip_says_who_it_is_what_they_last_said_and_who_picked_up(page: Page) -> None:
    settled(page)
    sid = []

    def rings(phone: Telephone) -> None:
        call = phone.ring(people.MARIA, clock.now(phone.session))
        desk_phone = phone.session.scalars(select(PracticePhone).order_by(PracticePhone.id)).first()
        assert desk_phone is not None
        calls.leg(phone.session, call.sid, "CAleg", desk_phone.id)
        sid.append(call.sid)

    happens(rings)
    ringing = page.locator(".ringing")
    expect(ringing).to_contain_text("Maria Alvarez")
    expect(ringing).to_contain_text("Returning called twice before")
    expect(ringing).to_contain_text("last spoke with us Friday 9:31 AM")
    expect(ringing).to_contain_text("They texted today 10:31 AM: Yes please! Could I come in")
    expect(ringing).to_contain_text(re.compile("Muscle spasms page: .* rings"))

    def picks_up(phone: Telephone) -> None:
        now = clock.now(phone.session)
        call = calls.find(phone.session, sid[0], now)
        leg = calls.leg(phone.session, call.sid, "CAleg", None)
        calls.leg_changed(leg, "in-progress", None, now)
        calls.settle(phone.session, call, now)

    happens(picks_up)
    expect(ringing).to_contain_text("On the phone")
    expect(ringing).to_contain_text("picked up")
    expect(page.locator("[data-row]", has_text="Maria Alvarez")).to_have_count(0)


def test_the_strip_is_on_every_page_and_goes_with_the_call(page: Page, address: str) -> None:
    page.goto(f"{address}/calls?show=voicemail")
    settled(page)
    happens(lambda phone: phone.ring(STRANGER, clock.now(phone.session)))
    expect(page.locator(".ringing")).to_contain_text("425-555-0166")

    def hangs_up(phone: Telephone) -> None:
        now = clock.now(phone.session)
        call = phone.session.scalars(select(Call).order_by(Call.id.desc()).limit(1)).one()
        calls.end(call, now)
        calls.settle(phone.session, call, now)

    happens(hangs_up)
    expect(page.locator(".ringing")).to_have_count(0)


def test_a_colleagues_claim_appears_and_the_loser_hears_who_won(
    page: Page, context: BrowserContext, address: str
) -> None:
    settled(page)
    browser = context.browser
    assert browser is not None
    with browser.new_context() as other:
        anna = other.new_page()
        sign_in(anna, address, people.ADMIN)
        settled(anna)
        anna.get_by_role("button", name="Claim Maria Alvarez").click()
        row = page.locator("[data-row]", has_text="Maria Alvarez")
        expect(row).to_contain_text("Anna Berg has this until")
        expect(page.locator("#news")).to_have_text("Anna Berg has Maria Alvarez.")
        expect(row.get_by_role("button", name="Claim")).to_have_count(0)
        anna.get_by_role("button", name="Give back Maria Alvarez").click()
        expect(row.get_by_role("button", name="Claim")).to_have_count(1)


def test_a_text_that_is_refused_stays_in_the_row_with_its_words(page: Page) -> None:
    settled(page)
    row = page.locator("[data-row]", has_text="Maria Alvarez")
    row.locator("[id^=text] > summary").click()
    box = row.get_by_label("Text Maria Alvarez")
    box.fill("Tomorrow at 10?")

    def takes(phone: Telephone) -> None:
        anna = phone.session.scalars(select(Staff).where(Staff.email == people.ADMIN)).one()
        claim.take(phone.session, phone.lead(people.MARIA), anna.id)

    happens(takes)
    expect(row.locator(".holder")).to_contain_text("Anna Berg has this until")
    row.get_by_role("button", name="Send text").click()
    expect(row.get_by_role("alert")).to_contain_text("Anna Berg has this until")
    expect(box).to_have_value("Tomorrow at 10?")
    expect(box).to_be_focused()
    happens(lambda phone: desk.contacted(phone.session, phone.lead(people.MARIA), None, people.NOW))
    expect(page.locator("#kept")).to_contain_text(
        "Maria Alvarez is off the list. You had written: Tomorrow at 10?"
    )


def dials(row: Locator) -> None:
    row.page.evaluate(NO_TELEPHONE)
    row.get_by_role("link", name="Call 206-555-0142").click()


def claims(row: Locator) -> None:
    row.get_by_role("button", name="Claim Maria Alvarez").click()


def rang_in_vain(row: Locator) -> None:
    row.locator("summary", has_text="I rang").click()
    row.get_by_role("button", name="No answer").click()


@pytest.mark.parametrize(
    ("does", "said"),
    [
        (claims, "You have them."),
        (dials, "You have them."),
        (rang_in_vain, "Noted: no answer."),
    ],
)
def test_half_a_text_is_kept_when_whom_one_had_claimed_or_tried_rings_and_is_answered(
    page: Page, does: Callable[[Locator], None], said: str
) -> None:
    settled(page)
    row = page.locator("[data-row]", has_text="Maria Alvarez")
    does(row)
    expect(page.locator("#announcer")).to_have_text(said)
    row.locator("[id^=text] > summary").press("Enter")
    row.get_by_label("Text Maria Alvarez").fill("Tomorrow at 10?")
    happens(lambda phone: phone.answer(people.MARIA, clock.now(phone.session), 60))
    expect(row).to_have_count(0)
    expect(page.locator("#kept")).to_contain_text(
        "Maria Alvarez is off the list. You had written: Tomorrow at 10?"
    )
    expect(page.locator("#news")).to_contain_text("Maria Alvarez is off the list.")


def test_the_call_list_prints_black_on_white_with_numbers_and_room(page: Page) -> None:
    settled(page)
    page.emulate_media(media="print", color_scheme="dark")
    row = page.locator("[data-row]", has_text="Maria Alvarez")
    assert row.evaluate("row => getComputedStyle(row).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"
    expect(row.get_by_text("206-555-0142")).to_be_visible()
    expect(row.get_by_role("button", name="Contacted")).to_be_hidden()
    expect(page.locator(".printed")).to_contain_text("Today, Tuesday, December 1, 10:4")
    expect(page.locator(".printed")).not_to_contain_text(" of ")  # all of them are on it
    room = row.locator(".due").evaluate("due => getComputedStyle(due, '::after').height")
    assert float(room.removesuffix("px")) > 50


def test_a_call_list_that_is_cut_says_so_on_paper(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "AT_MOST", 2)
    page.reload()
    settled(page)
    page.emulate_media(media="print")
    expect(page.locator("[data-row]")).to_have_count(2)
    expect(page.locator(".printed")).to_be_visible()
    expect(page.locator(".printed")).to_contain_text("1 to 2 of 5")
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Show the next").click()
    page.emulate_media(media="print")
    expect(page.locator(".printed")).to_contain_text("3 to 4 of 5")
