"""The system's Chromium: tests drive what people use, and download no browser."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = [
    "--no-sandbox",  # as root, in a container
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
MISSING = (
    "No Chromium was found, so no browser test ran. Install it (apt-get install chromium) or say "
    "where it is in CHROMIUM."
)


def path() -> str | None:
    told = os.environ.get("CHROMIUM")
    if told:
        return told
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """Raises FileNotFoundError where there is none."""
    found = path()
    if found is None:
        raise FileNotFoundError(MISSING)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        try:
            yield opened
        finally:
            opened.close()
