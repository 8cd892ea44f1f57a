"""The stream that keeps open pages fresh: quick, naming nobody, and over when it should be."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import func, select, text

from leads import db, sign_in
from leads.dashboard import live
from leads.dashboard.app import app
from leads.staff import StaffSession
from tests.leads.dashboard.people import browser, enter, hire
from tests.server import serving


@pytest.fixture
def client(database: str) -> Iterator[httpx.Client]:
    assert database
    hire()
    with serving(app) as address, browser(address) as opened:
        enter(opened)
        yield opened


@contextmanager
def watching(client: httpx.Client) -> Iterator[Iterator[str]]:
    """The lines of a stream, after its greeting."""
    with client.stream("GET", "/live") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        for line in lines:
            if line == "data: all":
                break
        yield lines


def say(what: str) -> None:
    with db.transaction() as session:
        db.changed(session, what)


def test_a_change_reaches_an_open_page(client: httpx.Client) -> None:
    with watching(client) as lines:
        time.sleep(0.3)  # the listener's own `all` has passed
        say("lead:7")
        assert "data: lead:7" in lines


def test_an_open_stream_is_no_activity(client: httpx.Client) -> None:
    with db.transaction() as session:
        session.execute(text("UPDATE staff_session SET last_active_at = now() - interval '9 h'"))
    with watching(client), db.transaction() as session:
        kept = session.scalars(select(StaffSession)).one()
        assert (db.database_time(session) - kept.last_active_at).total_seconds() > 3600


def test_a_stream_ends_at_once_when_its_session_is_revoked(client: httpx.Client) -> None:
    with watching(client) as lines:
        started = time.monotonic()
        with db.transaction() as session:
            kept = session.scalars(select(StaffSession)).one()
            sign_in.revoke(session, kept.token_digest)
            prefix = kept.token_digest[:16]
        told = list(lines)
        assert time.monotonic() - started < live.HEARTBEAT, "it did not wait for a heartbeat"
        assert not any(prefix in line for line in told)


def test_a_stream_ends_when_its_session_expires(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert database
    monkeypatch.setattr(live, "HEARTBEAT", 0.2)
    hire()
    with serving(app) as address, browser(address) as opened:
        enter(opened)
        with watching(opened) as lines:
            assert "data: still here" in lines
            with db.transaction() as session:
                session.execute(text("UPDATE staff_session SET expires_at = now()"))
            assert list(lines) is not None


def test_an_outsider_gets_no_stream(client: httpx.Client) -> None:
    client.cookies.clear()
    assert client.get("/live").status_code == 401


def test_a_lost_database_connection_is_made_up_for(client: httpx.Client) -> None:
    with watching(client) as lines:
        time.sleep(0.3)
        with db.transaction() as session:
            listeners = text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND query LIKE 'LISTEN%'"
            )
            assert len(session.execute(listeners).all()) == 1
        assert "data: all" in lines
        say("call:3")
        assert "data: call:3" in lines


def test_a_page_that_does_not_read_is_told_everything_at_once() -> None:
    stream = live.Stream("digest")
    for number in range(live.WAITING_AT_MOST + 1):
        stream.offer(live.event(f"lead:{number}"))
    assert stream._waiting.qsize() == 1
    assert stream._waiting.get_nowait() == live.event("all")


def test_a_server_with_an_open_stream_stops(database: str) -> None:
    assert database
    hire()
    port = "18437"
    command = [sys.executable, "-m", "uvicorn", "leads.dashboard.app:app", "--port", port]
    with subprocess.Popen([*command, "--log-level", "error"], env=os.environ) as process:  # noqa: S603 - our own words
        try:
            with browser(f"http://127.0.0.1:{port}") as client:
                until_up(client)
                enter(client)
                with watching(client) as lines:
                    process.send_signal(signal.SIGTERM)
                    list(lines)
                process.wait(20)  # by itself it would stay open for ever
        finally:
            process.kill()


def until_up(client: httpx.Client) -> None:
    for _ in range(1200):
        try:
            client.get("/health")
        except httpx.ConnectError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("it did not start")


def test_notices_say_nothing_of_a_person(client: httpx.Client) -> None:
    with watching(client) as lines:
        time.sleep(0.3)
        with db.transaction() as session:
            session.execute(select(func.pg_notify("desk", "lead:1 session:abc call:2")))
        assert "data: lead:1 call:2" in lines
