"""What axe-core and the ruler look at: on a desk (test_access_desk.py) and on a phone
(test_access_phone.py), which are two files so that they run side by side."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from leads import db, errand
from leads.dashboard.app import app
from leads.installation import Installation
from leads.tracking_number import TrackingNumber
from tests.browser import looks, moments, people
from tests.browser.conftest import watch
from tests.browser.pages import of_the_month, pages
from tests.browser.screenshots import sign_in
from tests.browser.telephone import CLINIC
from tests.browser.test_morning import settled
from tests.conftest import forget_settings
from tests.server import serving

MISSED = re.compile(r"the server responded with a status of (404|503)")  # logged as an error
SIGNED_OUT = ("/sign-in", "/sign-in/link?token=none", "/nothing/here")
SETTINGS = ("start", "practice", "phones", "numbers", "texting", "staff")
EMPTY = ("/", "/inbox", "/leads", "/calls", "/follow-ups", "/junk")
SAID = (["good", "425-437-9974 leads here."], ["bad", "425-555-0102 leads elsewhere."])


@contextmanager
def screen(chrome: Browser, address: str, width: int) -> Iterator[Page]:
    """A browser on a desk or on a phone, where nobody is signed in yet."""
    on_a_phone = width < 600
    with chrome.new_context(
        viewport={"width": width, "height": looks.HEIGHT},
        color_scheme="light",
        has_touch=on_a_phone,
        is_mobile=on_a_phone,
        base_url=address,
    ) as context:
        looks.bring_axe(context)
        page = context.new_page()
        wrong = watch(page)
        yield page
        assert [each for each in wrong if not MISSED.search(each)] == []


def let_in(page: Page, address: str) -> None:
    """Anna, an admin: everything is open to her. A second tab keeps the stream of changes open,
    whose opening would draw each page a second time while it is looked at."""
    sign_in(page, address)
    other = page.context.new_page()
    other.goto("/account")
    settled(other)
    page.bring_to_front()  # what is behind draws one frame a second


def every_page(chrome: Browser, address: str, widths: tuple[int, int]) -> None:
    found = {}
    with screen(chrome, address, widths[0]) as page:
        for path in SIGNED_OUT:
            page.goto(path)
            found[f"{path}, signed out"] = looks.look(page, widths)
        let_in(page, address)
        moments.besides()
        with db.transaction() as session:
            paths = [*pages(session).values(), *of_the_month(session).values()]
        for path in [*paths, *moments.made().values(), *moments.done().values()]:
            page.goto(path)
            found[path] = looks.look(page, widths)
    nothing_in(found)


def what_opens_and_comes(chrome: Browser, address: str, widths: tuple[int, int]) -> None:
    found = {}
    with screen(chrome, address, widths[0]) as page:
        let_in(page, address)
        moments.besides()
        menus = moments.on_a_phone() if widths[0] < 600 else {}
        at = ""
        for name, moment in (moments.opened() | menus).items():
            if moment.path == at:
                moments.over(page)
            else:
                page.goto(moment.path)
            at = moment.path
            moment.act(page)
            found[name] = looks.look(page, widths, moment.shows)
        moments.rings()
        for path in ("/", "/leads", "/inbox"):
            page.goto(path)
            assert page.locator(".ringing").count() == 3
            found[f"{path} as it rings"] = looks.look(page, widths, "#ringing")
        moments.empty_the_desk()
        page.goto("/")
        assert "Nobody is waiting" in page.locator(".empty").inner_text()
        found["the empty desk"] = looks.look(page, widths)
    nothing_in(found)


def first_steps_and_an_outage(
    chrome: Browser, environment: pytest.MonkeyPatch, widths: tuple[int, int]
) -> None:
    """A live installation from its first hour to one without its database. Needs `database`."""
    found = {}
    with (
        goes_live(environment) as patch,
        serving(app) as address,
        screen(chrome, address, widths[0]) as page,
    ):
        let_in(page, address)
        for path in [*EMPTY, *(f"/settings/{each}" for each in SETTINGS)]:
            page.goto(path)
            found[f"{path}, of nobody"] = looks.look(page, widths)
        found |= asks_twilio(page, widths)
        found |= turns_texts_on(page, widths)
        patch.setenv("DATABASE_URL", "postgresql://ringback@127.0.0.1:1/none")
        forget_settings()
        page.goto("/leads")
        expect(page.get_by_role("heading", name="The database does not answer")).to_be_visible()
        found["the database is away"] = looks.look(page, widths)
    nothing_in(found)


@contextmanager
def goes_live(environment: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """An installation that was never set up, and whose texts reach people; gives the settings."""
    with environment.context() as patch:
        patch.setenv("TWILIO_API_BASE", "https://api.twilio.com")
        forget_settings()
        with db.transaction() as session:
            session.execute(update(Installation).values(mode="live"))
            people.nothing_set_up(session)
        yield patch
    forget_settings()


def asks_twilio(page: Page, widths: tuple[int, int]) -> dict[str, list[str]]:
    with db.transaction() as session:
        TrackingNumber.add(session, CLINIC, "Front", "front")
    page.goto("/settings/start")
    found = {"the addresses": looks.look(page, widths)}
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".errand")).to_contain_text("A worker is at it.")
    found["a worker is at it"] = looks.look(page, widths)
    with db.transaction() as session:
        taken = errand.take(session)
        assert taken is not None
        errand.end(session, taken.id, [*SAID])
    expect(page.locator(".errand")).to_contain_text("leads elsewhere")
    found["what Twilio says"] = looks.look(page, widths)
    return found


def turns_texts_on(page: Page, widths: tuple[int, int]) -> dict[str, list[str]]:
    page.goto("/settings/texting")
    page.get_by_role("button", name="Turn on automated texts").click()
    expect(page.locator("#registered-error")).to_be_visible()
    found = {"texts are refused": looks.look(page, widths)}
    page.get_by_label("Our sender's registration is approved").check()
    page.get_by_role("button", name="Turn on automated texts").click()
    expect(page.get_by_role("button", name="Turn off")).to_be_visible()
    return found | {"texts are on": looks.look(page, widths)}


def nothing_in(found: dict[str, list[str]]) -> None:
    wrong = [f"{where}: {each}" for where, problems in found.items() for each in problems]
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)
