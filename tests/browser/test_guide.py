"""The first steps in a browser: from an empty installation to the test call, which arrives on the
open page, and the banner goes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from leads import clock, db, errand
from leads.dashboard.app import app
from leads.tracking_number import TrackingNumber
from tests.browser import people
from tests.browser.conftest import watch
from tests.browser.every_page import goes_live
from tests.browser.screenshots import sign_in
from tests.browser.telephone import CLINIC
from tests.browser.test_morning import happens, settled
from tests.server import serving

pytestmark = pytest.mark.browser
CALLER = "+12065550142"
SAID = {
    "Save": "Saved. It holds from the next call on.",
    "Add phone": "Added.",
    "Add number": "Added.",
}


def test_an_empty_installation_is_led_to_a_tested_call(
    context: BrowserContext, database: str
) -> None:
    assert database
    with db.transaction() as session:
        clock.set_to(session, people.NOW)
        people.nothing_set_up(session)
    with serving(app) as address:
        page = context.new_page()
        wrong = watch(page)
        sign_in(page, address)
        banner = page.locator("#guide-banner")
        expect(banner).to_contain_text("Ringback is not ready for calls yet: 5 steps are left.")
        banner.get_by_role("link", name="Go on").click()
        settled(page)
        expect(banner).to_be_hidden()  # the page itself says it
        stands(page, "5 steps are left", "Your clinic")
        expect(page.locator("#tested")).to_contain_text("First the steps above.")

        page.get_by_role("link", name="Name your clinic").click()
        expect(banner).to_contain_text("5 steps are left.")
        page.get_by_label("Name", exact=True).fill("Back In Balance")
        page.get_by_label("Phone", exact=True).fill("425-437-9974")
        saves(page, "Save")
        back(page)
        stands(page, "4 steps are left", "Opening hours")
        expect(page.locator("#step-practice")).to_contain_text("Back In Balance, 425-437-9974.")

        page.get_by_role("link", name="Set the hours").click()
        page.get_by_label("Tuesday").fill("9 AM - 5 PM")
        saves(page, "Save")
        back(page)
        stands(page, "3 steps are left", "Phones that ring")

        page.get_by_role("link", name="Add a phone").click()
        page.get_by_label("Number", exact=True).fill("425-555-0100")
        page.get_by_label("Name", exact=True).fill("Front desk")
        saves(page, "Add phone")
        back(page)
        stands(page, "2 steps are left", "Your number")
        expect(page.locator("#step-phones")).to_contain_text("Front desk 425-555-0100.")

        page.get_by_role("link", name="Add your number").click()
        page.get_by_label("Number", exact=True).fill("425-437-9974")
        page.get_by_label("Where it is shown").last.fill("Website")
        saves(page, "Add number")
        expect(banner).to_contain_text("Ready to try: ring the clinic")
        back(page, "Try a call")
        stands(page, "One step is left", "A test call")
        expect(page.locator("#step-numbers")).to_contain_text("Website 425-437-9974.")
        expect(page.locator("#tested")).to_contain_text("Waiting for the call.")
        expect(page.get_by_role("link", name="practice telephone")).to_be_visible()

        happens(lambda phone: phone.answer(CALLER, clock.now(phone.session), 20))
        expect(page.locator("#tested")).to_contain_text("Front desk took it")
        expect(page.locator("#guide-summary")).to_contain_text("Everything that calls need")
        expect(page.locator(".step.next")).to_have_count(0)
        page.get_by_role("link", name="Look at the lead").click()
        expect(page.get_by_role("heading", name="206-555-0142")).to_be_visible()
        expect(banner).to_have_count(0)
        assert wrong == []


def stands(page: Page, left: str, upon: str) -> None:
    """What the guide says is left, and the step that it is at."""
    expect(page.locator("#guide-summary")).to_contain_text(f"{left} until calls are tested.")
    expect(page.locator("[aria-current=step] h2")).to_have_text(upon)


def saves(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).last.click()
    expect(page.locator("#announcer")).to_have_text(SAID[button])


def back(page: Page, link: str = "Go on") -> None:
    page.locator("#guide-banner").get_by_role("link", name=link).click()
    settled(page)


@pytest.fixture
def live(database: str, environment: pytest.MonkeyPatch) -> Iterator[str]:
    """A live installation that has its number and nothing else."""
    assert database
    with goes_live(environment):
        with db.transaction() as session:
            TrackingNumber.add(session, CLINIC, "Front", "front")
        with serving(app) as address:
            yield address


def test_a_live_number_shows_its_addresses_and_is_set_at_twilio_for_us(
    context: BrowserContext, live: str
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    wrong = watch(page)
    sign_in(page, live)
    page.get_by_role("link", name="Go on").click()
    settled(page)
    addresses = page.locator("#step-numbers .code")
    at = "https://calls.example.com/webhooks/twilio"
    expect(addresses).to_have_text([f"{at}/voice", f"{at}/voice/status", f"{at}/sms"])
    expect(page.get_by_role("button", name="Copy the address")).to_have_count(3)
    page.get_by_role("button", name="Copy the address for: A message comes in").click()
    expect(page.locator("#announcer")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == f"{at}/sms"

    page.get_by_role("button", name="Set them at Twilio for me").click()
    expect(page.locator("#errand-numbers_set")).to_have_text("A worker is at it.")
    expect(page.get_by_role("button", name="Set them at Twilio for me")).to_be_disabled()
    with db.transaction() as session:
        taken = errand.take(session)
        assert taken is not None
        assert taken.kind == "numbers_set"
        errand.end(session, taken.id, [["good", "425-437-9974 leads here now."]])
    expect(page.locator("#errand-numbers_set")).to_contain_text("425-437-9974 leads here now.")
    expect(page.get_by_role("button", name="Set them at Twilio for me")).to_be_enabled()
    assert wrong == []


def test_the_test_call_arrives_on_the_open_page(context: BrowserContext, database: str) -> None:
    """The trial as it begins: all is set up but that nobody has called."""
    assert database
    with db.transaction() as session:
        clock.set_to(session, people.NOW)
        people.hire(session)
    with serving(app) as address:
        guide, other = context.new_page(), context.new_page()
        sign_in(guide, address)
        guide.get_by_role("link", name="Try a call").click()
        other.goto(f"{address}/settings/texting")
        banner = other.locator("#guide-banner")
        expect(banner).to_contain_text("Ready to try: ring the clinic")
        settled(guide)
        waiting = guide.locator("#tested")
        expect(waiting).to_contain_text("Waiting for the call.")
        happens(lambda phone: phone.ring(CALLER, clock.now(phone.session)))
        expect(waiting).to_contain_text("A call is ringing")
        expect(guide.locator("#guide-summary")).to_contain_text("Everything that calls need")
        expect(banner).to_have_count(0)
        happens(lambda phone: phone.answer("+12065550143", clock.now(phone.session), 20))
        expect(waiting).to_contain_text("Front desk took it")
