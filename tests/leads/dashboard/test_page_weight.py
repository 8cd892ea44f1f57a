"""What a browser must fetch before a page can be read, and what it need not wait for."""

import gzip
import json
import re

import httpx
import pytest

from leads import db
from leads.dashboard.app import app
from leads.dashboard.pages.rendering import STATIC
from tests.browser import people
from tests.browser.pages import pages
from tests.conftest import cannot
from tests.leads.dashboard.desk import signed_in
from tests.server import serving

MOST = 100_000  # bytes of script and style together, compressed


@pytest.fixture
def built() -> dict[str, str]:
    """The built files by their names."""
    if not (STATIC / "manifest.json").exists():
        cannot("The dashboard's assets are not built: run `npm ci && npm run build` first.")
    read: dict[str, str] = json.loads((STATIC / "manifest.json").read_text())
    return read


def test_script_and_style_together_are_light(built: dict[str, str]) -> None:
    weights = {
        name: len(gzip.compress((STATIC / file).read_bytes()))
        for name, file in built.items()
        if file.endswith((".js", ".css"))
    }
    assert {"app.js", "styles.css"} <= set(weights)
    assert sum(weights.values()) < MOST, weights


@pytest.mark.usefixtures("morning")
def test_no_page_waits_for_a_script_to_be_read() -> None:
    with serving(app) as address, signed_in(address, people.ADMIN) as client:
        with db.transaction() as session:
            paths = pages(session)
        for path in paths.values():
            _readable(client.get(path))


def _readable(page: httpx.Response) -> None:
    """Its words are in what was sent, and its scripts are all fetched beside it."""
    assert page.status_code == 200, page.url.path
    for script in re.findall(r"<script\b[^>]*>", page.text):
        assert re.search(r"\bsrc=", script), page.url.path  # the policy allows no other
        assert re.search(r"\bdefer\b|type=.module", script), page.url.path
    main = re.search(r"<main\b.*</main>", page.text, re.DOTALL)
    assert main is not None, page.url.path
    assert re.search(r"<h1\b", main[0]), page.url.path
    assert len(re.sub(r"<[^>]+>|\s+", "", main[0])) > 20, page.url.path
