"""`python -m tests.browser.screenshots`: the pictures of docs/screenshots, of a made-up clinic."""

import base64
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page

from leads import clock, db, migrations
from leads.settings import settings
from services import local_servers
from tests.browser import chromium, moments, people
from tests.browser.pages import pages
from tests.browser.telephone import Telephone
from tests.conftest import ACCOUNT_SID
from tests.server import serving

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
TALLEST = 1500  # pixels: the rest of a long list says no more
QUALITY = 70  # of WebP: a page takes a fifth of a PNG, and its letters stay sharp
OUTSIDE = {"sign-in": "/sign-in"}  # before somebody has signed in
IN_THE_END = {"desk-empty": "/"}  # once nobody waits any more


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
        people.month()
        with db.transaction() as session:
            Telephone(session).ring(people.LINH, clock.now(session))
            paths = pages(session)
        paths |= moments.made()
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
    browser: Browser,
    address: str,
    pages: dict[str, str],
    folder: Path,
    widths: tuple[int, ...],
    kind: str,
) -> None:
    """`kind`: webp for documents, png for whoever looks at them while working."""
    for width, scheme in product(widths, SCHEMES):
        context = browser.new_context(
            viewport={"width": width, "height": 844 if width < 600 else 800},
            color_scheme="dark" if scheme == "dark" else "light",
            is_mobile=width < 600,
            has_touch=width < 600,
        )
        page = context.new_page()
        signed_in = False
        for name, path in pages.items():
            if name not in OUTSIDE and not signed_in:
                sign_in(page, address)
                signed_in = True
            page.goto(address + path)
            page.wait_for_timeout(300)  # the stream's first event redraws the page once
            # A phone's bar of pages stands at the bottom of the screen, not of the page.
            picture = take(page, kind, whole=width >= 600)
            (folder / f"{name}-{width}-{scheme}.{kind}").write_bytes(picture)
        context.close()


def take(page: Page, kind: str, *, whole: bool) -> bytes:
    """What is on the screen, or the whole page as far as `TALLEST`."""
    asked: dict[str, object] = {"format": kind, "captureBeyondViewport": whole}
    if kind == "webp":
        asked["quality"] = QUALITY
    browser = page.context.new_cdp_session(page)
    if whole:
        size = browser.send("Page.getLayoutMetrics")["cssContentSize"]
        height = min(size["height"], TALLEST)
        asked["clip"] = {"x": 0, "y": 0, "width": size["width"], "height": height, "scale": 1}
    told: str = browser.send("Page.captureScreenshot", asked)["data"]
    browser.detach()
    return base64.b64decode(told)


def main() -> None:
    """With a folder: as PNG and at more widths, into it, for looking at while working; names of
    pages after it are those that are taken."""
    more = len(sys.argv) > 1
    folder = Path(sys.argv[1]) if more else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with clinic() as (address, paths), chromium.browser() as browser:
        if not more:
            for old in folder.iterdir():
                old.unlink()  # of pages that are no more
        names = sys.argv[2:]
        widths = (390, 768, 1280, 1920) if more else WIDTHS
        kind = "png" if more else "webp"

        def take_all(these: dict[str, str]) -> None:
            wanted = {name: path for name, path in these.items() if not names or name in names}
            if wanted:
                shoot(browser, address, wanted, folder, widths, kind)

        take_all(OUTSIDE | paths)
        # These change what the others show.
        take_all(moments.done())
        moments.empty_the_desk()
        take_all(IN_THE_END)
    written = [path.stat().st_size for path in folder.iterdir()]
    print(f"{len(written)} pictures in {folder}, {sum(written) / 1e6:.1f} MB.")  # noqa: T201


if __name__ == "__main__":
    main()
