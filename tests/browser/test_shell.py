"""What stands around every page: counts, the chime, progress, the end of a session, waking up."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import delete, select, text, update

from leads import clock, db
from leads.staff import Staff, StaffSession
from tests.browser import people
from tests.browser.pages import pages
from tests.browser.screenshots import sign_in
from tests.browser.test_morning import STRANGER, happens, lead_id, settled

pytestmark = pytest.mark.browser
# Notes each tone that the page starts; the browser's own sound stays as it is.
COUNT_TONES = """
window.tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  window.tones += 1;
  return start.apply(this, when);
};
"""


COUNT_CHANGES = """
at => {
  window.changes = 0;
  const all = { subtree: true, childList: true, characterData: true };
  new MutationObserver(() => (window.changes += 1)).observe(document.querySelector(at), all);
}
"""


def miss(caller: str) -> None:
    happens(lambda phone: phone.miss(caller, clock.now(phone.session)))


def ring(caller: str) -> None:
    happens(lambda phone: phone.ring(caller, clock.now(phone.session)))


def tones(*tabs: Page) -> int:
    return sum(tab.evaluate("window.tones") for tab in tabs)


def test_every_page_shows_a_call_as_it_rings(page: Page, address: str) -> None:
    with db.transaction() as session:
        session.execute(update(Staff).values(role="admin"))
        paths = {**pages(session), "account": "/account"}
        del paths["password"]  # which stands alone, for whoever comes by a link
    for number, (name, path) in enumerate(paths.items()):
        page.goto(address + path)
        settled(page)
        caller = f"+1425555{1000 + number}"
        ring(caller)
        shown = page.locator("#ringing", has_text=f"425-555-{1000 + number}")
        expect(shown, name).to_be_visible()


def test_the_tab_counts_on_every_page(page: Page, address: str) -> None:
    for path, title in (("/", "Needs a call"), ("/account", "Your account"), ("/calls", "Calls")):
        page.goto(address + path)
        settled(page)
        before = int(page.title().partition(")")[0].removeprefix("("))
        assert page.title() == f"({before}) {title} · Ringback"
        miss(f"+1425555016{before}")
        expect(page).to_have_title(f"({before + 1}) {title} · Ringback")
        assert "favicon-waiting" in (page.locator("#favicon").get_attribute("href") or "")


def test_a_missed_call_chimes_once_in_one_tab(
    context: BrowserContext, page: Page, address: str
) -> None:
    context.add_init_script(COUNT_TONES)
    other = context.new_page()
    for tab, path in ((page, "/"), (other, "/calls")):
        tab.goto(address + path)
        settled(tab)
        tab.locator("body").press("Shift")  # a browser asks for one key or click first
    miss("+14255550171")
    page.wait_for_timeout(1500)
    assert tones(page, other) == 2  # one chime has two tones
    page.reload()
    settled(page)
    assert tones(page) == 0
    ring(STRANGER)
    page.wait_for_timeout(700)
    assert tones(page) == 0  # it only rings


def never_clicked_in(context: BrowserContext, address: str) -> Page:
    """A tab that its browser lets make no sound, such as one that it brought back by itself.

    To look into it would count as a click: until then it is only waited for.
    """
    tab = context.new_page()
    tab.goto(f"{address}/calls")
    tab.wait_for_timeout(400)
    return tab


def test_a_tab_that_may_not_sound_leaves_the_chime_to_one_that_may(
    context: BrowserContext, page: Page, address: str
) -> None:
    context.add_init_script(COUNT_TONES)
    page.goto(address)
    settled(page)
    page.locator("body").press("Shift")
    silent = never_clicked_in(context, address)

    def late(route: Route) -> None:
        page.wait_for_timeout(500)  # the silent tab hears of it first
        route.continue_()

    page.route(f"{address}/", late)
    miss("+14255550171")
    page.wait_for_timeout(2000)
    assert tones(page) == 2
    assert tones(silent) == 0


def test_a_chime_that_nobody_could_hear_is_not_made_up_for_later(
    context: BrowserContext, page: Page, address: str
) -> None:
    context.add_init_script(COUNT_TONES)
    page.goto(address)  # the browser is known here
    settled(page)
    silent = never_clicked_in(context, address)
    page.close()
    miss("+14255550171")
    silent.wait_for_timeout(3000)
    silent.locator("h1").click()
    assert tones(silent) == 0
    silent.evaluate("(now => (Date.now = () => now() + 15_000))(Date.now)")
    happens(lambda phone: phone.text(people.MARIA, "Hello?", clock.now(phone.session)))
    silent.wait_for_timeout(1500)
    assert tones(silent) == 0
    miss("+14255550173")
    silent.wait_for_timeout(1500)
    assert tones(silent) == 2  # for the one who called just now


def test_whoever_does_not_want_the_chime_hears_none(
    context: BrowserContext, page: Page, address: str
) -> None:
    context.add_init_script(COUNT_TONES)
    page.goto(f"{address}/account")
    page.get_by_role("button", name="Hear the chime").click()
    assert tones(page) == 2
    page.get_by_label("A quiet chime for a missed call").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#announcer")).to_have_text("Saved.")
    miss("+14255550172")
    page.wait_for_timeout(1200)
    assert tones(page) == 2


def test_what_takes_longer_shows_that_it_is_under_way(page: Page, address: str) -> None:
    page.goto(f"{address}/account")
    settled(page)
    bar, main = page.locator("#progress"), page.locator("#main")
    with db.transaction() as session:  # which the saving has to wait for
        session.execute(select(Staff).with_for_update())
        page.get_by_role("button", name="Save").click(no_wait_after=True)
        expect(bar).to_have_class("progress on")
        expect(bar).to_have_text("Working…")
        expect(main).to_have_attribute("aria-busy", "true")
    expect(bar).not_to_have_class("progress on")
    expect(main).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#announcer")).to_have_text("Saved.")


def test_before_it_signs_out_it_warns_and_any_key_puts_it_off(
    context: BrowserContext, page: Page, address: str
) -> None:
    page.goto(f"{address}/leads/{lead_id(people.TOMAS)}")
    other = context.new_page()
    other.goto(f"{address}/calls")
    settled(page)
    box = page.get_by_label("Text Tomas Novak")
    box.fill("Half a sentence")
    with db.transaction() as session:
        ago = "now() - interval '9 hours 54 minutes'"
        session.execute(text(f"UPDATE staff_session SET last_active_at = {ago}"))  # noqa: S608 - our own words
        db.changed(session, "settings")
    warning = "Nobody has used Ringback for a long time: you will be signed out in 5 minutes."
    for tab in (page, other):
        expect(tab.locator("#ending")).to_contain_text(warning)
    expect(page.get_by_role("button", name="Stay signed in")).to_be_visible()
    # The running count is for eyes; a screen reader hears the hour, once.
    bar = page.locator("#ending")
    expect(bar.locator("[aria-hidden=true]")).to_contain_text("in 5 minutes")
    heard = bar.locator(".sr-only")
    expect(heard).to_have_text(re.compile(r"you will be signed out at \d+:\d\d [AP]M\."))
    said = heard.text_content()
    page.evaluate(COUNT_CHANGES, "#ending")
    page.wait_for_timeout(2500)
    assert page.evaluate("window.changes") <= 1  # the minute may be over just now
    assert heard.text_content() == said
    box.press("End")
    box.press_sequentially(",")
    for tab in (page, other):
        expect(tab.locator("#ending")).to_be_hidden()
    expect(box).to_have_value("Half a sentence,")
    with db.transaction() as session:
        idle = text("SELECT max(now() - last_active_at) < '1 minute' FROM staff_session")
        assert session.execute(idle).scalar_one()


def test_the_end_of_the_longest_session_is_said(page: Page, address: str) -> None:
    page.goto(f"{address}/calls")
    settled(page)
    with db.transaction() as session:
        soon = "UPDATE staff_session SET expires_at = now() + interval '20 minutes 30 seconds'"
        session.execute(text(soon))
        db.changed(session, "settings")
    expect(page.locator("#ending")).to_contain_text("signed in for a week")
    expect(page.locator("#ending")).to_contain_text("in 20 minutes")
    expect(page.get_by_role("button", name="Stay signed in")).to_have_count(0)


def test_signed_in_anew_in_another_tab_what_was_typed_is_sent(
    context: BrowserContext, page: Page, address: str
) -> None:
    page.goto(f"{address}/leads/{lead_id(people.TOMAS)}")
    settled(page)
    box = page.get_by_label("Text Tomas Novak")
    box.fill("See you tomorrow")
    with db.transaction() as session:
        session.execute(delete(StaffSession))
    page.get_by_role("button", name="Send text").click()
    expect(page.locator(".connection.signed-out")).to_be_visible()
    other = context.new_page()
    sign_in(other, address, people.RECEPTIONIST)
    expect(page.locator(".connection.signed-out")).to_be_hidden(timeout=25_000)
    expect(box).to_have_value("See you tomorrow")
    page.get_by_role("button", name="Send text").click()
    expect(page.locator(".bubble.out").first).to_contain_text("See you tomorrow")
