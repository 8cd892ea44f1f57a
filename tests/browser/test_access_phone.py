"""On a phone, axe-core finds nothing on any page, in either theme; nothing is cut off."""

import pytest
from playwright.sync_api import Browser

from tests.browser import every_page

pytestmark = pytest.mark.browser
WIDTHS = (390, 768)


def test_every_page_is_accessible_and_whole(chrome: Browser, month_address: str) -> None:
    every_page.every_page(chrome, month_address, WIDTHS)


def test_what_opens_and_what_comes_is_accessible_and_whole(
    chrome: Browser, month_address: str
) -> None:
    every_page.what_opens_and_comes(chrome, month_address, WIDTHS)


def test_first_steps_and_an_outage_are_accessible_and_whole(
    chrome: Browser, database: str, environment: pytest.MonkeyPatch
) -> None:
    assert database
    every_page.first_steps_and_an_outage(chrome, environment, WIDTHS)
