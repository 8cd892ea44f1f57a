"""What every answer carries, and what a change must come with."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from leads import db
from leads.audit import Audit
from leads.dashboard.app import app
from leads.settings import settings
from tests.leads.dashboard.people import PASSWORD, RECEPTIONIST, browser, csrf_token, enter, hire
from tests.server import serving

ADDRESSES = [
    ("/sign-in", 200),
    ("/", 303),
    ("/nothing/here", 404),
    ("/api/v1/leads", 401),
    ("/api/nothing", 404),
    ("/health", 200),
    ("/static/nothing.js", 404),
]


@pytest.fixture
def address(database: str) -> Iterator[str]:
    assert database
    with serving(app) as at:
        yield at


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with browser(address) as opened:
        yield opened


@pytest.mark.parametrize(("path", "status"), ADDRESSES)
def test_every_answer_carries_the_headers(client: httpx.Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in answer.headers


def test_a_bug_is_answered_in_words_with_the_headers_and_without_its_text(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("+14255550142")

    monkeypatch.setattr("leads.dashboard.health.health.ready", broken)
    answer = client.get("/ready")
    assert answer.status_code == 500
    assert "Nothing was changed" in answer.text
    assert "+1425" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_https_hardens_the_cookie_and_the_transport(
    client: httpx.Client, environment: pytest.MonkeyPatch
) -> None:
    hire()
    with environment.context() as patch:
        patch.setenv("DASHBOARD_URL", "https://desk.clinic.example")
        settings.cache_clear()
        client.headers["Host"] = "desk.clinic.example"
        client.headers["Cookie"] = "__Host-ringback-form=of-the-form"
        told = {"email": RECEPTIONIST, "password": PASSWORD, "csrf_token": "of-the-form"}
        answer = client.post("/sign-in", data=told)
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-ringback=")
        assert "Secure" in cookie
        assert "Domain" not in cookie
        client.headers["Cookie"] = cookie.partition(";")[0]
        assert client.get("/").status_code == 200
    settings.cache_clear()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "a@b"])
def test_another_host_name_is_refused(client: httpx.Client, host: str) -> None:
    assert client.get("/sign-in", headers={"Host": host}).status_code == 400
    assert client.get("/metrics", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "LOCALHOST"])
def test_our_own_names_are_accepted(client: httpx.Client, host: str) -> None:
    assert client.get("/sign-in", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "guessed"},
        {"X-CSRF-Token": "RIGHT", "Sec-Fetch-Site": "cross-site"},
        {"X-CSRF-Token": "RIGHT", "Sec-Fetch-Site": "same-site"},
        {"X-CSRF-Token": "RIGHT", "Sec-Fetch-Site": "none"},
        {"X-CSRF-Token": "RIGHT", "Origin": "https://evil.example"},
        {"X-CSRF-Token": "RIGHT", "Origin": "http://127.0.0.1:8002"},
    ],
)
def test_a_change_that_is_not_from_our_page_is_refused_and_audited(
    client: httpx.Client, told: dict[str, str]
) -> None:
    hire()
    enter(client)
    headers = {name: csrf_token() if told[name] == "RIGHT" else told[name] for name in told}
    assert client.post("/sign-out", headers=headers).status_code == 403
    assert client.get("/").status_code == 200
    with db.transaction() as session:
        denied = session.scalars(select(Audit).where(Audit.action == "access_denied")).one()
        assert denied.facts["reason"] in {"csrf_token", "cross_site"}
        assert denied.address == "203.0.113.9"


@pytest.mark.parametrize("private", [False, True])
def test_a_form_of_our_page_is_accepted(client: httpx.Client, private: bool, address: str) -> None:
    hire()
    enter(client)
    told = {"csrf_token": csrf_token()}
    origin = "null" if private else address
    assert client.post("/sign-out", data=told, headers={"Origin": origin}).status_code == 303


def test_an_outsider_is_sent_to_sign_in_and_back_without_the_query(client: httpx.Client) -> None:
    answer = client.get("/leads/7?q=4255550142")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/leads/7")


def test_a_fragment_of_a_signed_out_page_is_no_sign_in_page(client: httpx.Client) -> None:
    clicked = client.get("/leads/7", headers={"HX-Request": "true"})
    assert (clicked.status_code, clicked.headers["hx-redirect"]) == (401, "/sign-in")
    by_itself = client.get("/leads/7", headers={"HX-Request": "true", "X-Ringback-Live": "1"})
    assert by_itself.status_code == 401
    assert "hx-redirect" not in by_itself.headers


def test_a_role_that_may_not_is_refused_and_audited(client: httpx.Client) -> None:
    staff_id = hire()
    enter(client)
    assert client.get("/settings/numbers").status_code == 403
    with db.transaction() as session:
        denied = session.scalars(select(Audit).where(Audit.action == "access_denied")).one()
        assert (denied.staff_id, denied.facts) == (staff_id, {"reason": "role"})


def test_a_body_larger_than_anything_people_send_is_refused(client: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(30):
            yield b"x" * 10_000

    assert client.post("/sign-in", content=b"x" * 300_000).status_code == 413
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/sign-in", content=chunks(), headers=form).status_code == 413


def test_a_form_with_what_no_database_keeps_is_refused_in_words(client: httpx.Client) -> None:
    hire(role="admin")
    enter(client)
    told = {"name": "a\x00b", "email": "ben@clinic.example", "role": "front_desk"}
    answer = client.post("/settings/staff", data=told | {"csrf_token": csrf_token()})
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.text


def test_only_files_whose_name_has_a_hash_are_kept_for_long() -> None:
    from leads.dashboard.app import HASHED

    assert HASHED.search("app-4737XZWO.js")
    assert HASHED.search("favicon-1fbe5b62.svg")
    assert not HASHED.search("manifest.json")
    assert not HASHED.search("some-controls.css")
