"""On a desk, axe-core finds nothing on any page, in either theme; nothing is cut off."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from leads.dashboard.app import app
from tests.browser import every_page
from tests.server import serving

pytestmark = pytest.mark.browser
WIDTHS = (1280, 1920)


@pytest.fixture
def address(month: str) -> Iterator[str]:
    assert month
    with serving(app) as at:
        yield at


def test_every_page_is_accessible_and_whole(chrome: Browser, address: str) -> None:
    every_page.every_page(chrome, address, WIDTHS)


def test_what_opens_and_what_comes_is_accessible_and_whole(chrome: Browser, address: str) -> None:
    every_page.what_opens_and_comes(chrome, address, WIDTHS)


def test_first_steps_and_an_outage_are_accessible_and_whole(
    chrome: Browser, database: str, environment: pytest.MonkeyPatch
) -> None:
    assert database
    every_page.first_steps_and_an_outage(chrome, environment, WIDTHS)
