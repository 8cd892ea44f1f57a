"""The judge: the sandbox's own log of who was texted, read from outside."""

from collections import Counter
from typing import Any

import httpx

PAGE = 5000  # entries of the log at a time


class Sandbox:
    """Its control interface, and what its log says so far."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=f"{address}/sandbox/api", timeout=30)
        self._read_to = 0
        self.posts: dict[str, Counter[str]] = {}  # by sender, then requests by recipient
        self.texts: dict[str, Counter[str]] = {}  # the same, only what was accepted
        self.faults: Counter[str] = Counter()  # on requests to send
        self.lists = 0  # requests for the list of texts

    def set_faults(self, faults: dict[str, dict[str, Any]]) -> None:
        """Replaces those that are set."""
        self._client.delete("/faults").raise_for_status()
        if faults:
            self._client.put("/faults", json=faults).raise_for_status()

    def read(self) -> None:
        """Go on where the last read ended."""
        while True:
            asked: dict[str, str | int] = {"since": self._read_to, "kind": "rest", "limit": PAGE}
            entries = self._client.get("/log", params=asked).raise_for_status().json()
            for entry in entries:
                self._note(entry)
                self._read_to = entry["seq"]
            if len(entries) < PAGE:
                return

    def _note(self, entry: dict[str, Any]) -> None:
        if not entry["path"].endswith("/Messages.json"):
            return
        if entry["method"] != "POST":
            self.lists += 1
            return
        told = entry["params"]
        if "From" not in told or "To" not in told:
            assert not entry["accepted"], entry
            self.faults["broken_off_by_a_kill"] += 1  # the sender died between head and body
            return
        sender, to = told["From"], told["To"]
        self.posts.setdefault(sender, Counter())[to] += 1
        if entry["accepted"]:
            self.texts.setdefault(sender, Counter())[to] += 1
        if entry["fault"]:
            self.faults[_named(entry)] += 1

    def callbacks_lost(self) -> int:
        asked: dict[str, str | int] = {"kind": "webhook_lost", "limit": 100_000}
        return len(self._client.get("/log", params=asked).raise_for_status().json())

    def posts_by(self, senders: list[str]) -> Counter[str]:
        return sum((self.posts.get(sender, Counter()) for sender in senders), Counter[str]())

    def texts_by(self, senders: list[str]) -> Counter[str]:
        return sum((self.texts.get(sender, Counter()) for sender in senders), Counter[str]())


def _named(entry: dict[str, Any]) -> str:
    if entry["fault"] == "hang":
        return "hang_after_accepting" if entry["accepted"] else "hang_before_accepting"
    return str(entry["fault"])
