"""Settings in a browser: what is refused and what is shown once come before one's eyes."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import people
from tests.browser.conftest import watch
from tests.browser.screenshots import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def admin(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    sign_in(page, address)
    return page


def test_a_refused_save_shows_the_field_and_no_longer_says_saved(admin: Page, address: str) -> None:
    wrong = watch(admin)
    admin.goto(f"{address}/settings/practice")
    save = admin.get_by_role("button", name="Save")
    save.click()
    note = admin.locator("#announcer")
    expect(note).to_have_text("Saved. It holds from the next call on.")
    monday = admin.get_by_label("Monday")
    monday.fill("nine to five")
    save.click()
    expect(note).to_have_text("Not saved: see the marked field.")
    expect(monday).to_be_focused()
    expect(monday).to_be_in_viewport()
    expect(monday).to_have_attribute("aria-invalid", "true")
    expect(monday).to_have_value("nine to five")
    monday.fill("9 AM - 5 PM")
    save.click()
    expect(note).to_have_text("Saved. It holds from the next call on.")
    expect(monday).not_to_have_attribute("aria-invalid", "true")
    assert wrong == []


def test_a_link_that_is_shown_once_comes_into_view_and_is_copied(
    admin: Page, address: str, context: BrowserContext
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    admin.set_viewport_size({"width": 390, "height": 500})
    admin.goto(f"{address}/settings/staff")
    admin.get_by_label("Name", exact=True).last.fill("Noor")
    admin.get_by_label("E-mail").fill("noor@clinic.example")
    admin.get_by_role("button", name="Add", exact=True).click()
    shown = admin.locator("#one-time")
    expect(shown).to_be_focused()
    expect(shown).to_be_in_viewport()
    admin.get_by_role("button", name="Copy the link").click()
    expect(admin.locator("#announcer")).to_have_text("Copied.")
    link = admin.evaluate("navigator.clipboard.readText()")
    assert link == admin.locator("#one-time-link").text_content()
    assert "/sign-in/link?token=" in link


def test_a_new_password_can_be_looked_at(admin: Page, address: str) -> None:
    admin.goto(f"{address}/password")
    field = admin.get_by_label("New password")
    field.fill(people.PASSWORD)
    show = admin.get_by_role("button", name="Show the password")
    show.click()
    expect(field).to_have_attribute("type", "text")
    expect(show).to_have_attribute("aria-pressed", "true")
    show.click()
    expect(field).to_have_attribute("type", "password")


def test_what_needs_a_script_is_not_shown_without_one(
    context: BrowserContext, address: str
) -> None:
    browser = context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False) as plain:
        page = plain.new_page()
        sign_in(page, address)
        page.goto(f"{address}/password")
        expect(page.get_by_role("button", name="Show the password")).to_be_hidden()
