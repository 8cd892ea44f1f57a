"""The inbox left open all day: texts arrive by themselves, and disturb nothing."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from leads import clock, conversation, db, desk, picture
from leads.message import Message
from leads.picture import Picture, Sent
from leads.saved_reply import SavedReply
from tests.browser import people
from tests.browser.screenshots import sign_in
from tests.browser.telephone import CLINIC, Telephone
from tests.browser.test_morning import happens, lead_id, posts, settled
from tests.pixels import png

pytestmark = pytest.mark.browser


def texts(number: str, body: str) -> None:
    happens(lambda phone: phone.text(number, body, clock.now(phone.session)))


def many_texts(number: str) -> None:
    """A long talk, so that the thread has to be scrolled."""

    def talk(phone: Telephone) -> None:
        for n in range(30):
            phone.text(number, f"Line {n} of a long story", people.NOW - timedelta(minutes=60 - n))

    happens(talk)


def opened(page: Page, number: str, show: str = "") -> None:
    page.goto(f"{page.url.rstrip('/')}/inbox/{lead_id(number)}{show}")
    settled(page)


def test_a_text_arrives_by_itself_and_disturbs_nothing(page: Page) -> None:
    many_texts(people.MARIA)
    opened(page, people.MARIA)
    page.evaluate("window.sameDocument = true")
    talk = page.get_by_role("log")
    # It begins at the newest text; the reader scrolls up to an earlier one.
    last = page.locator(".bubble").last
    expect(last).to_be_in_viewport()
    box = page.get_by_label("Text Maria Alvarez")
    box.fill("Good morning Maria, ")
    box.evaluate("box => box.setSelectionRange(5, 5)")
    talk.evaluate("talk => talk.scrollTop = -400")
    before = page.locator(".bubble", has_text="Line 5 of").bounding_box()
    texts(people.GRACE, "One more question")
    grace = page.locator(f"#conversation-{lead_id(people.GRACE)}")
    expect(grace).to_contain_text("One more question")
    expect(grace).to_contain_text("Unread")
    expect(page.locator("#nav-inbox")).to_contain_text("1")
    texts(people.MARIA, "Or rather on Friday")
    new = page.locator(".bubble", has_text="Or rather on Friday")
    expect(new).to_have_count(1)
    # A live redraw reads nothing for anybody.
    expect(new).to_contain_text("New")
    expect(page.locator("#nav-inbox")).to_contain_text("2")
    expect(box).to_be_focused()
    expect(box).to_have_value("Good morning Maria, ")
    assert box.evaluate("box => box.selectionStart") == 5
    after = page.locator(".bubble", has_text="Line 5 of").bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 2
    assert page.evaluate("window.sameDocument")


def test_who_reads_the_newest_stays_at_the_newest(page: Page) -> None:
    many_texts(people.MARIA)
    opened(page, people.MARIA)
    texts(people.MARIA, "Are you still there?")
    new = page.locator(".bubble", has_text="Are you still there?")
    expect(new).to_be_in_viewport()
    page.get_by_role("button", name="Mark as read").click()
    expect(page.locator("#announcer")).to_have_text("Marked as read.")
    expect(page.get_by_role("button", name="Mark as unread")).to_be_visible()


def test_a_text_is_written_with_a_saved_reply_checked_and_sent_by_keys(page: Page) -> None:
    with db.transaction() as session:
        session.add(
            SavedReply(title="Where we are", body="Hi {name}, second floor.", changed_at=people.NOW)
        )
    opened(page, people.MARIA)
    box = page.get_by_label("Text Maria Alvarez")
    page.locator("#replies summary").click()
    page.get_by_role("button", name="Where we are").click()
    expect(box).to_have_value("Hi Maria, second floor.")
    expect(box).to_be_focused()
    expect(page.locator("#count")).to_have_text("23 characters · 1 segment")
    box.press_sequentially(" How is the pain?")
    expect(page.locator("#findings")).to_contain_text("'pain' is a condition word")
    for _ in range(len(" How is the pain?")):
        box.press("Backspace")
    expect(page.locator("#findings")).to_be_empty()
    box.press("Control+Enter")
    expect(page.locator(".bubble.out").last).to_contain_text("Hi Maria, second floor.")
    expect(page.locator("#announcer")).to_have_text("Your text is on its way.")
    expect(box).to_have_value("")
    expect(page.locator("#count")).to_be_empty()


def test_a_text_is_sent_once_however_often_it_is_pressed(page: Page) -> None:
    opened(page, people.MARIA)
    made = posts(page, "/texts")
    box = page.get_by_label("Text Maria Alvarez")
    box.fill("See you on Friday")
    page.get_by_role("button", name="Send text").dblclick()
    expect(page.locator(".bubble.out").last).to_contain_text("See you on Friday")
    expect(box).to_have_value("")
    box.fill("And bring the card, please")
    page.keyboard.down("Control")
    for _ in range(3):
        page.keyboard.down("Enter")  # held: the second and third are repeats
    page.keyboard.up("Enter")
    page.keyboard.press("Enter")
    page.keyboard.up("Control")
    expect(page.locator(".bubble.out").last).to_contain_text("And bring the card")
    settled(page)
    assert len(made) == 2
    expect(page.locator(".bubble.out", has_text="See you on Friday")).to_have_count(1)
    expect(page.locator(".bubble.out", has_text="And bring the card")).to_have_count(1)


def test_a_stop_while_somebody_writes_closes_the_form_and_keeps_the_words(page: Page) -> None:
    opened(page, people.MARIA)
    box = page.get_by_label("Text Maria Alvarez")
    box.fill("Tomorrow at 11 is free")
    texts(people.MARIA, "STOP")
    expect(page.locator("#composer")).to_contain_text("They opted out of texts 10:42 AM, by text.")
    expect(box).to_have_value("Tomorrow at 11 is free")
    expect(box).to_be_visible()
    expect(page.get_by_role("button", name="Send text")).to_be_disabled()
    # Who has written nothing sees no form at all.
    page.reload()
    expect(page.get_by_label("Text Maria Alvarez")).to_be_hidden()


def test_a_stop_that_the_page_has_not_heard_of_refuses_and_keeps_the_words(page: Page) -> None:
    opened(page, people.MARIA)
    box = page.get_by_label("Text Maria Alvarez")
    box.fill("Tomorrow at 11 is free")
    page.route("**/live", lambda route: route.abort())
    with db.transaction() as session:
        maria = Telephone(session).lead(people.MARIA)
        desk.no_more_texts(session, maria, None, clock.now(session))
        session.info.pop("changed", None)  # the news of it is still on its way
    box.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("They opted out of texts")
    expect(box).to_have_value("Tomorrow at 11 is free")
    texts(people.GRACE, "Thank you")  # and through the next redraw
    expect(page.locator(f"#conversation-{lead_id(people.GRACE)}")).to_contain_text("Thank you")
    expect(box).to_have_value("Tomorrow at 11 is free")


def test_a_picture_appears_by_itself_with_whose_it_is(page: Page) -> None:
    opened(page, people.MARIA)

    def sends(phone: Telephone) -> None:
        conversation.text_received(
            phone.session,
            sid="MM1",
            from_raw=people.MARIA,
            to_raw=CLINIC,
            body="",
            media_count=1,
            opt_out_type="",
            now=clock.now(phone.session),
            media=[Sent("https://api.twilio.com/x", "image/png")],
        )

    happens(sends)
    expect(page.get_by_text("A picture is on its way.")).to_be_visible()
    with db.transaction() as session:
        kept = session.scalars(select(Picture)).one()
        picture.fetched(session, kept.id, png(64, 48), "image/png")
    shown = page.get_by_alt_text("Picture from Maria Alvarez")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 64
    page.goto(page.url.replace("/inbox/", "/leads/"))
    expect(page.get_by_alt_text("Picture from Maria Alvarez")).to_be_visible()


def test_a_text_that_failed_is_tried_again_by_one_click(page: Page) -> None:
    opened(page, people.GRACE)
    with db.transaction() as session:
        text = session.scalars(
            select(Message).where(Message.body.contains("Shall I put you down?"))
        ).one()
        text.state, text.error_code = "undelivered", 30003
        db.changed(session, f"lead:{text.lead_id}")
        db.announce(session)
    failed = page.locator(f"#text-{text.id}")
    expect(failed).to_contain_text("the phone could not be reached")
    failed.get_by_role("button", name="Try again").click()
    expect(page.locator(".bubble.out", has_text="Shall I put you down?")).to_have_count(2)
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)


def test_on_a_phone_there_is_one_of_the_two_and_a_way_back(chrome: Browser, address: str) -> None:
    with chrome.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    ) as context:
        page = context.new_page()
        sign_in(page, address, people.RECEPTIONIST)
        page.goto(f"{address}/inbox")
        settled(page)
        page.get_by_role("link", name="Maria Alvarez").click()
        expect(page.get_by_label("Text Maria Alvarez")).to_be_in_viewport()
        expect(page.locator(".conversations")).to_be_hidden()
        page.get_by_role("link", name="Back to the list").click()
        expect(page.locator(".conversations")).to_be_visible()
        expect(page.locator(".thread")).to_be_hidden()


def test_the_inbox_works_without_a_script(chrome: Browser, address: str) -> None:
    with chrome.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, address, people.RECEPTIONIST)
        page.goto(f"{address}/inbox?show=waiting")
        page.get_by_role("link", name="Maria Alvarez").click()
        page.get_by_label("Text Maria Alvarez").fill("Tomorrow at 11?")
        page.get_by_role("button", name="Send text").click()
        expect(page.locator(".bubble.out").last).to_contain_text("Tomorrow at 11?")
        expect(page).to_have_url(f"{address}/inbox/{lead_id(people.MARIA)}?show=waiting")
