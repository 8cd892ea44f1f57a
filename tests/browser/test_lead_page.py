"""One lead's page in the hands of the front desk: details, the player, merge, split, log."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from leads import clock, db, desk
from tests.browser import people
from tests.browser.telephone import Telephone
from tests.browser.test_morning import happens, lead_id, posts, settled

pytestmark = pytest.mark.browser


def opened(page: Page, e164: str) -> None:
    """The lead's page, its live stream open."""
    page.goto(f"{page.url.split('/leads')[0].rstrip('/')}/leads/{lead_id(e164)}")
    settled(page)


def player(page: Page) -> Locator:
    return page.get_by_role("group", name="Voicemail, 0:23")


def is_playing(page: Page) -> bool:
    return bool(player(page).locator("audio").evaluate("sound => !sound.paused"))


def at(page: Page) -> float:
    return float(player(page).locator("audio").evaluate("sound => sound.currentTime"))


def test_details_are_saved_together_and_what_a_colleague_changed_stays(page: Page) -> None:
    opened(page, people.TOMAS)
    page.get_by_label("Tags").fill("massage, insurance question")
    happens(
        lambda phone: desk.close(
            phone.session, phone.lead(people.TOMAS), None, clock.now(phone.session), "won"
        )
    )
    expect(page.locator(".lead-head .badge.won")).to_be_visible()
    expect(page.get_by_label("Tags")).to_have_value("massage, insurance question")
    page.get_by_label("Owner").select_option(label="Rosa Lopez")
    page.get_by_label("Value").fill("180")
    page.get_by_role("button", name="Save details").click()
    head = page.locator(".lead-head")
    expect(head).to_contain_text("insurance question")
    expect(head).to_contain_text("$180")
    expect(head.locator(".badge.won")).to_be_visible()
    expect(page.locator("#announcer")).to_have_text("Details saved.")
    page.get_by_label("Value").fill("much")
    page.get_by_role("button", name="Save details").click()
    expect(page.get_by_role("alert")).to_contain_text("Write the value in dollars")
    expect(page.get_by_label("Value")).to_be_focused()


def test_the_player_by_keys_at_a_speed_that_is_remembered(page: Page) -> None:
    opened(page, people.TOMAS)
    play = player(page).get_by_role("button", name="Play")
    play.focus()
    page.keyboard.press("k")
    expect(player(page).get_by_role("button", name="Pause")).to_be_visible()
    expect(player(page).locator(".time")).to_have_text("0:01 / 0:23")
    page.keyboard.press("l")
    assert at(page) > 10
    page.keyboard.press("ArrowLeft")
    assert 5 < at(page) < 10
    page.keyboard.press("j")
    assert at(page) < 3
    page.keyboard.press("Space")
    expect(play).to_be_visible()
    assert not is_playing(page)
    player(page).get_by_label("Speed").select_option("1.5")
    assert player(page).locator("audio").evaluate("sound => sound.playbackRate") == 1.5
    page.reload()
    settled(page)
    expect(player(page).get_by_label("Speed")).to_have_value("1.5")
    expect(player(page).get_by_label("Position")).to_have_attribute(
        "aria-valuetext", re.compile("0:00 of 0:23")
    )
    # Outside the player its keys are not its own.
    page.locator("h1").click()
    page.keyboard.press("k")
    assert not is_playing(page)


def test_a_voicemail_plays_on_through_a_live_redraw(page: Page) -> None:
    opened(page, people.TOMAS)
    player(page).get_by_role("button", name="Play").click()
    expect(player(page).locator(".time")).to_have_text("0:01 / 0:23")
    happens(
        lambda phone: desk.write_note(
            phone.session, phone.lead(people.TOMAS), None, clock.now(phone.session), "From Anna."
        )
    )
    expect(page.locator(".note-entry", has_text="From Anna.")).to_be_visible()
    assert is_playing(page)
    expect(player(page).get_by_role("button", name="Pause")).to_be_focused()
    expect(player(page).get_by_label("Position")).to_have_count(1)


def test_two_leads_become_one_and_two_again(page: Page) -> None:
    opened(page, people.DEREK)
    page.get_by_role("link", name="Same person as…").click()
    page.get_by_label("Search by name or number").fill("425-555-0188")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Look at merging with 425-555-0188").click()
    expect(page.get_by_role("heading", level=2)).to_have_text(
        "425-555-0188 becomes a part of 425-555-0119"
    )
    page.get_by_role("button", name="Merge them").click()
    expect(page.locator(".timeline")).to_contain_text("Merged with")
    expect(page.get_by_text("Also calls from")).to_be_visible()
    page.get_by_role("link", name="Undo…").click()
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("425-555-0188")


def test_one_lead_becomes_two_people_on_one_phone(page: Page) -> None:
    opened(page, people.MARIA)
    page.get_by_role("link", name="Two people? Split…").click()
    page.get_by_label(re.compile("They texted")).check()
    page.get_by_role("textbox", name="The other person").fill("Elena Alvarez")
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_role("heading", level=2)).to_contain_text(
        "Elena Alvarez stands beside Maria Alvarez"
    )
    page.get_by_role("button", name="Split them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Elena Alvarez")
    expect(page.locator(".bubble.in")).to_contain_text("before noon")
    expect(page.get_by_text("Shares a phone with")).to_contain_text("Maria Alvarez")
    expect(page.locator(".lead-side")).to_contain_text("at this moment this lead")


def test_a_walk_in_is_written_down_and_a_known_number_offered(page: Page) -> None:
    page.goto(f"{page.url}leads/new")
    page.get_by_label("Name").fill("Ruth Osei")
    page.get_by_label("Number").fill("206 555 0142")
    page.get_by_label("What was it?").select_option(label="They walked in")
    page.get_by_label("What happened?").fill("Wants to come with her mother.")
    page.get_by_role("button", name="Log it").click()
    expect(page.get_by_label("Number")).to_be_focused()
    expect(page.get_by_text("Somebody has this number already")).to_be_visible()
    expect(page.get_by_label("What happened?")).to_have_value("Wants to come with her mother.")
    page.get_by_label("Somebody else with the same phone").check()
    page.get_by_role("button", name="Log it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ruth Osei")
    expect(page.locator(".note-entry").first).to_contain_text("Walked in: Wants to come")
    page.get_by_text("Log a call or visit").click()
    page.get_by_label("What happened?").fill("Rang again.")
    page.get_by_label("They still need a call").check()
    page.get_by_role("button", name="Log it").click()
    expect(page.locator("#needs")).to_contain_text("Needs a call")
    with db.transaction() as session:
        assert Telephone(session).messages() > 0


def test_what_is_saved_twice_by_a_double_click_is_kept_once(page: Page, address: str) -> None:
    opened(page, people.TOMAS)
    made = posts(page, "/notes")
    page.get_by_label("Note", exact=True).fill("Asked about parking.")
    page.get_by_role("button", name="Save note").dblclick()
    expect(page.locator(".note-entry", has_text="Asked about parking.")).to_have_count(1)
    settled(page)
    assert len(made) == 1
    page.goto(f"{address}/leads/new")
    made = posts(page, "/leads/new")
    page.get_by_label("Name").fill("Ruth Osei")
    page.get_by_label("What happened?").fill("Came in.")
    page.get_by_role("button", name="Log it").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ruth Osei")
    settled(page)
    assert len(made) == 1


def test_a_note_that_is_too_long_stays_until_it_is_shortened(page: Page) -> None:
    opened(page, people.TOMAS)
    box = page.get_by_label("Note", exact=True)
    words = "A very long story. " * 14_000  # above 256 KB
    box.fill(words)
    page.get_by_role("button", name="Save note").click()
    expect(page.locator("#announcer")).to_contain_text("That is too long to be saved.")
    happens(
        lambda phone: desk.write_note(
            phone.session, phone.lead(people.TOMAS), None, clock.now(phone.session), "From Anna."
        )
    )
    expect(page.locator(".note-entry", has_text="From Anna.")).to_be_visible()
    assert box.input_value() == words
    expect(page.locator("#announcer")).to_contain_text("Your words are kept here")
    box.fill("A long story, in short.")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator("#announcer")).to_have_text("Note saved.")
    expect(page.locator(".note-entry", has_text="in short.")).to_be_visible()


def test_who_is_confidential_has_no_name_on_the_desk(page: Page) -> None:
    opened(page, people.TOMAS)
    page.get_by_role("button", name="Make confidential").click()
    expect(page.locator(".lead-head")).to_contain_text("Confidential")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tomas Novak")
    page.get_by_role("link", name="Needs a call").first.click()
    expect(page.locator("[data-row]", has_text="Confidential")).to_be_visible()
    expect(page.locator("#main")).not_to_contain_text("Novak")
