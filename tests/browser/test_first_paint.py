"""A page can be read before its script has come."""

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.browser import people
from tests.browser.screenshots import sign_in
from tests.webhooks.crowd import eventually

pytestmark = pytest.mark.browser
PAINTED = "performance.getEntriesByName('first-contentful-paint').length > 0"


def test_the_desk_is_painted_while_the_script_is_still_on_its_way(
    context: BrowserContext, address: str
) -> None:
    page = context.new_page()
    sign_in(page, address, people.RECEPTIONIST)
    held: list[Route] = []
    page.route("**/*.js", lambda route: held.append(route))
    page.goto(address, wait_until="commit")
    expect(page.get_by_text("Maria Alvarez").first).to_be_visible()
    eventually(lambda: page.evaluate(PAINTED))  # by the debugger: the CSP lets no page evaluate
    assert held, "the script was asked for"
    for route in held:
        route.continue_()
    page.unroute("**/*.js")
    page.wait_for_load_state("load")
