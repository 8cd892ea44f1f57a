"""People who ring and text while our side hears all, some or nothing of it.

What we do not hear is answered as the breaker and Twilio's fallback do it: the right phones ring,
and nothing is written down.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
from sqlalchemy import select
from starlette.types import ASGIApp, Receive, Scope, Send

from leads import PracticePhone, Reconciliation, db
from tests.conftest import ACCOUNT_SID, AUTH_TOKEN
from webhooks import twiml
from workers import reconcile
from workers.listing import Lists

CLINIC = "+14254379974"
DESK = "+14255550100"
MOBILE = "+14255550101"
# Tables that say when we looked or what was received, and not what is known.
NOT_KNOWLEDGE = {"reconciliation", "webhook_event", "heartbeat", "outage", "alembic_version"}


@dataclass
class Ears:
    """In front of our webhooks: a request whose path it does not hear never reaches them."""

    ours: ASGIApp
    phones: list[PracticePhone] = field(default_factory=list)
    hears: Callable[[str], bool] = lambda _path: True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.hears(scope["path"]):
            await self.ours(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        told = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        answer = self._answer(scope["path"].removeprefix("/webhooks/twilio"), told).encode()
        headers = [(b"content-type", b"text/xml")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def _answer(self, path: str, told: dict[str, str]) -> str:
        if path == "/voice":
            return twiml.ring(told["CallSid"], self.phones, 20, None)
        if path == "/voice/whisper":
            return twiml.whisper("the practice", self.phones[-1].id, told["ParentCallSid"])
        if path == "/voice/accept":
            return twiml.EMPTY if told["Digits"] == twiml.ACCEPT_KEY else twiml.hang_up()
        if path == "/voice/dial":
            talked = told["DialCallStatus"] == "completed" and told["DialBridged"] == "true"
            return twiml.hang_up() if talked else twiml.prompt("Nobody can answer right now.")
        if path in {"/voice/choice", "/voice/voicemail"}:
            return twiml.voicemail("Leave a message.", transcribe=False)
        return twiml.EMPTY


@dataclass
class Town:
    """The people of the town, by the sandbox's control interface."""

    client: httpx.Client
    ears: Ears

    def nobody_hears(self) -> None:
        self.ears.hears = lambda _path: False

    def we_hear(self, *endings: str) -> None:
        """Only requests whose path ends so; without any, all of them."""
        self.ears.hears = lambda path: not endings or path.endswith(endings)

    def dials(self, caller: str, **script: Any) -> str:
        """Somebody rings; the call is under way when this returns."""
        told = {"from": caller, "to": CLINIC, "speed": 100, "script": script}
        sid: str = self._post("calls", told)["sid"]
        return sid

    def ring(self, caller: str, **script: Any) -> str:
        """The same, to the end of the call and of every request about it."""
        sid = self.dials(caller, **script)
        self.over(sid)
        return sid

    def over(self, sid: str) -> None:
        call = self.client.get(f"/sandbox/api/calls/{sid}?wait=20").raise_for_status().json()
        assert call["settled"]

    def text(self, number: str, body: str) -> str:
        sid: str = self._post("texts", {"from": number, "to": CLINIC, "body": body})["sid"]
        return sid

    def fault(self, name: str, **how: Any) -> None:
        self.client.put("/sandbox/api/faults", json={name: how or {"count": 1}}).raise_for_status()

    def log(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get(f"/sandbox/api/log?kind={kind}").json()
        return found

    def listed(self, what: str) -> list[dict[str, Any]]:
        """What Twilio lists of a kind: Calls, Messages or Recordings."""
        path = f"/2010-04-01/Accounts/{ACCOUNT_SID}/{what}.json"
        answer = self.client.get(path, params={"PageSize": 1000}, auth=(ACCOUNT_SID, AUTH_TOKEN))
        rows: list[dict[str, Any]] = answer.raise_for_status().json()[what.lower()]
        return rows

    def _post(self, what: str, told: dict[str, Any]) -> dict[str, Any]:
        answer = self.client.post(f"/sandbox/api/{what}", json=told)
        assert answer.is_success, answer.text
        shown: dict[str, Any] = answer.json()
        return shown


def reconciled(since: datetime | None = None, lists: Lists | None = None) -> Reconciliation:
    """One comparison that leaves nothing for the next one, as if a minute had gone by."""
    until = datetime.now(UTC) + timedelta(seconds=2)
    return reconcile.reconcile(since, until, lists=lists)


def everything() -> dict[str, list[str]]:
    """Every row of what is known, as text: to be compared."""
    with db.transaction() as session:
        return {
            table.name: sorted(str(tuple(row)) for row in session.execute(select(table)))
            for table in db.Base.metadata.sorted_tables
            if table.name not in NOT_KNOWLEDGE
        }
