"""What the desk says of a wait, and what a lead's page and the inbox say of texts."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from leads import clock, db, desk
from leads.message import Message
from tests.browser import people
from tests.browser.screenshots import sign_in
from tests.browser.telephone import Telephone
from tests.browser.test_morning import happens, lead_id, settled

pytestmark = pytest.mark.browser


def it_is(hour: int, minute: int) -> None:
    with db.transaction() as session:
        clock.set_to(session, people.at(0, hour, minute))


def test_redialling_joins_the_row(page: Page) -> None:
    settled(page)
    row = page.locator("[data-row]", has_text="425-555-0119")
    expect(row).to_contain_text("called twice")
    waits = row.locator(".clock small").inner_text()
    happens(lambda phone: phone.miss(people.DEREK, clock.now(phone.session)))
    expect(row).to_contain_text(re.compile("called 3 times, last .*10:4"))
    expect(page.locator("[data-row]")).to_have_count(5)
    assert row.locator(".clock small").inner_text() == waits, "the promise is of the first call"


def test_the_promise_is_told_in_words_and_those_of_closed_hours_share_one(
    page: Page, address: str
) -> None:
    it_is(10, 50)
    page.goto(address)
    row = page.locator("[data-row]", has_text="425-555-0188")
    expect(row.locator(".waiting")).to_have_text(re.compile("1[78] of 30 min left"))
    expect(page.locator(".together")).to_contain_text("1 from closed hours: call by 11:00 AM")
    tomas = page.locator("[data-row]", has_text="Tomas Novak")
    expect(tomas).to_contain_text("From closed hours since last night, 7:48 PM")
    it_is(11, 20)
    page.reload()
    expect(row.locator(".waiting")).to_have_text(re.compile(r"Late by 1[23] min"))
    expect(page.locator(".together")).to_contain_text("late by 20 min: was due by 11:00 AM")


def test_somebody_is_put_off_until_a_moment_of_ones_own(page: Page) -> None:
    settled(page)
    row = page.locator("[data-row]", has_text="425-555-0119")
    row.locator("summary", has_text="Snooze").click()
    row.get_by_role("button", name="Until then").click()
    expect(row.get_by_role("alert")).to_contain_text("Give both a day and a time")
    row.get_by_label("Or until").fill("2026-12-03T14:30")
    row.get_by_role("button", name="Until then").click()
    expect(row).to_have_count(0)
    expect(page.locator("#announcer")).to_have_text("Snoozed.")
    expect(page.locator("#away")).to_contain_text("Thursday 2:30 PM")


def test_the_strip_tells_the_last_visit_and_the_last_talk(page: Page) -> None:
    with db.transaction() as session:
        Telephone(session).lead(people.MARIA).appointment_at = people.at(-3, 9, 0)
    settled(page)
    happens(lambda phone: phone.ring(people.MARIA, clock.now(phone.session)))
    expect(page.locator(".ringing")).to_contain_text("Maria Alvarez")
    expect(page.locator(".ringing")).to_contain_text("last visit Saturday")
    expect(page.locator(".ringing")).to_contain_text("last spoke with us Friday 9:31 AM")


def test_no_more_texts_is_one_click_and_closes_the_form(page: Page, address: str) -> None:
    page.goto(f"{address}/leads/{lead_id(people.TOMAS)}")
    settled(page)
    page.get_by_role("button", name="No more texts").click()
    expect(page.locator("#announcer")).to_have_text("They get no more texts.")
    expect(page.locator(".lead-head")).to_contain_text("No texts")
    expect(page.locator("#composer")).to_contain_text("They opted out of texts")
    expect(page.get_by_label("Text Tomas Novak")).to_be_hidden()


def test_a_stage_is_chosen_beside_the_story(page: Page, address: str) -> None:
    page.goto(f"{address}/leads/{lead_id(people.TOMAS)}")
    settled(page)
    page.get_by_label("Stage").select_option(label="Lost")
    page.get_by_role("button", name="Save details").click()
    expect(page.locator(".lead-head .badge.lost")).to_have_text("Lost")
    expect(page.locator("#needs")).to_have_count(0)


def test_what_was_not_sent_stands_on_the_leads_page_with_the_reason(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/leads/{lead_id(people.SUPPLIER)}")
    settled(page)
    happens(lambda phone: phone.miss(people.SUPPLIER, clock.now(phone.session)))
    expect(page.locator(".timeline").first).to_contain_text(
        "No text: toll-free numbers are never texted."
    )


def test_whoever_writes_at_night_is_warned_and_may_write_all_the_same(
    page: Page, address: str
) -> None:
    it_is(21, 30)
    page.goto(f"{address}/inbox/{lead_id(people.MARIA)}")
    settled(page)
    expect(page.locator("#composer .caution")).to_contain_text(
        "A text would go now; automated ones wait."
    )
    page.get_by_label("Text Maria Alvarez").fill("Until tomorrow, then.")
    page.get_by_role("button", name="Send text").click()
    expect(page.locator(".bubble.out").last).to_contain_text("Until tomorrow, then.")


def test_what_was_not_delivered_is_a_list_of_its_own(page: Page, address: str) -> None:
    with db.transaction() as session:
        wanted = select(Message).where(Message.body.contains("Shall I put you down?"))
        text = session.scalars(wanted).one()
        text.state, text.error_code = "undelivered", 30003
    page.goto(f"{address}/inbox")
    page.get_by_role("navigation", name="Which conversations").get_by_text("Not delivered").click()
    expect(page.locator(".conversation")).to_have_count(1)
    expect(page.locator(".conversation")).to_contain_text("Grace Kim")
    expect(page.locator(".conversation")).to_contain_text("Not delivered")


def test_texts_of_weeks_ago_are_read_by_one_click_and_who_waits_stays(
    page: Page, address: str
) -> None:
    with db.transaction() as session:
        phone = Telephone(session)
        phone.text(people.SAM, "Thank you", people.at(-20, 9, 0))
        desk.contacted(session, phone.lead(people.SAM), None, people.at(-20, 9, 1))
    page.goto(f"{address}/inbox?show=unread")
    settled(page)
    expect(page.locator(".conversation", has_text="Sam Whitfield")).to_be_visible()
    page.locator("#read-all summary").click()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator("#announcer")).to_have_text("Marked as read.")
    expect(page.locator(".conversation", has_text="Sam Whitfield")).to_have_count(0)
    expect(page.locator(".conversation", has_text="Maria Alvarez")).to_be_visible()


def test_a_number_is_retired_after_a_word_on_its_callers(page: Page, address: str) -> None:
    page.context.clear_cookies()
    sign_in(page, address, people.ADMIN)
    page.goto(f"{address}/settings/numbers")
    ads = page.locator(".things > li", has_text="Google Ads")
    expect(ads.get_by_role("button", name="Retire")).to_be_hidden()
    ads.locator("summary", has_text="Retire").click()
    expect(ads).to_contain_text("Nobody who still rings it is turned away")
    ads.get_by_role("button", name="Retire").click()
    expect(page.locator(".things > li.retired")).to_contain_text("Google Ads")
    last = page.locator(".things > li:not(.retired)")
    last.locator("summary", has_text="Retire").click()
    expect(last).to_contain_text("It is your only number in use")


def test_last_words_from_before_make_the_row_of_who_merely_rang_no_higher(page: Page) -> None:
    settled(page)
    long = "My knee hurts when I run, and since Monday also when I climb stairs. " * 3

    def rang_again(phone: Telephone) -> None:
        phone.text(people.SAM, long, people.at(-4, 9, 0))
        desk.contacted(phone.session, phone.lead(people.SAM), None, people.at(-3, 9, 0))
        phone.miss(people.SAM, clock.now(phone.session) - timedelta(minutes=5))

    happens(rang_again)
    sam, derek = (
        page.locator("[data-row]", has_text=who) for who in ("Sam Whitfield", "425-555-0119")
    )
    before = sam.locator(".before")
    expect(before).to_contain_text("They texted Friday 9:00\xa0AM: My knee hurts when I run")
    assert height(sam) == height(derek)
    page.emulate_media(media="print")
    assert before.locator("span").evaluate("it => it.scrollHeight - it.clientHeight") <= 1


def height(row: Locator) -> float:
    box = row.bounding_box()
    assert box is not None
    return box["height"]
