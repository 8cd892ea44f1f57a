"""Workers against a Twilio on a real socket, whose own log is the judge."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from leads import clock, db
from tests.conftest import ACCOUNT_SID, AUTH_TOKEN, TUESDAY_TEN, forget_settings
from tests.server import serving
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
        fields = {"from": number, "to": "+14254379974", "body": body}
        self.client.post("/sandbox/api/texts", json=fields).raise_for_status()


@pytest.fixture
def phones(database: str, environment: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Phones]:
    """A sandbox and our webhooks, on a Tuesday at ten."""
    assert database
    with db.transaction() as session:
        clock.set_to(session, TUESDAY_TEN)
    with environment.context() as patch, serving(app) as ours:
        told = Settings(ACCOUNT_SID, AUTH_TOKEN, ours, ours, "http://127.0.0.1:1", tmp_path)
        with serving(Sandbox(lambda: told)) as twilio:
            patch.setenv("PUBLIC_URL", ours)
            patch.setenv("TWILIO_API_BASE", twilio)
            forget_settings()
            twilio_api.client.cache_clear()
            with httpx.Client(base_url=twilio, timeout=20) as client:
                yield Phones(client)
    twilio_api.client.cache_clear()
    forget_settings()
