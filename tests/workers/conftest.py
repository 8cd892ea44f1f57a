"""Workers against a Twilio on a real socket, whose own log is the judge."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from starlette.types import ASGIApp

from leads import Installation, PracticePhone, clock, db
from leads.settings import settings
from tests.conftest import ACCOUNT_SID, AUTH_TOKEN, TUESDAY_TEN, forget_settings
from tests.server import serving
from tests.workers.provider import Provider
from tests.workers.town import CLINIC, MOBILE, Ears, Town
from webhooks.app import app
from webhooks.sandbox.app import Sandbox
from webhooks.sandbox.settings import Settings
from workers import twilio_api


@dataclass
class Phones:
    """The sandbox's control interface."""

    client: httpx.Client

    def texts_to(self, number: str) -> list[str]:
        """What Twilio accepted for this phone, oldest first."""
        answer = self.client.get(
            f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json",
            params={"To": number, "PageSize": 1000},
            auth=(ACCOUNT_SID, AUTH_TOKEN),
        ).raise_for_status()
        messages = answer.json()["messages"]
        return [text["body"] for text in messages if text["direction"] == "outbound-api"][::-1]

    def fault(self, name: str, **how: Any) -> None:
        self.client.put("/sandbox/api/faults", json={name: how or {"count": 1}}).raise_for_status()

    def fails_with(self, number: str, code: int) -> None:
        """Texts to this phone are accepted and then fail with that error."""
        path = f"/sandbox/api/phones/{number}"
        self.client.put(path, json={"error_code": code}).raise_for_status()

    def text_us(self, number: str, body: str) -> None:
        fields = {"from": number, "to": CLINIC, "body": body}
        self.client.post("/sandbox/api/texts", json=fields).raise_for_status()


@pytest.fixture
def phones(database: str, environment: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Phones]:
    """A sandbox and our webhooks, on a Tuesday at ten."""
    assert database
    with db.transaction() as session:
        clock.set_to(session, TUESDAY_TEN)
    with environment.context() as patch, _twilio(app, patch, tmp_path) as client:
        yield Phones(client)


@pytest.fixture
def town(database: str, environment: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Town]:
    """The same, and what reaches our webhooks can be chosen. A desk phone and a mobile ring."""
    assert database
    with db.transaction() as session:
        clock.set_to(session, TUESDAY_TEN)
        PracticePhone.add(session, MOBILE, "Doctor", "mobile", 20)
        phones = PracticePhone.ringing(session)
    ears = Ears(app, phones)
    with environment.context() as patch, _twilio(ears, patch, tmp_path) as client:
        yield Town(client, ears)


@pytest.fixture
def provider(database: str, environment: pytest.MonkeyPatch) -> Iterator[Provider]:
    """An installation of a day ago, whose Twilio is this provider."""
    assert database
    with db.transaction() as session:
        clock.set_to(session, TUESDAY_TEN)
        Installation.current(session)
        session.execute(
            update(Installation).values(created_at=datetime.now(UTC) - timedelta(hours=24))
        )
    made = Provider()
    with environment.context() as patch, serving(made) as address:
        patch.setenv("TWILIO_API_BASE", address)
        forget_settings()
        twilio_api.client.cache_clear()
        yield made
    twilio_api.client.cache_clear()
    forget_settings()


@contextmanager
def _twilio(ours: ASGIApp, patch: pytest.MonkeyPatch, home: Path) -> Iterator[httpx.Client]:
    """A sandbox that calls `ours`, and is Twilio for our workers."""
    patch.setenv("RINGBACK_HOME", str(home))  # with a spool of its own
    with serving(ours) as address:
        told = Settings(ACCOUNT_SID, AUTH_TOKEN, address, address, "http://127.0.0.1:1", home)
        with serving(Sandbox(lambda: told)) as twilio:
            patch.setenv("PUBLIC_URL", address)
            patch.setenv("TWILIO_API_BASE", twilio)
            settings.cache_clear()  # and not the engine: the webhooks use it already
            twilio_api.client.cache_clear()
            with httpx.Client(base_url=twilio, timeout=30) as client:
                yield client
    twilio_api.client.cache_clear()
    forget_settings()
