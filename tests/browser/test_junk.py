"""Junk in a browser: blocked in place, live, and by keyboard."""

import pytest
from playwright.sync_api import Page, expect

from leads import db
from tests.browser import people
from tests.browser.telephone import Telephone
from tests.conftest import TUESDAY_TEN

pytestmark = pytest.mark.browser
FORGED = "+15092340171"


def forged_call() -> None:
    with db.transaction() as session:
        Telephone(session).miss(FORGED, TUESDAY_TEN).stir = "TN-Validation-Failed"


def test_a_suspect_appears_by_itself_and_is_blocked_in_place(page: Page, address: str) -> None:
    page.goto(f"{address}/junk")
    expect(page.get_by_text("Nothing looks like spam.")).to_be_visible()
    page.wait_for_timeout(500)  # the stream is open
    forged_call()
    row = page.locator("li", has_text="509-234-0171")
    expect(row).to_contain_text("failed the carriers' check")
    row.get_by_role("button", name="Block").click()
    expect(page.locator("#announcer")).to_have_text("Blocked. Their calls are turned away.")
    expect(row).to_have_count(0)
    assert page.url == f"{address}/junk"
    with db.transaction() as session:
        assert Telephone(session).ring(FORGED, TUESDAY_TEN).outcome == "blocked"
    page.get_by_role("link", name="Blocked").click()
    blocked = page.locator("li", has_text="509-234-0171")
    expect(blocked).to_contain_text("1 call turned away")
    blocked.get_by_role("button", name="Unblock").click()
    expect(blocked).to_have_count(0)


def test_a_lead_is_blocked_with_the_keyboard_alone(page: Page, address: str) -> None:
    with db.transaction() as session:
        derek = Telephone(session).lead(people.DEREK).id
    page.goto(f"{address}/leads/{derek}")
    page.locator("#block-form > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Why")).to_be_focused()
    page.keyboard.press("a")  # Abuse, or A fax: whichever the browser finds first
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_have_text("Blocked. Their calls are turned away.")
    expect(page.locator("#blocking")).to_contain_text("Blocked")
    expect(page.locator("#unblock")).to_be_visible()


def test_a_withheld_voicemail_is_settled_on_the_desk(page: Page, address: str) -> None:
    page.goto(address)
    section = page.locator("section", has_text="Called today without a number")
    section.get_by_role("button", name="Heard").click()
    expect(page.locator("#announcer")).to_have_text("Settled.")
    expect(section).to_have_count(0)
    page.goto(f"{address}/junk?show=withheld")
    expect(page.get_by_text("heard by Rosa Lopez")).to_be_visible()
