"""A real Chromium on a real dashboard. Every page must be free of errors and of CSP violations."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from leads.dashboard.app import app
from leads.dashboard.pages.rendering import STATIC
from tests.browser import people
from tests.browser.screenshots import sign_in
from tests.conftest import cannot
from tests.server import serving

# What comes by itself comes within a second; `make bench` shows how soon. A test says that it comes
# at all, and a busy machine stands still for seconds.
expect.set_options(timeout=20_000)
UNBUILT = "The dashboard's assets are not built: run `npm ci && npm run build` first."


@pytest.fixture
def address(morning: str) -> Iterator[str]:
    """A dashboard on the morning of tests/browser/people.py."""
    assert morning
    with _built() as at:
        yield at


@pytest.fixture
def month_address(month: str) -> Iterator[str]:
    """As `address`, among the people of `ringback demo`."""
    assert month
    with _built() as at:
        yield at


@contextmanager
def _built() -> Iterator[str]:
    if not (STATIC / "manifest.json").exists():
        cannot(UNBUILT)
    with serving(app) as at:
        yield at


@pytest.fixture
def context(chrome: Browser) -> Iterator[BrowserContext]:
    with chrome.new_context(viewport={"width": 1280, "height": 800}) as opened:
        yield opened


@pytest.fixture
def page(context: BrowserContext, address: str) -> Iterator[Page]:
    """Rosa at the desk, signed in."""
    opened = context.new_page()
    wrong = watch(opened)
    sign_in(opened, address, people.RECEPTIONIST)
    yield opened
    assert wrong == []


# A browser logs every refusal as an error, also one that the page shows beside the form.
REFUSED = re.compile(r"the server responded with a status of (401|413|422)")


def watch(page: Page) -> list[str]:
    """Collects what the console and the page complain about."""
    wrong: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not REFUSED.search(message.text):
            wrong.append(message.text)

    page.on("console", said)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return wrong
