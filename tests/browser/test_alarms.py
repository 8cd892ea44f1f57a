"""What is wrong with sending shows on every open page by itself, and goes the same way."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from leads import alarm, clock, db
from leads.delivery_errors import error_of
from tests.browser import people
from tests.browser.conftest import watch
from tests.browser.looks import axe
from tests.browser.screenshots import sign_in
from tests.browser.telephone import Telephone

pytestmark = pytest.mark.browser
BUTTON = "It is mended: try again"


def sound(code: int) -> None:
    with db.transaction() as session:
        error = error_of(code)
        now, real = clock.now(session), db.database_time(session)
        stops = error.behaviour.stops_sending
        alarm.raise_alarm(session, error.kind, error.alarm, now, real, stops_sending=stops)


@pytest.mark.parametrize("path", ["/", "/calls", "/settings/texting"])
def test_the_bar_comes_and_goes_on_an_open_page(
    context: BrowserContext, address: str, path: str
) -> None:
    page = context.new_page()
    wrong = watch(page)
    sign_in(page, address)
    page.goto(address + path)
    page.wait_for_timeout(400)
    page.evaluate("window.sameDocument = true")
    bar = page.get_by_role("alert")
    expect(bar).to_have_count(0)
    sound(20003)
    expect(bar).to_contain_text("refused our credentials")
    page.get_by_role("button", name=BUTTON).click()
    expect(bar).to_have_count(0)
    expect(page.locator("#announcer")).to_have_text("Sending goes on.")
    with db.transaction() as session:
        assert alarm.open_alarms(session) == []
    sound(20003)
    expect(bar).to_be_visible()
    with db.transaction() as session:
        alarm.taken(session, clock.now(session), db.database_time(session))
    expect(bar).to_have_count(0)
    assert page.evaluate("window.sameDocument")
    assert wrong == []


def test_what_is_typed_in_settings_stays_when_it_comes(
    context: BrowserContext, address: str
) -> None:
    page = context.new_page()
    sign_in(page, address)
    page.goto(f"{address}/settings/texting")
    page.wait_for_timeout(400)
    minutes = page.get_by_label("Minutes to call first after you open")
    minutes.fill("25")
    sound(20003)
    expect(page.get_by_role("alert")).to_be_visible()
    expect(minutes).to_have_value("25")


def test_a_decision_settles_the_question_on_the_desk_in_place(page: Page) -> None:
    with db.transaction() as session:
        Telephone(session).text(people.NEW_CALLER, "stop calling me at work", people.NOW)
    first = page.locator("[data-row]").first
    expect(first).to_contain_text("Does this mean no more texts?")
    page.wait_for_timeout(800)  # a row that has just moved takes no click: see settling.js
    first.get_by_role("button", name="Yes: no more texts").click()
    expect(page.get_by_text("Does this mean no more texts?")).to_have_count(0)
    row = page.locator("[data-row]", has_text="425-555-0188")
    expect(row).to_contain_text("Opted out: no texts")


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_in_trouble_are_accessible_too(chrome: Browser, address: str, width: int) -> None:
    with db.transaction() as session:
        phone = Telephone(session)
        phone.text(people.NEW_CALLER, "stop calling me at work", people.NOW)
        phone.text(people.LINH, "R", people.NOW)
        leads = [phone.lead(e164).id for e164 in (people.NEW_CALLER, people.LINH)]
    sound(20003)
    sound(30007)
    with chrome.new_context(
        viewport={"width": width, "height": 800}, color_scheme="light", has_touch=width < 600
    ) as context:
        page = context.new_page()
        sign_in(page, address)
        found = {}
        for path in ("/", *(f"/leads/{lead_id}" for lead_id in leads), "/follow-ups"):
            page.goto(address + path)
            page.wait_for_timeout(250)
            found[path] = axe(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.goto(f"{address}/leads/{leads[0]}")
        page.locator("#talk summary").click()
        found["the open menu"] = axe(page)
        assert {path: problems for path, problems in found.items() if problems} == {}
