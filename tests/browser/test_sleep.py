"""A page that was frozen, and a laptop that slept while its connection died: both catch up."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from leads import clock
from tests.browser import people
from tests.browser.screenshots import sign_in
from tests.browser.test_morning import happens, settled

pytestmark = pytest.mark.browser
WHILE_ASLEEP = "+14255550181"


def test_a_frozen_page_catches_up_when_it_is_looked_at_again(
    context: BrowserContext, page: Page
) -> None:
    settled(page)
    debugger = context.new_cdp_session(page)
    debugger.send("Page.setWebLifecycleState", {"state": "frozen"})
    happens(lambda phone: phone.miss(WHILE_ASLEEP, clock.now(phone.session)))
    page.wait_for_timeout(1500)
    debugger.send("Page.setWebLifecycleState", {"state": "active"})
    expect(page.locator("[data-row]", has_text="425-555-0181")).to_be_visible()


def test_a_laptop_that_slept_notices_that_its_connection_is_dead(
    context: BrowserContext, address: str
) -> None:
    """The stream's connection is cut off without a word, as a router forgets it; then the clock
    jumps by an hour. The stream is in the page here, whose clock the test can move."""
    context.add_init_script("delete window.SharedWorker")
    with router(address) as (outside, wire):
        page = context.new_page()
        page.clock.install()
        sign_in(page, outside, people.RECEPTIONIST)
        settled(page)
        wire.forget()
        happens(lambda phone: phone.miss(WHILE_ASLEEP, clock.now(phone.session)))
        page.wait_for_timeout(1000)
        row = page.locator("[data-row]", has_text="425-555-0181")
        expect(row).to_have_count(0)
        page.clock.fast_forward("01:00:00")
        expect(row).to_be_visible()
        # And it hears again what comes from now on.
        happens(lambda phone: phone.miss("+14255550182", clock.now(phone.session)))
        after = page.locator("[data-row]", has_text="425-555-0182")
        expect(after).to_be_visible()


@dataclass
class Wire:
    """The streams through the router. Those that it forgets carry nothing more, and are open."""

    streams: list[threading.Event] = field(default_factory=list)

    def forget(self) -> None:
        assert self.streams
        for each in self.streams:
            each.set()
        self.streams.clear()


@contextmanager
def router(address: str) -> Iterator[tuple[str, Wire]]:
    """Another address of this dashboard, by which connections can be forgotten."""
    there = urlsplit(address)
    wire, over = Wire(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)

        def accept() -> None:
            while not over.is_set():
                with suppress(TimeoutError):
                    inside, _ = server.accept()
                    beyond = socket.create_connection((there.hostname, there.port))
                    told = (inside, beyond, wire, over)
                    threading.Thread(target=_carry, args=told, daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}", wire
        finally:
            over.set()
            thread.join(5)


def _carry(inside: socket.socket, beyond: socket.socket, wire: Wire, over: threading.Event) -> None:
    forgotten = threading.Event()
    ends = {inside: beyond, beyond: inside}
    with inside, beyond, suppress(OSError):
        while not over.is_set():
            ready, _, _ = select.select(ends, [], [], 0.1)
            if forgotten.is_set():
                over.wait()
                return
            for end in ready:
                data = end.recv(65_536)
                if not data:
                    return
                if end is inside and data.startswith(b"GET /live "):
                    wire.streams.append(forgotten)
                ends[end].sendall(data)
