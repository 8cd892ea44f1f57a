"""From the end of a missed call to the text that the telephone service has accepted.

The clock starts at what begins the follow-up: the prompt was heard to its end (the sandbox
sends the webhook that follows it), or else the caller's leg ended. It stops when the sandbox
accepts the text. Both moments are in the sandbox's own log.
"""

import random
import time
from datetime import datetime, timedelta
from typing import Any

import httpx

from tests.benchmarks.installation import Installation, NotMeasured
from tests.benchmarks.voice_load import CLINIC

PATIENCE = 60.0  # seconds for the last text
WAYS: dict[str, dict[str, Any]] = {
    "heard the prompt": {"let_ring": True},
    "hung up during the prompt": {"let_ring": True, "hangup_while": "prompt"},
}
AFTER_THE_PROMPT = "/voice/voicemail"


def measure(
    place: Installation, calls: int, apart: tuple[float, float], speed: float
) -> dict[str, list[float]]:
    """Seconds by way of ending, for `calls` (100 at most) different callers.

    `apart` are the least and the most seconds between two calls: long enough that the sender's
    pace (one text a second) delays nobody, and uneven, so that they meet the worker's tick of
    two seconds anywhere. Raises NotMeasured when a text did not come.
    """
    _until_texts_go(f"http://127.0.0.1:{place.ports['WEBHOOKS']}/ready")
    with httpx.Client(base_url=place.sandbox, timeout=40) as sandbox:
        placed: list[tuple[str, str, str]] = []
        for number in range(calls):
            way = list(WAYS)[number % len(WAYS)]
            caller = f"+120655501{number:02}"
            placed.append((way, caller, _place(sandbox, caller, way, speed)))
            time.sleep(random.uniform(*apart))  # noqa: S311 (any will do)
        accepted = _accepted(sandbox, {caller for _, caller, _ in placed})
        begun = _begun(sandbox, [sid for _, _, sid in placed])
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    for way, caller, sid in placed:
        found[way].append((accepted[caller] - begun[sid]).total_seconds())
    return found


def _until_texts_go(address: str) -> None:
    """After a start they wait until Twilio's lists have been gone through: a STOP may be there."""
    deadline = time.monotonic() + PATIENCE
    while httpx.get(address).json()["texts_wait"] is not False:
        if time.monotonic() > deadline:
            raise NotMeasured(f"Texts were held back for more than {PATIENCE:.0f} s.")
        time.sleep(0.2)


def _place(sandbox: httpx.Client, caller: str, way: str, speed: float) -> str:
    body = {"from": caller, "to": CLINIC, "speed": speed, "script": WAYS[way]}
    return str(sandbox.post("/calls", json=body).raise_for_status().json()["sid"])


def _accepted(sandbox: httpx.Client, callers: set[str]) -> dict[str, datetime]:
    """When the text of each caller was accepted."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = {
            entry["params"]["To"]: _moment(entry["at"])
            for entry in reversed(_log(sandbox, "rest"))  # the first one wins
            if entry["path"].endswith("/Messages.json")
            and entry["method"]
            == "POST"  # reconciliation reads the list of them at the same address
            and entry["accepted"]
        }
        if missing := callers - set(found):
            if time.monotonic() > deadline:
                raise NotMeasured(
                    f"{len(missing)} of {len(callers)} callers got no text within {PATIENCE:.0f} s."
                )
            time.sleep(0.5)
            continue
        return found


def _begun(sandbox: httpx.Client, sids: list[str]) -> dict[str, datetime]:
    """When the follow-up of each call could begin."""
    heard = {
        entry["sid"]: _moment(entry["at"]) - timedelta(milliseconds=entry["duration_ms"])
        for entry in _log(sandbox, "webhook")
        if entry["url"].endswith(AFTER_THE_PROMPT)
    }
    return {sid: heard.get(sid) or _ended(sandbox, sid) for sid in sids}


def _ended(sandbox: httpx.Client, sid: str) -> datetime:
    call = sandbox.get(f"/calls/{sid}", params={"wait": 30}).raise_for_status().json()
    return _moment(call["ended_at"])


def _log(sandbox: httpx.Client, kind: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = (
        sandbox.get("/log", params={"kind": kind, "limit": 100_000}).raise_for_status().json()
    )
    return entries


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)
