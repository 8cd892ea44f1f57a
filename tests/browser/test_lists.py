"""The lists at a real screen: choosing, changing many, searching by key, and what redraws keep."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from leads import contact_list
from tests.browser import people
from tests.browser.test_claims import snoozed_until_two
from tests.browser.test_morning import happens, settled

pytestmark = pytest.mark.browser


def test_slash_searches_and_what_was_found_is_marked(page: Page, address: str) -> None:
    page.goto(f"{address}/leads")
    page.keyboard.press("/")
    page.keyboard.type("sister")
    page.keyboard.press("Enter")
    expect(page.locator("mark")).to_have_text("sister")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="“sister”").click()
    expect(page).to_have_url(re.compile("/leads$"))


def test_ticks_stay_through_a_redraw_and_the_chosen_are_changed(page: Page, address: str) -> None:
    page.goto(f"{address}/leads")
    bar = page.locator("#bulk-bar")
    expect(bar).to_be_hidden()
    page.get_by_role("checkbox", name="Choose Maria Alvarez").check()
    page.get_by_role("checkbox", name="Choose Tomas Novak").check()
    expect(bar).to_contain_text("2 chosen")
    happens(lambda phone: phone.miss("+12065550999", people.NOW))
    expect(page.get_by_text("206-555-0999").first).to_be_visible()
    expect(bar).to_contain_text("2 chosen")
    expect(page.get_by_role("checkbox", name="Choose Maria Alvarez")).to_be_checked()
    bar.get_by_label("Stage").select_option("lost")
    bar.get_by_role("button", name="Set stage").click()
    expect(page.locator("#bulk-result")).to_contain_text("2 changed")
    page.goto(f"{address}/leads?stage=lost")
    expect(page.get_by_role("link", name="Tomas Novak")).to_be_visible()


def test_who_comes_onto_another_list_than_the_desks_is_no_news(page: Page, address: str) -> None:
    for path in ("/leads", "/calls"):
        page.goto(address + path)
        settled(page)
        before = page.locator("[data-row]").count()
        happens(lambda phone: phone.miss("+12065550997", people.NOW))
        expect(page.locator("[data-row]")).to_have_count(before + 1)
        page.wait_for_timeout(600)  # the sentence follows the row by 300 ms
        expect(page.locator("#news")).to_be_empty()
    page.goto(address)
    settled(page)
    happens(lambda phone: phone.miss("+12065550999", people.NOW))
    expect(page.locator("#news")).to_have_text("206-555-0999 needs a call.")


def test_the_box_in_the_head_takes_the_page_and_all_that_fit_need_a_yes(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/leads")
    rows = page.locator("tbody tr").count()
    page.get_by_role("checkbox", name="Choose all on this page").check()
    bar = page.locator("#bulk-bar")
    expect(bar).to_contain_text(f"{rows} chosen")
    page.get_by_role("checkbox", name="that fit").check()
    bar.get_by_label("Owner").select_option(label="Rosa Lopez")
    bar.get_by_role("button", name="Set owner").click()
    expect(page.locator("h2").first).to_contain_text(f"{rows} leads will be changed")
    page.get_by_role("button", name="Change").click()
    expect(page.locator("#bulk-result")).to_contain_text(f"{rows} changed")


def test_a_filter_is_saved_by_name_and_shared(page: Page, address: str) -> None:
    page.goto(f"{address}/leads?stage=booked&sort=name")
    page.get_by_text("Save this view").click()
    page.get_by_label("Name", exact=True).fill("Booked by name")
    page.get_by_label("Show it to everybody").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="Booked by name")).to_have_attribute(
        "aria-current", "true"
    )


def test_a_contact_list_goes_in_by_hand_and_an_export_comes_out(
    page: Page, address: str, tmp_path: Path
) -> None:
    file = tmp_path / "friends.csv"
    file.write_text("Name;Phone\nNora =Quist;206-555-0201\nMaria Alvarez;206-555-0142\n")
    page.goto(f"{address}/leads/import")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Upload and look").click()
    expect(page.get_by_label("Telephone number")).to_have_value("1")
    page.get_by_role("button", name="Show what would change").click()
    expect(page.locator("#import-state")).to_contain_text("1 new")
    page.get_by_role("button", name="Import 1 row").click()
    expect(page.locator("#import-state")).to_contain_text("Imported")
    page.goto(f"{address}/leads")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Export these leads").click()
    found = contact_list.read(Path(waiting.value.path()).read_bytes())
    assert "Nora =Quist" in {cells[found.headings.index("Name")] for _, cells in found.rows}


def test_who_is_snoozed_is_said_to_be_snoozed_and_not_to_need_a_call(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/leads")
    settled(page)
    tomas = page.locator("tr", has_text="Tomas Novak")
    expect(tomas).to_contain_text("Needs a call")
    happens(snoozed_until_two)
    expect(tomas).to_contain_text("Snoozed until today 2:00 PM")
    expect(tomas).not_to_contain_text("Needs a call")
