"""What a browser must fetch before a page can be read, and what it need not wait for."""

import json
import re

import httpx
import pytest

from leads import db
from leads.dashboard.app import app, takes_gzip
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


def test_script_and_style_together_are_light(built: dict[str, str], database: str) -> None:
    assert database
    weights = {}
    with serving(app) as address, httpx.Client(base_url=f"{address}/static/") as client:
        for name, file in built.items():
            if file.endswith((".js", ".css")):
                answer = fetched(client, file, "gzip, deflate, br, zstd")
                weights[name] = answer.num_bytes_downloaded
                assert answer.content == (STATIC / file).read_bytes()
    assert {"app.js", "styles.css"} <= set(weights)
    assert sum(weights.values()) < MOST, weights


def test_whoever_takes_no_gzip_gets_the_file_as_it_is(built: dict[str, str], database: str) -> None:
    assert database
    file = built["app.js"]
    with serving(app) as address, httpx.Client(base_url=f"{address}/static/") as client:
        plain, small = fetched(client, file, "identity"), fetched(client, file, "gzip")
        again = client.get(
            file, headers={"Accept-Encoding": "gzip", "If-None-Match": small.headers["ETag"]}
        )
    assert plain.num_bytes_downloaded == (STATIC / file).stat().st_size
    assert small.num_bytes_downloaded < plain.num_bytes_downloaded / 2
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    # Else a cache between would give one for the other.
    assert plain.headers["ETag"] != small.headers["ETag"]
    assert again.status_code == 304
    for answer in (plain, small, again):
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert "immutable" in answer.headers["Cache-Control"]
    assert plain.headers["Content-Type"] == small.headers["Content-Type"]


def fetched(client: httpx.Client, file: str, accepted: str) -> httpx.Response:
    answer = client.get(file, headers={"Accept-Encoding": accepted})
    assert answer.status_code == 200, file
    return answer


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        *(("gzip", True), ("br, GZIP;q=0.5", True), ("gzip; q=1.0", True)),
        *(("", False), ("br", False), ("gzip;q=0", False), ("deflate, gzip; q=0.000", False)),
    ],
)
def test_gzip_is_for_whoever_names_it(accepted: str, taken: bool) -> None:
    assert takes_gzip(accepted) is taken


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
    assert "Content-Encoding" not in page.headers, page.url.path  # its length would tell (BREACH)
    for script in re.findall(r"<script\b[^>]*>", page.text):
        assert re.search(r"\bsrc=", script), page.url.path  # the policy allows no other
        assert re.search(r"\bdefer\b|type=.module", script), page.url.path
    main = re.search(r"<main\b.*</main>", page.text, re.DOTALL)
    assert main is not None, page.url.path
    assert re.search(r"<h1\b", main[0]), page.url.path
    assert len(re.sub(r"<[^>]+>|\s+", "", main[0])) > 20, page.url.path
