"""The phone page in a real Chromium: a call, the practice's phone, a voicemail and a STOP."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.webhooks.sandbox.sandbox_harness import DESK, MARIA, OURS, VOICE, World, twiml

pytestmark = pytest.mark.browser


@pytest.fixture
def answering(world: World) -> World:
    world.answer(VOICE, twiml(f'<Dial action="/dial"><Number>{DESK}</Number></Dial>'))
    world.answer("/dial", twiml("<Say>Hello.</Say>", '<Record action="/recorded"/>'))
    return world


@pytest.fixture
def page(answering: World, chrome: Browser) -> Iterator[Page]:
    complaints: list[str] = []
    with chrome.new_context() as context:
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(answering.base)
        yield page
    assert complaints == []


def test_a_call_is_answered_from_the_page(page: Page, world: World) -> None:
    page.get_by_role("button", name="Call", exact=True).click()
    page.get_by_role("button", name="Answer").click()
    expect(page.locator("#state")).to_have_text(f"Talking with ({DESK[2:5]}) 555-0100")
    page.locator(".leg .hang-up").click()
    world.until(lambda: bool(world.receiver.at("/dial")))
    assert world.receiver.at("/dial")[0]["DialBridged"] == "true"


def test_a_missed_caller_leaves_a_message_and_stops_the_texts(page: Page, world: World) -> None:
    page.get_by_role("button", name="Call", exact=True).click()
    page.get_by_role("button", name="Answer").wait_for()
    (call,) = world.api("GET", "/calls")
    world.api("POST", f"/calls/{call['sid']}/hangup", by="callee")
    expect(page.locator("#heard")).to_contain_text("“Hello.”")
    page.locator("#message-seconds").fill("1")
    page.get_by_role("button", name="Speak").click()
    expect(page.locator("#heard")).to_contain_text("The caller: “Hello, this is about")
    page.locator("#hang-up").click()
    world.until(lambda: bool(world.receiver.at("/recorded")))
    world.twilio.messages.create(to=MARIA, from_=OURS, body="<b>Sorry</b> we missed you")
    expect(page.locator("#thread")).to_contain_text("<b>Sorry</b> we missed you")
    page.get_by_role("button", name="STOP").click()
    expect(page.locator("#thread")).to_contain_text("successfully been unsubscribed")
