"""A desk whose server goes away and comes back, and one whose session has ended."""

import socket
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import delete

from leads import clock, db
from leads.dashboard.app import app
from leads.staff import StaffSession
from tests.browser import people
from tests.browser.screenshots import sign_in
from tests.browser.telephone import Telephone
from tests.server import serving

pytestmark = pytest.mark.browser
# What a screen reader is told: the note of it goes after some seconds.
HEAR = """
window.heard = [];
const note = document.getElementById("announcer");
new MutationObserver(() => heard.push(note.textContent)).observe(note, { childList: true });
"""


def test_a_desk_without_its_server_says_so_and_catches_up(
    context: BrowserContext, morning: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert morning
    # The same address twice, as a restarted server has it.
    monkeypatch.setattr(uvicorn, "Config", partial(at_port, uvicorn.Config, free_port()))
    with serving(app) as address:
        page = context.new_page()
        sign_in(page, address, people.RECEPTIONIST)
        page.wait_for_timeout(400)
        page.evaluate(HEAR)
    banner = page.locator(".connection.offline")
    expect(banner).to_be_visible()
    told = "Offline. Reconnecting; what you type is kept."
    assert page.evaluate("heard.filter(Boolean)") == [told]
    with db.transaction() as session:
        Telephone(session).miss("+14255550167", clock.now(session))
    with serving(app):
        expect(page.locator("[data-row]", has_text="425-555-0167")).to_be_visible()
        expect(banner).to_be_hidden()


def test_a_session_that_ended_says_so_and_keeps_what_was_typed(page: Page) -> None:
    with db.transaction() as session:
        tomas = Telephone(session).lead(people.TOMAS).id
    page.goto(f"{page.url}leads/{tomas}")
    page.wait_for_timeout(400)
    page.get_by_label("Text Tomas Novak").fill("half written")
    page.evaluate(HEAR)
    with db.transaction() as session:
        session.execute(delete(StaffSession))
    page.get_by_role("button", name="Send text").click()
    expect(page.locator(".connection.signed-out")).to_be_visible()
    page.get_by_role("button", name="Send text").click()  # and refused anew, which is said once
    page.wait_for_timeout(1000)
    told = "You are signed out. Sign in in a new tab, then go on here; what you typed is kept."
    assert page.evaluate("heard.filter(Boolean)") == [told]
    expect(page.get_by_label("Text Tomas Novak")).to_have_value("half written")


def at_port(config: Callable[..., Any], fixed: int, asgi: Any, **told: Any) -> Any:
    return config(asgi, **{**told, "port": fixed})


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
