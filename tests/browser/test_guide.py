"""The first steps in a browser: the test call arrives on the open page, and the banner goes."""

import pytest
from playwright.sync_api import BrowserContext, expect

from leads import clock, db
from leads.dashboard.app import app
from tests.browser import people
from tests.browser.screenshots import sign_in
from tests.browser.test_morning import happens, settled
from tests.server import serving

pytestmark = pytest.mark.browser


def test_the_test_call_arrives_on_the_open_page(context: BrowserContext, database: str) -> None:
    """The trial as it begins: all is set up but that nobody has called."""
    assert database
    with db.transaction() as session:
        clock.set_to(session, people.NOW)
        people.hire(session)
    with serving(app) as address:
        guide, other = context.new_page(), context.new_page()
        sign_in(guide, address)
        guide.get_by_role("link", name="Try a call").click()
        other.goto(f"{address}/settings/texting")
        banner = other.locator("#guide-banner")
        expect(banner).to_contain_text("Ready to try: ring the clinic")
        settled(guide)
        waiting = guide.locator("#tested")
        expect(waiting).to_contain_text("Waiting for the call.")
        happens(lambda phone: phone.ring("+12065550142", clock.now(phone.session)))
        expect(waiting).to_contain_text("A call is ringing")
        expect(guide.locator("#guide-summary")).to_contain_text("Everything that calls need")
        expect(banner).to_have_count(0)
        happens(lambda phone: phone.answer("+12065550143", clock.now(phone.session), 20))
        expect(waiting).to_contain_text("Front desk took it")
