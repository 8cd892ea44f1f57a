"""Room for what matters: callers on the first screen, five names in a phone's bar, numbers and
times in one piece. What axe-core finds is in test_access_desk.py and test_access_phone.py."""

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import update

from leads import db, desk
from leads.practice import Practice, PracticePhone
from leads.staff import Staff
from leads.tracking_number import TrackingNumber
from tests.browser import people
from tests.browser.every_page import screen
from tests.browser.looks import HEIGHT
from tests.browser.pages import pages
from tests.browser.screenshots import sign_in
from tests.browser.telephone import Telephone

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "least"), [(1280, 5), (390, 1)])
def test_the_callers_are_on_the_screen_also_while_somebody_rings(
    chrome: Browser, address: str, width: int, least: int
) -> None:
    with db.transaction() as session:
        Telephone(session).ring(people.LINH, people.NOW)
    with screen(chrome, address, width) as page:
        sign_in(page, address)
        expect(page.locator(".ringing")).to_be_visible()
        bar = page.locator(".nav").bounding_box() if width < 600 else None
        fold = bar["y"] if bar else HEIGHT
        boxes = [row.bounding_box() for row in page.locator("[data-row]").all()]
        whole = [box for box in boxes if box and box["y"] + box["height"] <= fold]
        assert len(whole) >= least, boxes


def test_a_phones_bar_has_five_names_and_the_rest_behind_the_last(
    chrome: Browser, address: str
) -> None:
    with chrome.new_context(viewport={"width": 390, "height": HEIGHT}) as context:
        page = context.new_page()
        sign_in(page, address)
        names = page.locator(".nav > :visible").all()
        assert [name.locator("span").first.inner_text() for name in names] == [
            *("Needs a call", "Inbox", "Leads", "Calls", "More")
        ]
        lines = "names => names.map(name => name.getClientRects().length)"
        assert set(page.locator(".nav > a > span:first-of-type:visible").evaluate_all(lines)) == {1}
        page.get_by_text("More", exact=True).click()
        page.get_by_role("link", name="Follow-ups").click()
        expect(page.get_by_role("heading", name="Follow-ups", level=1)).to_be_visible()


def test_a_name_without_a_break_breaks_no_page(chrome: Browser, address: str) -> None:
    name = "Wolfeschlegelstein" * 11
    with db.transaction() as session:
        phone = Telephone(session)
        desk.rename(session, phone.lead(people.TOMAS), None, people.NOW, name)
        tomas = phone.lead(people.TOMAS).id
        session.execute(update(Staff).values(name=name[:100]))
        session.execute(update(TrackingNumber).values(label=name[:100]))
        session.execute(update(PracticePhone).values(label=name[:100]))
        Practice.get(session).name = name[:100]
        paths = pages(session).values()
    with chrome.new_context(viewport={"width": 390, "height": 800}) as context:
        page = context.new_page()
        sign_in(page, address)
        for path in [*paths, "/nothing/here", f"/leads/{tomas}"]:
            page.goto(address + path)
            for width in (390, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
                right = page.evaluate("document.querySelector('h1').getBoundingClientRect().right")
                assert right <= width, path


def test_numbers_and_times_keep_to_one_line(chrome: Browser, address: str) -> None:
    with chrome.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        sign_in(page, address)
        for path in ("/", "/follow-ups", "/leads", "/calls"):
            page.goto(address + path)
            broken = page.evaluate(
                """[...document.querySelectorAll("main time, main .number, main td .nowrap")]
                .filter(element => element.getClientRects().length > 1)
                .map(element => element.textContent)"""
            )
            assert broken == [], path
