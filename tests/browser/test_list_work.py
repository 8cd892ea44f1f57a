"""Lists at work: filters and orders by hand, an export that ends, and older pages that live."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from leads import desk
from leads.dashboard.pages import ordering
from leads.demo.telephone import Telephone
from leads.lead import Lead
from tests.browser import people
from tests.browser.test_morning import happens, settled

pytestmark = pytest.mark.browser


def open_filter(page: Page) -> None:
    page.get_by_text("Filter and sort").click()


def test_calls_are_filtered_sorted_and_exported(page: Page, address: str) -> None:
    page.goto(f"{address}/calls")
    everything = page.locator("[data-row]").count()
    open_filter(page)
    page.get_by_role("checkbox", name="Answered", exact=True).check()
    page.get_by_label("Direction").select_option("They called")
    page.get_by_label("Sort by").select_option("Longest")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("outcome=answered&direction=inbound.*sort=length"))
    rows = page.locator("[data-row]")
    assert 0 < rows.count() < everything
    lengths = [cell.strip() for cell in page.locator("tbody td:nth-child(3)").all_inner_texts()]
    seconds = [int(m) * 60 + int(s) for m, s in (each.split(":") for each in lengths)]
    assert seconds == sorted(seconds, reverse=True)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Export these calls").click()
    told = Path(waiting.value.path()).read_text("utf-8-sig")
    assert told.count("\n") == rows.count() + 1
    # A tab changes the outcome and keeps the rest.
    page.get_by_role("navigation", name="Which calls").get_by_text("Voicemail").click()
    expect(page).to_have_url(re.compile(r"direction=inbound&outcome=voicemail&sort=length$"))
    page.get_by_role("link", name="They called").click()
    expect(page).to_have_url(re.compile(r"/calls\?outcome=voicemail&sort=length$"))


def test_leads_are_narrowed_by_the_form_and_cleared(page: Page, address: str) -> None:
    page.goto(f"{address}/leads")
    everybody = page.locator("[data-row]").count()
    open_filter(page)
    page.get_by_role("checkbox", name="New", exact=True).check()
    page.get_by_label("Owner", exact=True).first.select_option("Nobody")
    page.get_by_role("checkbox", name="Needs a call").check()
    page.get_by_label("Last heard of from").fill("2026-11-30")
    page.get_by_label("Sort by").select_option("Waiting longest")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(
        re.compile("stage=new&owner=none&.*since=2026-11-30&.*waiting=yes&sort=waiting")
    )
    assert 0 < page.locator("[data-row]").count() < everybody
    expect(page.locator("#list-count")).to_contain_text("who has waited longest first")
    page.get_by_role("link", name="Clear all").click()
    expect(page.locator("[data-row]")).to_have_count(everybody)


def test_a_view_of_the_calls_is_saved_changed_and_deleted(page: Page, address: str) -> None:
    page.goto(f"{address}/calls?outcome=voicemail&sort=oldest")
    page.get_by_text("Save this view").click()
    page.get_by_label("Name", exact=True).fill("Voicemails in order")
    page.get_by_role("button", name="Save", exact=True).click()
    views = page.get_by_role("navigation", name="Saved views")
    expect(views).to_contain_text("Voicemails in order")
    page.goto(f"{address}/calls")
    views.get_by_role("link", name="Voicemails in order").click()
    expect(page).to_have_url(re.compile(r"/calls\?outcome=voicemail&sort=oldest$"))
    page.get_by_text("Change this view").click()
    page.get_by_label("Name", exact=True).fill("To be heard")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(views.get_by_role("link", name="To be heard")).to_have_attribute("aria-current", "true")
    page.get_by_text("Change this view").click()
    page.get_by_role("button", name="Delete this view").click()
    expect(page).to_have_url(re.compile("/calls$"))
    expect(page.get_by_role("navigation", name="Saved views")).to_have_count(0)


def test_nothing_is_under_way_once_a_download_has_begun(page: Page, address: str) -> None:
    for path, button in (("/leads", "Export these leads"), ("/calls", "Export these calls")):
        page.goto(address + path)
        for _ in range(2):
            with page.expect_download():
                page.get_by_role("button", name=button).click()
            page.wait_for_timeout(700)  # the bar comes after 300 ms, where something still runs
            expect(page.locator("#progress")).to_have_text("", timeout=100)
            expect(page.locator("#main")).not_to_have_attribute("aria-busy", "true", timeout=100)


def test_an_older_page_redraws_itself_and_keeps_what_is_chosen_and_typed(
    page: Page, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "PER_PAGE", 3)
    page.goto(f"{address}/leads?sort=name")
    page.get_by_role("link", name="Show more").click()
    expect(page).to_have_url(re.compile("after="))
    settled(page)
    row = page.locator("[data-row]").first
    row.get_by_role("checkbox").check()
    lead_id = int((row.get_attribute("id") or "").removeprefix("lead-"))
    page.get_by_label("Search by name").fill("half a na")
    happens(lambda phone: close(phone, lead_id))
    expect(row).to_contain_text("Lost")
    expect(row.get_by_role("checkbox")).to_be_checked()
    expect(page.get_by_label("Search by name")).to_be_focused()
    expect(page.get_by_label("Search by name")).to_have_value("half a na")
    assert "after=" in page.url


def close(phone: Telephone, lead_id: int) -> None:
    lead = phone.session.get_one(Lead, lead_id)
    desk.close(phone.session, lead, None, people.NOW, "lost")
