"""Phones and greetings in a browser: turns change in place, and a preview keeps what is typed."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import watch
from tests.browser.screenshots import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def admin(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    sign_in(page, address)
    return page


def test_phones_change_turns_and_the_page_says_how_long_a_caller_waits(
    admin: Page, address: str
) -> None:
    wrong = watch(admin)
    admin.goto(f"{address}/settings/phones")
    says = admin.locator(".settings-body > .card").first.locator("> p").first
    expect(says).to_contain_text("a caller waits up to 20 seconds")
    admin.get_by_role("radio", name="In turn").check()
    admin.get_by_role("button", name="Save the order").click()
    expect(says).to_contain_text("a caller waits up to 40 seconds in all")
    first = admin.locator(".phones > li").first
    expect(first).to_contain_text("Front desk")
    admin.get_by_role("button", name="Front desk: one turn later").click()
    expect(first).to_contain_text("Dr. Berg's mobile")
    expect(admin.locator("#announcer")).to_have_text("Moved.")
    mobile = admin.locator(".phones > li", has_text="Dr. Berg's mobile")
    mobile.locator("summary", has_text="Edit").click()
    seconds = mobile.get_by_label("Rings for (seconds)")
    seconds.evaluate("field => field.removeAttribute('min')")  # the server's word counts
    seconds.fill("3")
    mobile.get_by_role("button", name="Save").click()
    expect(admin.locator("#announcer")).to_have_text("Not saved: see the marked field.")
    expect(seconds).to_be_focused()
    seconds.fill("35")
    mobile.get_by_role("button", name="Save").click()
    expect(says).to_contain_text("a caller waits up to 55 seconds in all")
    assert wrong == []


def test_a_phone_is_retired_after_a_word_on_who_rings_then(admin: Page, address: str) -> None:
    wrong = watch(admin)
    admin.goto(f"{address}/settings/phones")
    mobile = admin.locator(".phones > li", has_text="Dr. Berg's mobile")
    expect(mobile.get_by_role("button", name="Retire")).to_be_hidden()
    mobile.locator("summary", has_text="Retire").click()
    expect(mobile).to_contain_text("your other phones do")
    mobile.get_by_role("button", name="Retire").click()
    expect(admin.locator(".things > li.retired")).to_contain_text("Dr. Berg's mobile")
    last = admin.locator(".phones > li")
    last.locator("summary", has_text="Retire").click()
    expect(last).to_contain_text("It is your only phone")
    expect(last).to_contain_text("every caller goes to voicemail at once")
    last.get_by_role("button", name="Retire").click()
    expect(admin.locator(".settings-body > .card").first).to_contain_text(
        "None yet: every caller goes to voicemail."
    )
    assert wrong == []


def test_a_greeting_is_previewed_before_it_is_saved(admin: Page, address: str) -> None:
    wrong = watch(admin)
    admin.goto(f"{address}/settings/greetings")
    field = admin.get_by_label("While you are closed")
    field.fill("You have reached {clinic}. We have all gone home.")
    admin.get_by_role("button", name="Preview").click()
    expect(admin.locator("#unsaved")).to_contain_text("Not saved yet.")
    expect(admin.locator("#unsaved")).to_contain_text("We have all gone home. If this is an")
    expect(field).to_have_value("You have reached {clinic}. We have all gone home.")
    field.fill("We have all gone home. Press 4.")
    admin.get_by_role("button", name="Save").click()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    field.fill("You have reached {clinic}. We have all gone home.")
    admin.get_by_role("button", name="Save").click()
    expect(admin.locator("#announcer")).to_have_text(
        "Saved. Callers hear it from the next call on."
    )
    expect(admin.get_by_role("heading", name="What callers hear")).to_be_visible()
    assert wrong == []
