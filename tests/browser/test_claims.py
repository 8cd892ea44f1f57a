"""Who has whom, on every page that shows them; and what has become of a row that went away."""

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy import func, select, update

from leads import claim, clock, db, snooze
from leads.dashboard.pages import queue
from leads.lead import Lead
from leads.phone import LeadPhone, Phone
from leads.staff import Staff
from tests.browser import people
from tests.browser.screenshots import sign_in
from tests.browser.telephone import Telephone
from tests.browser.test_morning import happens, lead_id, settled

pytestmark = pytest.mark.browser
# No telephone program is here to take the call.
NO_TELEPHONE = """document.addEventListener("click", event =>
    event.target.closest("[href^=tel]") && event.preventDefault())"""
AT_THE_SAME_MOMENT = """([id, at]) =>
    setTimeout(() => document.getElementById(id).click(), at - Date.now())"""


def row(page: Page, name: str = "Maria Alvarez") -> Locator:
    return page.locator("[data-row]", has_text=name)


def anna_claims(phone: Telephone) -> None:
    anna = phone.session.scalars(select(Staff).where(Staff.email == people.ADMIN)).one()
    claim.take(phone.session, phone.lead(people.MARIA), anna.id)


def snoozed_until_two(phone: Telephone) -> None:
    now, until = clock.now(phone.session), people.at(0, 14, 0)
    snooze.snooze(phone.session, phone.lead(people.TOMAS), None, now, until)


def test_a_claim_runs_out_by_itself_on_a_page_that_nobody_touches(page: Page) -> None:
    page.clock.install()
    page.reload()
    settled(page)
    happens(anna_claims)
    expect(row(page)).to_contain_text("Anna Berg has this until 10:57 AM")
    with db.transaction() as session:  # a quarter of an hour later; nothing happens at the desk
        session.execute(update(Lead).values(claimed_until=func.clock_timestamp()))
    page.clock.fast_forward(61_000)
    expect(row(page)).not_to_contain_text("has this until")
    expect(row(page).get_by_role("button", name="Claim Maria Alvarez")).to_be_visible()
    expect(page.locator("#news")).to_have_text("Maria Alvarez is free again.")


def test_news_is_said_in_a_place_that_a_screen_reader_knows_already(page: Page) -> None:
    settled(page)
    there = page.locator("#news").evaluate_handle("news => news")
    expect(page.locator("#news")).to_have_text("")
    happens(anna_claims)
    expect(page.locator("#news")).to_have_text("Anna Berg has Maria Alvarez.")
    assert there.evaluate("news => news.isConnected && news.textContent") == (
        "Anna Berg has Maria Alvarez."
    )


def test_of_two_who_claim_in_the_same_moment_one_has_them_and_the_other_reads_who(
    page: Page, context: BrowserContext, address: str
) -> None:
    settled(page)
    browser = context.browser
    assert browser is not None
    with browser.new_context() as other:
        anna = other.new_page()
        sign_in(anna, address, people.ADMIN)
        settled(anna)
        at = page.evaluate("Date.now() + 700")
        for each in (page, anna):
            each.evaluate(AT_THE_SAME_MOMENT, [f"claim-{lead_id(people.MARIA)}", at])
        for each in (page, anna):
            expect(row(each).locator(".holder")).to_contain_text("this until")
        with db.transaction() as session:
            winner = session.get_one(
                Staff, Telephone(session).lead(people.MARIA).claimed_by_id
            ).name
        loser = anna if winner == "Rosa Lopez" else page
        won = page if loser is anna else anna
        expect(row(won)).to_contain_text("You have this until")
        expect(row(loser)).to_contain_text(f"{winner} has this until")
        expect(row(loser).get_by_role("button", name="Claim Maria Alvarez")).to_have_count(0)


def test_dialling_a_number_from_this_device_claims_the_person(page: Page) -> None:
    settled(page)
    page.evaluate(NO_TELEPHONE)
    row(page).get_by_role("link", name="Call 206-555-0142").click()
    expect(page.locator("#announcer")).to_have_text("You have them.")
    expect(row(page)).to_contain_text("You have this until 10:57 AM")


def test_the_number_of_whom_a_colleague_has_is_not_dialled_by_a_click(page: Page) -> None:
    settled(page)
    number = row(page).get_by_role("link", name="Call 206-555-0142")
    expect(number).to_have_count(1)
    happens(anna_claims)
    expect(row(page).locator(".caller")).to_contain_text("Anna Berg has them")
    expect(row(page).get_by_text("206-555-0142")).to_be_visible()
    expect(number).to_have_count(0)


def test_dialling_who_is_snoozed_claims_them_too(page: Page, address: str) -> None:
    happens(snoozed_until_two)
    page.goto(address)
    settled(page)
    page.evaluate(NO_TELEPHONE)
    away = page.locator("#away")
    away.locator("summary").click()
    away.get_by_role("link", name="Call 360-555-0131").click()
    expect(page.locator("#announcer")).to_have_text("You have them.")
    expect(away).to_contain_text("You have this until 10:57 AM")


def test_dialling_another_number_of_theirs_claims_the_person_too(page: Page, address: str) -> None:
    tomas = lead_id(people.TOMAS)
    with db.transaction() as session:
        other = Phone.of(session, "+13605550132")
        session.add(LeadPhone(lead_id=tomas, phone_id=other.id, main=False))
    page.goto(f"{address}/leads/{tomas}")
    settled(page)
    page.evaluate(NO_TELEPHONE)
    page.get_by_role("link", name="Call 360-555-0132").click()
    expect(page.locator("#announcer")).to_have_text("You have them.")
    expect(page.locator("#needs")).to_contain_text("You have this until 10:57 AM")


@pytest.mark.parametrize("place", ["leads", "inbox"])
def test_a_colleagues_claim_is_told_before_the_number_on_the_page_of_the_person(
    page: Page, address: str, place: str
) -> None:
    page.goto(f"{address}/{place}/{lead_id(people.MARIA)}")
    settled(page)
    box = page.get_by_label("Text Maria Alvarez")
    box.fill("Tomorrow at")
    expect(page.get_by_role("button", name="Claim Maria Alvarez")).to_be_visible()
    happens(anna_claims)
    expect(page.locator(".facts")).to_contain_text("Anna Berg has them")
    expect(page.locator("#needs")).to_contain_text("Anna Berg has this until 10:57 AM")
    expect(page.get_by_role("button", name="Claim Maria Alvarez")).to_have_count(0)
    expect(box).to_have_value("Tomorrow at")


@pytest.mark.parametrize("place", ["leads", "inbox"])
def test_whom_one_claims_and_puts_off_on_their_own_page_is_so_on_the_desk(
    page: Page, address: str, place: str
) -> None:
    page.goto(f"{address}/{place}/{lead_id(people.MARIA)}")
    settled(page)
    page.get_by_role("button", name="Claim Maria Alvarez").click()
    expect(page.locator("#needs")).to_contain_text("You have this until 10:57 AM")
    page.locator("#needs summary", has_text="I rang").click()
    page.locator("#needs button[value=no_answer]").click()
    expect(page.locator("#announcer")).to_have_text("Noted: no answer.")
    page.locator("#needs summary", has_text="Snooze").click()
    page.get_by_role("button", name="30 minutes").click()
    expect(page.locator("#needs")).to_contain_text("Snoozed until today 11:12 AM.")
    page.goto(address)
    expect(page.locator("#away")).to_contain_text("1 snoozed")


def test_a_row_that_somebody_put_off_is_told_as_that(page: Page) -> None:
    settled(page)
    happens(snoozed_until_two)
    expect(page.locator("#news")).to_have_text("Tomas Novak is snoozed.")


def test_who_is_pushed_to_the_next_page_while_somebody_writes_is_not_called_settled(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "AT_MOST", 2)
    page.reload()
    settled(page)
    expect(page.locator("[data-row]")).to_have_count(2)
    tomas = row(page, "Tomas Novak")
    tomas.locator("[id^=text] > summary").click()
    tomas.get_by_label("Text Tomas Novak").fill("Tomorrow at 10?")
    happens(lambda phone: phone.text(people.DEREK, "Are you there?", clock.now(phone.session)))
    expect(page.locator("#kept")).to_contain_text(
        "Tomas Novak is off this page. You had written: Tomorrow at 10?"
    )
    expect(page.locator("#news")).to_contain_text("Tomas Novak is off this page.")
    page.locator("#kept").get_by_role("link", name="Open the lead").click()
    expect(page.get_by_role("heading", name="Tomas Novak")).to_be_visible()
