"""`python -m tests.browser.screenshots`: the pictures of docs/screenshots, from a seeded clinic."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page

from leads import db, migrations
from leads.settings import settings
from services import local_servers
from tests.browser import chromium, people
from tests.browser.pages import pages
from tests.browser.telephone import Telephone
from tests.conftest import ACCOUNT_SID
from tests.server import serving

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")


@contextmanager
def clinic() -> Iterator[tuple[str, dict[str, str]]]:
    """A dashboard on a database of its own; gives its address and its pages."""
    with tempfile.TemporaryDirectory() as home, local_servers(fsync=False) as servers:
        os.environ |= {
            "RINGBACK_HOME": home,
            "DATABASE_URL": servers.database_url("pictures"),
            "SECRET_KEY": "a key for pictures alone",
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_API_BASE": "http://127.0.0.1:8002",
        }
        settings.cache_clear()
        servers.create_database("pictures")
        migrations.upgrade()
        with db.transaction() as session:
            people.morning(session)
            phone = Telephone(session)
            phone.ring(people.LINH, people.NOW)
            paths = pages(session)
        from leads.dashboard.app import app

        with serving(app) as address:
            yield address, paths
        db.engine().dispose()


def sign_in(page: Page, address: str, email: str = people.ADMIN) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(people.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{address}/")


def shoot(
    browser: Browser, address: str, pages: dict[str, str], folder: Path, widths: tuple[int, ...]
) -> None:
    for width, scheme in product(widths, SCHEMES):
        context = browser.new_context(
            viewport={"width": width, "height": 844 if width < 600 else 800},
            color_scheme="dark" if scheme == "dark" else "light",
            is_mobile=width < 600,
            has_touch=width < 600,
        )
        page = context.new_page()
        sign_in(page, address)
        for name, path in pages.items():
            page.goto(address + path)
            page.wait_for_timeout(300)  # the stream's first event redraws the page once
            page.screenshot(
                path=folder / f"{name}-{width}-{scheme}.png",
                # A phone's bar of pages stands at the bottom of the screen, not of the page.
                full_page=width >= 600,
            )
        context.close()


def main() -> None:
    """With a folder: at more widths, into it, for looking at while working."""
    more = len(sys.argv) > 1
    folder = Path(sys.argv[1]) if more else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with clinic() as (address, paths), chromium.browser() as browser:
        shoot(browser, address, paths, folder, (390, 768, 1280, 1920) if more else WIDTHS)
    print(f"Wrote {len(list(folder.glob('*.png')))} pictures into {folder}.")  # noqa: T201


if __name__ == "__main__":
    main()
