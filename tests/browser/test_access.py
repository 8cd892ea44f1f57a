"""axe-core finds nothing on any page, in either theme, on a desk and on a phone; nothing is cut off
from 390 to 1920 pixels."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from leads import db, desk
from leads.practice import Practice, PracticePhone
from leads.staff import Staff
from leads.tracking_number import TrackingNumber
from tests.browser import moments, people
from tests.browser.conftest import watch
from tests.browser.looks import HEIGHT, look
from tests.browser.pages import pages
from tests.browser.screenshots import sign_in
from tests.browser.telephone import Telephone

pytestmark = pytest.mark.browser
NOT_FOUND = "the server responded with a status of 404"  # which a browser logs as an error
WIDTHS = [(1280, 1920), (390, 768)]


@pytest.fixture(params=WIDTHS, ids=["desk", "phone"])
def widths(request: pytest.FixtureRequest) -> tuple[int, ...]:
    chosen: tuple[int, ...] = request.param
    return chosen


@pytest.fixture
def anna(chrome: Browser, address: str, widths: tuple[int, ...]) -> Iterator[Page]:
    """An admin at such a screen: everything is open to her."""
    on_a_phone = widths[0] < 600
    with chrome.new_context(
        viewport={"width": widths[0], "height": HEIGHT},
        color_scheme="light",
        has_touch=on_a_phone,
        is_mobile=on_a_phone,
        base_url=address,
    ) as context:
        page = context.new_page()
        wrong = watch(page)
        yield page
        assert [each for each in wrong if NOT_FOUND not in each] == []


def test_every_page_is_accessible_and_whole(
    anna: Page, address: str, widths: tuple[int, ...]
) -> None:
    found = {}
    for path in ("/sign-in", "/sign-in/link?token=none"):
        anna.goto(path)
        found[path] = look(anna, widths)
    sign_in(anna, address)
    made, done = moments.made(), moments.done()
    for path in [*every_path(), *made.values(), *done.values()]:
        anna.goto(path)
        anna.wait_for_timeout(250)
        found[path] = look(anna, widths)
    assert wrong_in(found) == {}


def test_what_opens_and_what_comes_is_accessible_and_whole(
    anna: Page, address: str, widths: tuple[int, ...]
) -> None:
    sign_in(anna, address)
    found = {}
    for name, (path, act) in moments.opened().items():
        anna.goto(path)
        anna.wait_for_timeout(250)
        act(anna)
        found[name] = look(anna, widths)
    if widths[0] < 600:
        for path, menu in (("/", "#more-pages"), ("/settings/practice", "#settings-menu")):
            anna.goto(path)
            moments.unfold(anna, menu)
            found[menu] = look(anna, widths)
    moments.rings()
    for path in ("/", "/leads", "/inbox"):
        anna.goto(path)
        assert anna.locator(".ringing").count() == 3
        found[f"{path} as it rings"] = look(anna, widths)
    moments.empty_the_desk()
    anna.goto("/")
    assert "Nobody is waiting" in anna.locator(".empty").inner_text()
    found["the empty desk"] = look(anna, widths)
    assert wrong_in(found) == {}


def wrong_in(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {where: problems for where, problems in found.items() if problems}


def every_path() -> list[str]:
    with db.transaction() as session:
        return list(pages(session).values())


def test_the_callers_are_on_the_screen_also_while_somebody_rings(
    anna: Page, address: str, widths: tuple[int, ...]
) -> None:
    sign_in(anna, address)
    with db.transaction() as session:
        Telephone(session).ring(people.LINH, people.NOW)
    anna.goto("/")
    expect(anna.locator(".ringing")).to_be_visible()
    bar = anna.locator(".nav").bounding_box() if widths[0] < 600 else None
    fold = bar["y"] if bar else HEIGHT
    boxes = [row.bounding_box() for row in anna.locator("[data-row]").all()]
    whole = [box for box in boxes if box and box["y"] + box["height"] <= fold]
    assert len(whole) >= (5 if widths[0] > 600 else 1), boxes


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
