"""Who gets in, who does not, and what is kept of it."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select, text, update

from leads import db, password, sign_in, staff, throttle
from leads.audit import Audit
from leads.dashboard.app import app
from leads.first_admin import FIRST_ADMIN
from leads.password import WeakPassword
from leads.staff import SignInFailure, Staff, StaffSession
from tests.leads.dashboard.people import (
    PASSWORD,
    RECEPTIONIST,
    browser,
    csrf_token,
    enter,
    field,
    hire,
)
from tests.server import serving

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def address(database: str) -> Iterator[str]:
    assert database
    with serving(app) as at:
        yield at


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with browser(address) as opened:
        yield opened


def audited() -> list[str]:
    with db.transaction() as session:
        return list(session.scalars(select(Audit.action).order_by(Audit.id)))


def test_the_right_password_opens_a_session_that_the_server_keeps(client: httpx.Client) -> None:
    staff_id = hire()
    answer = enter(client, "  Rosa@Clinic.example ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    token = client.cookies["ringback"]
    with db.transaction() as session:
        kept = session.scalars(select(StaffSession)).one()
        assert kept.staff_id == staff_id
        assert token not in (kept.token_digest, kept.csrf_token)
        assert session.scalars(select(SignInFailure)).all() == []
    assert client.get("/").status_code == 200
    assert audited() == ["signed_in"]


def test_a_wrong_password_and_an_unknown_email_get_the_same_answer(client: httpx.Client) -> None:
    hire()
    known = enter(client, RECEPTIONIST, "not the password")
    unknown = enter(client, "nobody@clinic.example", "not the password")
    assert known.status_code == unknown.status_code == 403
    assert known.text.replace(RECEPTIONIST, "") == unknown.text.replace("nobody@clinic.example", "")
    assert client.get("/").status_code == 303
    assert audited() == ["sign_in_failed", "sign_in_failed"]


def test_bytes_that_no_database_keeps_are_a_wrong_password(client: httpx.Client) -> None:
    assert enter(client, "\x00", "\x00").status_code == 403


@pytest.fixture
def as_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The hash that is slow on purpose, which tests else spare themselves."""
    monkeypatch.setattr(password, "_hasher", PasswordHash((Argon2Hasher(),)))
    password._nobody.cache_clear()
    yield
    password._nobody.cache_clear()


@pytest.mark.usefixtures("as_installed")
def test_an_unknown_email_takes_as_long_as_a_known_one(client: httpx.Client) -> None:
    hire()
    enter(client, "warm@up.example")

    def seconds(email: str) -> float:
        started = time.perf_counter()
        enter(client, email, "not the password")
        return time.perf_counter() - started

    emails = [(RECEPTIONIST, f"nobody{number}@clinic.example") for number in range(4)]
    known, unknown = map(min, zip(*[map(seconds, pair) for pair in emails], strict=True))
    assert 0.5 < known / unknown < 2


def test_somebody_without_a_password_cannot_sign_in_with_an_empty_one(client: httpx.Client) -> None:
    with db.transaction() as session:
        staff.add_staff(session, RECEPTIONIST, "admin")
    assert enter(client, RECEPTIONIST, "").status_code == 403


def test_disabled_staff_are_out_at_once(client: httpx.Client) -> None:
    hire()
    enter(client)
    with db.transaction() as session:
        session.execute(update(Staff).values(disabled_at=text("now()")))
    assert client.get("/").status_code == 303
    assert enter(client).status_code == 403


@pytest.mark.parametrize(
    ("asked", "went"),
    [
        ("/leads/7", "/leads/7"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/leads\r\nX: y", "/"),
        ("", "/"),
    ],
)
def test_sign_in_goes_on_within_the_dashboard_alone(
    client: httpx.Client, asked: str, went: str
) -> None:
    hire()
    assert enter(client, to=asked).headers["location"] == went


def test_the_sign_in_form_of_another_site_signs_nobody_in(
    client: httpx.Client, address: str
) -> None:
    hire()
    told = {"email": RECEPTIONIST, "password": PASSWORD, "csrf_token": "guessed"}
    assert client.post("/sign-in", data=told, headers=SAME_ORIGIN).status_code == 403
    mine = told | {"csrf_token": field(client.get("/sign-in"), "csrf_token")}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert client.post("/sign-in", data=mine, headers=headers).status_code == 403
    assert client.post("/sign-in", data=mine, headers={"Origin": address}).status_code == 303


def test_guessing_is_stopped_for_a_while_and_not_for_ever(
    client: httpx.Client, address: str
) -> None:
    hire()
    for _ in range(throttle.PER_PAIR):
        assert enter(client, RECEPTIONIST, "a wrong guess").status_code == 403
    stopped = enter(client)
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["retry-after"]) <= 15 * 60
    with browser(address, "198.51.100.7") as elsewhere:
        assert enter(elsewhere).status_code == 303
    with db.transaction() as session:
        session.execute(update(SignInFailure).values(at=SignInFailure.at - throttle.WINDOW))
    assert enter(client).status_code == 303


def test_an_unknown_email_is_throttled_as_a_known_one_is(client: httpx.Client) -> None:
    for _ in range(throttle.PER_PAIR):
        enter(client, "nobody@clinic.example", "a wrong guess")
    assert enter(client, "nobody@clinic.example").status_code == 429


def test_many_guesses_at_once_get_no_more_than_their_share(database: str) -> None:
    assert database
    hire()
    results: list[str] = []

    def guess() -> None:
        try:
            sign_in.with_password(RECEPTIONIST, "a wrong guess", "203.0.113.9")
        except (sign_in.WrongCredentials, throttle.TooManyAttempts) as error:
            results.append(type(error).__name__)

    threads = [threading.Thread(target=guess) for _ in range(throttle.PER_PAIR + 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count("WrongCredentials") == throttle.PER_PAIR
    assert results.count("TooManyAttempts") == 8


def test_a_link_signs_in_once_and_opening_it_does_not_use_it_up(client: httpx.Client) -> None:
    staff_id = hire()
    with db.transaction() as session:
        token = sign_in.create_sign_in_link(session, staff_id)
    link = urlsplit(sign_in.link_address(token))
    for _ in range(2):
        page = client.get(f"{link.path}?{link.query}")
    told = {"token": field(page, "token"), "csrf_token": field(page, "csrf_token")}
    assert client.post("/sign-in/link", data=told, headers=SAME_ORIGIN).status_code == 303
    assert client.get("/").status_code == 200
    assert client.post("/sign-in/link", data=told, headers=SAME_ORIGIN).status_code == 403


@pytest.mark.parametrize(
    ("email", "went"), [("noor@clinic.example", "/password"), (FIRST_ADMIN, "/")]
)
def test_a_first_link_leads_to_a_password_but_for_the_trials_own_admin(
    client: httpx.Client, email: str, went: str
) -> None:
    with db.transaction() as session:
        staff_id = staff.add_staff(session, email, "admin").id
        token = sign_in.create_sign_in_link(session, staff_id)
    told = {"token": token, "csrf_token": field(client.get("/sign-in/link"), "csrf_token")}
    answer = client.post("/sign-in/link", data=told, headers=SAME_ORIGIN)
    assert answer.headers["location"] == went
    page = client.get("/password")
    assert "Your link worked this once" in page.text
    weak = {"password": "x", "csrf_token": csrf_token()}
    refused = client.post("/password", data=weak, headers=SAME_ORIGIN)
    assert refused.status_code == 422
    assert "Your link worked this once" in refused.text


def test_an_old_link_signs_nobody_in(client: httpx.Client) -> None:
    staff_id = hire()
    with db.transaction() as session:
        token = sign_in.create_sign_in_link(session, staff_id)
        session.execute(text("UPDATE sign_in_link SET expires_at = now()"))
    told = {"token": token, "csrf_token": field(client.get("/sign-in/link"), "csrf_token")}
    assert client.post("/sign-in/link", data=told, headers=SAME_ORIGIN).status_code == 403


def test_signing_out_ends_the_session_on_the_server(client: httpx.Client) -> None:
    hire()
    enter(client)
    token = client.cookies["ringback"]
    assert client.post("/sign-out", headers=SAME_ORIGIN).status_code == 403
    assert client.post("/sign-out", headers={"X-CSRF-Token": csrf_token()}).status_code == 303
    assert "ringback" not in client.cookies
    client.cookies["ringback"] = token
    assert client.get("/").status_code == 303
    assert audited() == ["signed_in", "access_denied", "signed_out"]


@pytest.mark.parametrize(
    ("column", "age"), [("last_active_at", sign_in.IDLE), ("expires_at", timedelta())]
)
def test_a_session_ends_by_idleness_and_by_age(
    client: httpx.Client, column: str, age: timedelta
) -> None:
    hire()
    enter(client)
    with db.transaction() as session:
        session.execute(update(StaffSession).values({column: db.database_time(session) - age}))
    assert client.get("/").headers["location"] == "/sign-in"


def test_what_a_page_fetches_by_itself_is_no_activity(client: httpx.Client) -> None:
    hire()
    enter(client)
    with db.transaction() as session:
        session.execute(text("UPDATE staff_session SET last_active_at = now() - interval '9 h'"))

    def idle() -> float:
        with db.transaction() as session:
            kept = session.scalars(select(StaffSession)).one()
            return (db.database_time(session) - kept.last_active_at).total_seconds()

    client.get("/", headers={"X-Ringback-Live": "1"})
    assert idle() > 3600
    client.get("/")
    assert idle() < 60


def test_a_new_password_ends_the_other_sessions(client: httpx.Client, address: str) -> None:
    hire()
    enter(client)
    with browser(address) as other:
        enter(other)
        client.post(
            "/password",
            data={"password": "another four good words"},
            headers={"X-CSRF-Token": field(client.get("/password"), "csrf_token")},
        )
        assert client.get("/").status_code == 200
        assert other.get("/").status_code == 303


def test_staff_who_cannot_be_added_are_refused_in_words(database: str) -> None:
    assert database
    hire()
    with db.transaction() as session:
        with pytest.raises(staff.AlreadyStaff, match="on the staff already"):
            staff.add_staff(session, "ROSA@clinic.example", "admin")
        with pytest.raises(staff.UnknownRole, match="front_desk"):
            staff.add_staff(session, "b@clinic.example", "boss")
        with pytest.raises(staff.UnusableEmail):
            staff.add_staff(session, "not an address", "admin")
        with pytest.raises(WeakPassword):
            staff.add_staff(session, "b@clinic.example", "admin", "short")
