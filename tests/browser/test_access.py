"""axe-core finds nothing on any page, in either theme, on a desk and on a phone."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import update

from leads import db, desk
from leads.practice import Practice, PracticePhone
from leads.staff import Staff
from leads.tracking_number import TrackingNumber
from tests.browser import people
from tests.browser.conftest import watch
from tests.browser.pages import pages
from tests.browser.screenshots import sign_in
from tests.browser.telephone import Telephone

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
OF_COLOURS = ["color-contrast", "link-in-text-block"]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALLEST_ON_A_PHONE = 44  # CSS pixels, for what stands alone and is pressed


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_accessible(chrome: Browser, address: str, width: int) -> None:
    on_a_phone = width < 600
    with chrome.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="light",
        has_touch=on_a_phone,
        is_mobile=on_a_phone,
    ) as context:
        page = context.new_page()
        wrong = watch(page)
        page.goto(f"{address}/sign-in")
        found = {"/sign-in": axe(page)}
        sign_in(page, address)
        for path in every_path():
            page.goto(address + path)
            page.wait_for_timeout(250)
            found[path] = axe(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            if on_a_phone:
                found[path] += too_small(page)
        with db.transaction() as session:
            voicemail = pages(session)["lead-voicemail"]
        page.goto(address + voicemail)
        page.locator("#booking summary").click()
        found["the open menu"] = axe(page)
        assert {path: problems for path, problems in found.items() if problems} == {}
        assert wrong == []


def every_path() -> list[str]:
    with db.transaction() as session:
        return list(pages(session).values())


def axe(page: Page) -> list[str]:
    """What is wrong in the light theme or the dark, as `rule: element`.

    The themes differ in colours alone, so the dark one is asked about colours. The library runs
    from a string: the CSP lets the debugger in, and no page.
    """
    page.evaluate(AXE.read_text())
    wrong = ran(page, {"type": "tag", "values": TAGS})
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(300)  # colours fade over
    wrong += [f"dark: {each}" for each in ran(page, {"type": "rule", "values": OF_COLOURS})]
    page.emulate_media(color_scheme="light")
    return wrong


def ran(page: Page, only: dict[str, object]) -> list[str]:
    result = page.evaluate("only => axe.run(document, {runOnly: only})", only)
    return [
        f"{each['id']}: {node['html'][:160]} {json.dumps(node['any'][:1])[:200]}"
        for each in result["violations"]
        for node in each["nodes"][:3]
    ]


def too_small(page: Page) -> list[str]:
    """What is smaller than a finger."""
    small: list[str] = page.evaluate(
        """least => [...document.querySelectorAll(".button, .nav a, .play, .tel, .caller > a")]
        .filter(element => element.checkVisibility())
        .filter(element => element.getBoundingClientRect().height < least)
        .map(element => `small: ${element.textContent.trim()} ${element.offsetHeight}`)""",
        SMALLEST_ON_A_PHONE,
    )
    return small


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
    with chrome.new_context(viewport={"width": 390, "height": 800}) as context:
        page = context.new_page()
        sign_in(page, address)
        for path in [*every_path(), "/nothing/here", f"/leads/{tomas}"]:
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
