"""The pages of the settings and of the account, each used by hand."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from leads import db
from leads.practice import Practice
from leads.staff import Staff
from tests.browser import people
from tests.browser.conftest import watch
from tests.browser.screenshots import sign_in
from tests.browser.test_settings import admin

pytestmark = pytest.mark.browser
__all__ = ["admin"]  # a fixture


def practice() -> Practice:
    with db.transaction() as session:
        return Practice.get(session)


def member(email: str) -> Staff:
    with db.transaction() as session:
        return session.scalars(select(Staff).where(Staff.email == email)).one()


def says(page: Page, words: str) -> None:
    expect(page.locator("#announcer")).to_have_text(words)


def test_a_role_is_changed_and_somebody_is_let_in_no_more(
    admin: Page, address: str, chrome: Browser
) -> None:
    wrong = watch(admin)
    with chrome.new_context() as elsewhere:
        rosa = elsewhere.new_page()
        sign_in(rosa, address, people.RECEPTIONIST)
        admin.goto(f"{address}/settings/staff")
        row = admin.locator(f"#member-{member(people.RECEPTIONIST).id}")
        row.locator("summary").click()
        row.get_by_label("Role").select_option("marketing")
        row.get_by_role("button", name="Save").click()
        says(admin, "Saved. It holds from their next click on.")
        answer = rosa.goto(f"{address}/leads")
        assert answer is not None
        assert answer.status == 403
        row.locator("summary").click()
        row.get_by_role("button", name="Do not let in any more").click()
        expect(row).to_contain_text("Cannot sign in")
        rosa.goto(f"{address}/account")
        expect(rosa).to_have_url(re.compile("/sign-in"))
    row.get_by_role("button", name="Let in again").click()
    says(admin, "They may sign in again, with the password they had.")
    expect(row).not_to_contain_text("Cannot sign in")
    own = admin.locator(f"#member-{member(people.ADMIN).id}")
    own.locator("summary").click()
    own.get_by_label("Role").select_option("front_desk")
    own.get_by_role("button", name="Save").click()
    expect(own.locator(".error")).to_be_visible()  # one admin always stays
    assert member(people.ADMIN).role == "admin"
    assert wrong == []


def test_a_token_is_made_shown_once_and_revoked(admin: Page, address: str) -> None:
    wrong = watch(admin)
    admin.goto(f"{address}/settings/tokens")
    admin.get_by_label("Which program is it for?").fill("Website")
    admin.get_by_role("button", name="Make token").click()
    token = admin.locator("#one-time-token").inner_text()
    bearer = {"Authorization": f"Bearer {token}"}
    assert admin.request.get(f"{address}/api/v1/leads", headers=bearer).status == 200
    admin.goto(f"{address}/settings/tokens")
    expect(admin.locator("#one-time-token")).to_have_count(0)
    assert token not in admin.content()
    admin.get_by_role("button", name="Revoke Website").click()
    says(admin, "Revoked. It opens nothing any more.")
    expect(admin.locator(".things .retired")).to_contain_text("Revoked")
    assert admin.request.get(f"{address}/api/v1/leads", headers=bearer).status == 401
    assert wrong == []


def test_a_reply_is_saved_changed_and_deleted(page: Page, address: str) -> None:
    page.goto(f"{address}/settings/replies")
    before = page.locator(".things li[id]").count()
    page.get_by_label("Name", exact=True).fill("Where we are")
    page.get_by_label("Text", exact=True).fill("Hi {name}, we are on the second floor.")
    page.get_by_role("button", name="Save", exact=True).click()
    says(page, "Saved. It is in every text field from now on.")
    row = page.locator(".things li", has_text="Where we are")
    expect(row).to_contain_text("Hi Maria, we are on the second floor.")
    row.get_by_role("link", name="Change").click()
    page.get_by_label("Text", exact=True).fill("Hi {name}, third floor.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(row).to_contain_text("Hi Maria, third floor.")
    row.get_by_role("button", name="Delete").click()
    expect(page.locator(".things li[id]")).to_have_count(before)


def test_a_holiday_is_ticked_looked_at_and_kept(admin: Page, address: str) -> None:
    wrong = watch(admin)
    admin.goto(f"{address}/settings/practice")
    admin.get_by_role("checkbox", name="Christmas Day").check()
    admin.get_by_role("button", name="Show what would change").click()
    expect(admin.locator("#changes")).to_contain_text("December 25: all calls go to voicemail.")
    assert "2026-12-25" not in practice().closed_days
    admin.get_by_role("button", name="Save", exact=True).click()
    says(admin, "Saved. It holds from the next call on.")
    expect(admin.get_by_label("Closed days")).to_have_value("2026-12-25 Christmas Day")
    expect(admin.get_by_role("checkbox", name="Christmas Day")).to_have_count(0)
    assert practice().closed_days == {"2026-12-25": "Christmas Day"}
    assert wrong == []


def test_when_texts_may_go_is_saved_and_a_colleagues_change_is_asked_about(
    admin: Page, address: str, chrome: Browser
) -> None:
    wrong = watch(admin)
    path = f"{address}/settings/texting"
    with chrome.new_context() as elsewhere:
        other = elsewhere.new_page()
        sign_in(other, address)
        other.goto(path)
        admin.goto(path)
        admin.get_by_role("checkbox", name="Saturday").uncheck()
        admin.get_by_label("Until").fill("19:00")
        admin.get_by_role("button", name="Save", exact=True).click()
        says(admin, "Saved. It holds from the next text on.")
        other.get_by_label("Until").fill("18:00")
        other.get_by_role("button", name="Save", exact=True).click()
        expect(other.locator("#texting_until-error")).to_contain_text(
            "Anna Berg changed this meanwhile to “19:00”."
        )
        expect(other.get_by_label("Until")).to_have_value("18:00")
        expect(other.get_by_label("Until")).to_be_focused()
        expect(other.get_by_role("checkbox", name="Saturday")).not_to_be_checked()
        assert f"{practice().texting_until:%H:%M}" == "19:00"
        other.get_by_role("button", name="Save", exact=True).click()
        says(other, "Saved. It holds from the next text on.")
    assert f"{practice().texting_until:%H:%M}" == "18:00"
    assert 5 not in practice().texting_days
    assert wrong == []


def test_a_number_is_added_and_refused_beside_its_field(admin: Page, address: str) -> None:
    wrong = watch(admin)
    admin.goto(f"{address}/settings/numbers")
    numbers = admin.locator(".things > li[id]")
    before = numbers.count()
    add = admin.locator("form[action='/settings/numbers']")
    add.get_by_label("Number", exact=True).fill("12")
    add.get_by_label("Where it is shown").fill("Front window")
    add.get_by_role("button", name="Add number").click()
    expect(admin.locator("#e164-error")).to_contain_text("This is no phone number")
    expect(add.get_by_label("Where it is shown")).to_have_value("Front window")
    add.get_by_label("Number", exact=True).fill("425-555-0123")
    add.get_by_role("button", name="Add number").click()
    says(admin, "Added.")
    expect(numbers).to_have_count(before + 1)
    expect(numbers.filter(has_text="Front window")).to_contain_text("425-555-0123")
    expect(add.get_by_label("Number", exact=True)).to_have_value("")
    assert wrong == []


def test_the_mail_of_the_day_is_chosen_on_the_account_page(page: Page, address: str) -> None:
    page.goto(f"{address}/account")
    page.get_by_role("checkbox", name="The day by mail").check()
    page.locator("form", has=page.get_by_role("checkbox", name="The day by mail")).get_by_role(
        "button", name="Save"
    ).click()
    expect(page.locator("#announcer")).to_have_text("Saved.")
    page.reload()
    expect(page.get_by_role("checkbox", name="The day by mail")).to_be_checked()
    assert member(people.RECEPTIONIST).digest
