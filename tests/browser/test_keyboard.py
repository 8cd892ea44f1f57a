"""The whole morning's work by keyboard alone, and a keyboard that never loses its place."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from leads import clock, db, desk
from leads.message import Message
from leads.timeline import TimelineEntry
from tests.browser import people
from tests.browser.telephone import Telephone
from tests.browser.test_call_back import goes_on, placed
from tests.browser.test_morning import happens, lead_id, settled

pytestmark = pytest.mark.browser
FAR = 150  # presses of Tab


def chosen(page: Page) -> str:
    """The name on the row that the keyboard is on."""
    name = "document.activeElement.closest('[data-row]')?.querySelector('.name').textContent ?? ''"
    said: str = page.evaluate(name)
    return said.strip()


def rows(page: Page) -> list[str]:
    return [name.strip() for name in page.locator("[data-row] .name").all_text_contents()]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, place: str) -> None:
    """To the first thing on the way that is such a place."""
    for _ in range(FAR):
        if page.evaluate("place => document.activeElement.matches(place)", place):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {place}")


def test_the_whole_morning_is_done_by_keyboard_alone(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    tab_to(page, "[name=email]")
    page.keyboard.type(people.RECEPTIONIST)
    tab_to(page, "[name=password]")
    page.keyboard.type(people.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")
    settled(page)
    assert rows(page) == [
        "Maria Alvarez",
        "Tomas Novak",
        "253-555-0177",
        "425-555-0119",
        "425-555-0188",
    ]

    # Maria asked something: claim her, then text her. The row goes, the keyboard goes on.
    press(page, "j", "c")
    expect(page.locator("[data-row]", has_text="You have this until")).to_have_count(1)
    assert chosen(page) == "Maria Alvarez"
    press(page, "t")
    page.keyboard.type("Yes, 11:15 is free. See you then!")
    press(page, "Control+Enter")
    expect(page.locator("[data-row]", has_text="Maria Alvarez")).to_have_count(0)
    expect(page.locator("#announcer")).to_have_text("Your text is on its way.")
    assert chosen(page) == "Tomas Novak"

    # Tomas left a voicemail, which plays on while he is rung.
    tab_to(page, "[data-play]")
    assert chosen(page) == "Tomas Novak"
    voicemail = page.locator("[data-row]", has_text="Tomas Novak").locator("[data-play]")
    press(page, "Enter")
    expect(voicemail).to_have_class(re.compile("playing"))

    # Tomas is rung from Rosa's own phone, twice: no answer, then a message. He stays.
    press(page, "3")
    expect(page.locator("[data-row]", has_text="We tried once")).to_contain_text("no answer")
    # The live redraw may be sooner than the answer, which the same form has to wait for.
    expect(page.locator("#announcer")).to_have_text("Noted: no answer.")
    press(page, "Enter")
    expect(voicemail).not_to_have_class(re.compile("playing"))
    press(page, "2")
    expect(page.locator("[data-row]", has_text="We tried twice")).to_contain_text("left a message")
    assert chosen(page) == "Tomas Novak"
    press(page, "z", "Enter")  # half an hour
    expect(page.locator("[data-row]", has_text="Tomas Novak")).to_have_count(0)
    expect(page.locator("#away")).to_contain_text("1 snoozed")
    assert chosen(page) == "253-555-0177"

    # Priya is spoken with. Derek is called back: the first time it asks on which phone.
    press(page, "1")
    expect(page.locator("[data-row]")).to_have_count(2)
    assert chosen(page) == "425-555-0119"
    press(page, "r")
    expect(page.get_by_role("heading", name="Which phone is yours?")).to_be_visible()
    tab_to(page, "#call-now")
    press(page, "Enter")
    derek = page.locator("[data-row]", has_text="425-555-0119")
    expect(derek).to_contain_text("Front desk is about to ring for Rosa Lopez")
    placed()
    goes_on("dialled")
    expect(derek).to_contain_text("Rosa Lopez is calling them")
    goes_on("over")
    expect(derek).not_to_contain_text("is calling them")

    # She hangs up before he answers; he books. The new caller turns out to be a supplier.
    press(page, "j")
    assert chosen(page) == "425-555-0119"
    press(page, "b")
    expect(page.locator("[data-row]")).to_have_count(1)
    press(page, "x", "Tab", "Tab", "Enter")
    expect(page.locator("[data-row]")).to_have_count(0)
    expect(page.get_by_text("Nobody is waiting right now.")).to_be_visible()

    # Somebody without a number left a voicemail: heard, and settled.
    tab_to(page, "[id^=call-] [data-play]")
    press(page, "Enter")
    expect(page.locator("[id^=call-] [data-play]")).to_have_class(re.compile("playing"))
    tab_to(page, "[id^=heard-]")
    press(page, "Enter")
    expect(page.get_by_text("Called today without a number")).to_have_count(0)

    # The snoozed one is brought back, settled, and the desk is done.
    tab_to(page, "#away > summary")
    press(page, "Enter")
    tab_to(page, "[id^=wake-]")
    press(page, "Enter")
    expect(page.locator("[data-row]", has_text="Tomas Novak")).to_have_count(1)
    press(page, "j", "s")
    expect(page.get_by_text("Nobody is waiting. Well done.")).to_be_visible()

    # Grace has written: she gets an answer in the inbox.
    press(page, "g", "i")
    expect(page).to_have_url(f"{address}/inbox")
    settled(page)
    place = page.locator("[data-row] .name").all_text_contents().index("Unread: Grace Kim")
    press(page, *"j" * (place + 1), "Enter")
    expect(page.get_by_role("heading", name="Grace Kim")).to_be_visible()
    settled(page)
    tab_to(page, "textarea")
    page.keyboard.type("You are welcome, Grace.")
    press(page, "Control+Enter")
    expect(page.locator(".bubble.out").last).to_contain_text("You are welcome, Grace.")
    with db.transaction() as session:
        texts = select(Message.body).where(Message.staff_id.is_not(None)).order_by(Message.id)
        assert session.scalars(texts).all()[-2:] == [
            "Yes, 11:15 is free. See you then!",
            "You are welcome, Grace.",
        ]
        rang = select(TimelineEntry.facts["result"].astext).where(TimelineEntry.kind == "rang")
        assert session.scalars(rang.order_by(TimelineEntry.id)).all() == [
            "no_answer",
            "message",
            "spoke",
        ]


def test_keys_go_to_every_page_and_to_the_search(page: Page, address: str) -> None:
    settled(page)
    for key, path in (("l", "/leads"), ("c", "/calls"), ("f", "/follow-ups"), ("d", "/")):
        press(page, "g", key)
        expect(page).to_have_url(f"{address}{path}")
    press(page, "/")
    expect(page).to_have_url(re.compile("/leads"))
    expect(page.locator('input[type="search"]')).to_be_focused()
    page.keyboard.type("jck?")  # what is typed is no shortcut
    expect(page.locator('input[type="search"]')).to_have_value("jck?")


def test_help_says_what_the_keys_do_and_switches_them_off(page: Page, address: str) -> None:
    settled(page)
    press(page, "?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    expect(dialog).to_contain_text("Next and previous person on the list")
    switch = dialog.get_by_label("Single keys do this, in this browser")
    while not switch.evaluate("box => box === document.activeElement"):
        page.keyboard.press("Tab")
    press(page, "Space", "Escape")
    expect(dialog).to_be_hidden()
    press(page, "j", "s", "?")
    expect(dialog).to_be_hidden()
    assert chosen(page) == ""
    expect(page.locator("[data-row]")).to_have_count(5)
    page.reload()  # it is kept
    settled(page)
    press(page, "j")
    assert chosen(page) == ""
    page.get_by_role("button", name="Keyboard").press("Enter")
    switch.press("Space")
    press(page, "Escape", "j")
    assert chosen(page) == "Maria Alvarez"
    expect(page).to_have_url(f"{address}/")


def test_help_is_true_of_the_page_it_is_asked_on(page: Page, address: str) -> None:
    for path, key, says in (
        ("/leads", "x", "On the desk, close: won, lost, not a lead. On Leads: tick"),
        ("/junk?show=withheld", "s", "Settle"),
        (f"/leads/{lead_id(people.TOMAS)}", "j l", "In a recording's player: ten seconds back"),
    ):
        page.goto(address + path)
        settled(page)
        press(page, "?")
        line = page.locator("#keys dl > div").filter(
            has=page.locator("dt", has_text=re.compile(rf"^\s*{key}\s*$"))
        )
        expect(line.locator("dd")).to_contain_text(says)


def test_a_key_settles_nobody_before_somebody_is_chosen(page: Page) -> None:
    settled(page)
    press(page, "s")
    expect(page.locator("[data-row]")).to_have_count(5)
    assert chosen(page) == "Maria Alvarez"
    press(page, "s")
    expect(page.locator("[data-row]")).to_have_count(4)
    assert chosen(page) == "Tomas Novak"


def test_the_keyboard_walks_the_list_and_stays_on_its_row_while_others_come(page: Page) -> None:
    settled(page)
    press(page, "j", "j", "j", "k")
    assert chosen(page) == "Tomas Novak"
    happens(lambda phone: phone.text(people.DEREK, "Hello?", clock.now(phone.session)))
    expect(page.locator("[data-row]").first).to_contain_text("Hello?")
    assert chosen(page) == "Tomas Novak"
    press(page, "k", "k", "k")
    assert chosen(page) == rows(page)[0]
    press(page, "Enter")
    expect(page).to_have_url(re.compile(r"/leads/\d+$"))


def test_a_row_that_a_colleague_settles_takes_no_key_that_was_meant_for_it(page: Page) -> None:
    settled(page)
    press(page, "j")
    maria = lead_id(people.MARIA)
    with db.transaction() as session:
        lead = Telephone(session).lead(people.MARIA)
        desk.contacted(session, lead, None, clock.now(session))
    expect(page.locator(f"#lead-{maria}")).to_have_count(0)
    assert chosen(page) == "Tomas Novak"
    press(page, "s")  # meant for Maria
    page.wait_for_timeout(900)
    expect(page.locator("[data-row]", has_text="Tomas Novak")).to_have_count(1)
    expect(page.locator("#news")).to_have_text("Maria Alvarez is off the list.")
    press(page, "s")
    expect(page.locator("[data-row]", has_text="Tomas Novak")).to_have_count(0)


@pytest.mark.parametrize(("key", "said"), [("c", "You have them."), ("3", "Noted: no answer.")])
def test_a_key_for_who_was_claimed_or_tried_and_is_answered_meanwhile_settles_nobody_else(
    page: Page, key: str, said: str
) -> None:
    settled(page)
    press(page, "j", "j", key)
    expect(page.locator("#announcer")).to_have_text(said)
    tomas = page.locator("[data-row]", has_text="Tomas Novak")
    happens(lambda phone: phone.answer(people.TOMAS, clock.now(phone.session), 60))
    tomas.wait_for(state="detached")
    assert chosen(page) == "253-555-0177"
    press(page, "s")  # meant for Tomas
    page.wait_for_timeout(900)
    expect(page.locator("[data-row]", has_text="253-555-0177")).to_have_count(1)
    expect(page.locator("#news")).to_have_text("Tomas Novak is off the list.")


def test_who_was_settled_here_and_rings_again_is_news(page: Page) -> None:
    settled(page)
    press(page, "j", "j", "s")
    tomas = page.locator("[data-row]", has_text="Tomas Novak")
    expect(tomas).to_have_count(0)
    expect(page.locator("#announcer")).to_have_text("Marked as contacted.")
    happens(lambda phone: phone.miss(people.TOMAS, clock.now(phone.session)))
    expect(tomas).to_have_count(1)
    expect(page.locator("#news")).to_have_text("Tomas Novak needs a call.")


def test_a_closed_menu_gives_the_keyboard_back(page: Page) -> None:
    settled(page)
    press(page, "j", "z")
    menu = page.locator("[data-row]", has_text="Maria Alvarez").locator("[id^=snooze]")
    expect(menu.get_by_role("button", name="30 minutes")).to_be_focused()
    press(page, "Escape")
    expect(menu.locator("summary")).to_be_focused()
    press(page, "t")
    box = page.get_by_label("Text Maria Alvarez")
    expect(box).to_be_focused()
    page.keyboard.type("half a text")
    press(page, "Escape", "t")
    expect(box).to_have_value("half a text")
    rang = page.locator("[data-row]", has_text="Maria Alvarez").locator("[id^=rang]")
    rang.locator("summary").press("Enter")
    rang.get_by_role("button", name="No answer").press("Enter")
    expect(page.locator("[data-row]", has_text="We tried once")).to_have_count(1)
    expect(rang.locator("summary")).to_be_focused()
