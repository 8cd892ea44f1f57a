"""A plan in a browser: what typing shows at once, and buttons that leave the rest as typed."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from leads import plan_edit
from tests.browser.conftest import watch
from tests.browser.looks import axe
from tests.browser.screenshots import sign_in

pytestmark = pytest.mark.browser
SHIPPED = plan_edit.as_shipped("missed_call")


@pytest.fixture
def plan(context: BrowserContext, address: str) -> Page:
    """Anna, an admin, at the plan for missed calls."""
    page = context.new_page()
    sign_in(page, address)
    page.goto(f"{address}/settings/plans/missed_call")
    return page


def test_what_is_typed_shows_filled_in_with_what_it_costs(plan: Page) -> None:
    text = plan.locator("#text-1")
    text.get_by_label("Words").fill("Hi from {clinic} \u2014 call {phone}. Reply STOP to opt out.")
    expect(text.locator("[data-example]")).to_have_text(
        "Hi from Back In Balance Chiropractic \u2014 call 425-437-9974. Reply STOP to opt out."
    )
    expect(text.locator("[data-count]")).to_have_text("80 characters, 2 segments")


def test_a_preview_keeps_what_is_typed_and_enter_does_not_save(plan: Page, address: str) -> None:
    wrong = watch(plan)
    words = plan.locator("#text-2").get_by_label("Words")
    words.fill("{clinic} once more. Reply STOP to opt out.")
    number = plan.get_by_label("Their number")
    number.fill("12")
    number.press("Enter")
    expect(number).to_be_focused()
    expect(number).to_have_attribute("aria-invalid", "true")
    expect(plan.locator("#announcer")).to_have_text("No preview: see the marked field.")
    number.fill("212-555-0142")
    number.press("Enter")
    line = plan.locator("#preview")
    expect(line).to_contain_text("Back In Balance Chiropractic once more.")
    expect(line.get_by_role("heading")).to_be_focused()
    expect(plan.locator("#announcer")).to_have_text("")
    expect(words).to_have_value("{clinic} once more. Reply STOP to opt out.")
    expect(number).to_have_value("212-555-0142")
    expect(plan.locator("#draft")).to_contain_text("not saved yet")
    assert plan.url == f"{address}/settings/plans/missed_call"
    plan.reload()
    expect(words).not_to_have_value("{clinic} once more. Reply STOP to opt out.")
    assert wrong == []


def test_a_text_is_removed_added_and_saved(plan: Page, address: str) -> None:
    plan.locator("#text-1").get_by_label("Words").fill("{clinic} here. Reply STOP to opt out.")
    plan.get_by_role("button", name="Remove text 2").click()
    expect(plan.locator("#text-3")).to_have_count(0)
    expect(plan.locator("#text-2").get_by_label("Words")).to_have_value(SHIPPED.steps[2].text)
    plan.get_by_role("button", name="Add a text").click()
    third = plan.locator("#text-3")
    third.get_by_label("Goes out").select_option(label="Hours after")
    expect(third.get_by_label("Open day", exact=True)).to_be_hidden()
    third.get_by_label("Hours after").fill("40")
    plan.get_by_text("They end now").click()
    plan.get_by_role("button", name="Save", exact=True).click()
    expect(plan.locator("#announcer")).to_contain_text("Saved.")
    expect(plan.locator("#draft")).to_have_count(0)
    plan.goto(f"{address}/settings/plans")
    card = plan.get_by_role("region", name="Missed call")
    expect(card).to_contain_text("40 hours after the call")
    expect(card).to_contain_text("No follow-up is under way")
    plan.goto(f"{address}/settings/plans/missed_call")
    plan.get_by_role("button", name="As shipped").click()
    expect(plan.locator("#text-1").get_by_label("Words")).to_have_value(SHIPPED.steps[0].text)


def test_it_all_works_without_a_script(context: BrowserContext, address: str) -> None:
    browser = context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False) as plain:
        page = plain.new_page()
        sign_in(page, address)
        page.goto(f"{address}/settings/plans/missed_call")
        page.get_by_role("button", name="Remove text 3").click()
        page.get_by_label("Their number").fill("212-555-0142")
        page.get_by_label("Their number").press("Enter")
        expect(page.get_by_role("heading", name="What would happen")).to_be_visible()
        expect(page.locator("#text-3")).to_have_count(0)
        page.get_by_role("button", name="Save", exact=True).click()
        page.goto(f"{address}/settings/plans/missed_call")
        expect(page.locator("#text-2")).to_be_visible()
        expect(page.locator("#text-3")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_are_accessible_with_problems_and_a_preview_on_them(
    context: BrowserContext, address: str, width: int
) -> None:
    browser = context.browser
    assert browser is not None
    with browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme="light", has_touch=width < 600
    ) as opened:
        page = opened.new_page()
        sign_in(page, address)
        page.goto(f"{address}/settings/plans")
        found = {"plans": axe(page)}
        page.goto(f"{address}/settings/plans/missed_call")
        page.get_by_label("Their number").fill("212-555-0142")
        page.get_by_label("They agreed to texts in this way").select_option("call")
        page.locator("#preview-button").click()
        expect(page.locator("#preview")).to_be_visible()
        settled(page)
        found["preview"] = axe(page)
        page.locator("#text-2").get_by_label("Words").fill("Your back pain \u2014")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("#text-2 [aria-invalid]")).to_be_visible()
        settled(page)
        found["refused"] = axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert {path: problems for path, problems in found.items() if problems} == {}


def settled(page: Page) -> None:
    """No form is on its way any more: its buttons are faded meanwhile."""
    expect(page.locator("form.htmx-request")).to_have_count(0)
    page.wait_for_timeout(200)
