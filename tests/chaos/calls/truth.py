"""What really happened, by the sandbox's own log: calls, texts, errors that callers heard."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from tests.chaos.calls.people import MOBILE, START_WORD, STOP_PHRASE, STOP_WORD
from tests.standstill import Standstill

PAGE = 5000  # entries of the log at a time
CALLER_WAITS = {"voice", "dial", "gather", "redirect", "record"}
# Between what Twilio hears and what it sends within a second, the order is Twilio's own.
RACE = timedelta(seconds=1)
CONFIRMATION = "you will get no more texts from us"  # of an opt-out: one is allowed


@dataclass
class Heard:
    """One call: what its caller heard and did."""

    number: str
    clinic: str
    connected: bool = False
    mobile_took: bool = False  # a mobile was picked up, by a person or by its own mailbox
    recorded: int = 0  # seconds
    spoken_to: bool = False  # something was said to them after, or instead of, the ringing
    hung_up: bool = False
    ended: bool = False
    failed: str = ""  # the error that they heard
    fallbacks: int = 0  # times that Twilio went to the fallback address

    @property
    def outcome(self) -> str:
        if self.connected:
            return "answered"
        if self.recorded:
            return "voicemail"
        return "missed" if self.spoken_to or not self.hung_up else "abandoned"


@dataclass(frozen=True)
class Text:
    sid: str
    number: str  # the person's
    clinic: str
    body: str
    at: datetime

    @property
    def stops(self) -> bool:
        return self.body in {STOP_WORD, STOP_PHRASE}

    @property
    def starts(self) -> bool:
        return self.body == START_WORD


@dataclass
class Truth:
    calls: dict[str, Heard] = field(default_factory=dict)
    texts: list[Text] = field(default_factory=list)  # from people
    sent: list[Text] = field(default_factory=list)  # to people, as they were accepted
    # From when to when a caller waited for an answer, by address, in wall-clock time.
    waits: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    def side(self, clinic: str) -> "Truth":
        """What concerns this number alone, but for answers."""
        return Truth(
            {sid: call for sid, call in self.calls.items() if call.clinic == clinic},
            [text for text in self.texts if text.clinic == clinic],
            [text for text in self.sent if text.clinic == clinic],
            self.waits,
            self.requests,
            self.faults,
        )

    def longest(self, address: str, still: Standstill | None = None) -> float:
        """Seconds of the longest answer; without those in which the machine stood still."""
        return max(
            (
                to - since - (still.seconds(since, to) if still else 0)
                for since, to in self.waits.get(address, [])
            ),
            default=0.0,
        )

    def stopped_at(self) -> dict[str, datetime]:
        """When Twilio first had each person's stop, of those who did not take it back."""
        stops: dict[str, datetime] = {}
        for text in sorted(self.texts, key=lambda text: text.at):
            if text.stops:
                stops.setdefault(text.number, text.at)
            elif text.starts:
                stops.pop(text.number, None)
        return stops

    def after_stop(self) -> tuple[list[Text], list[Text]]:
        """What was sent to people after their stop: beyond the race, and within it."""
        stops, confirmed = self.stopped_at(), set[str]()
        late: list[Text] = []
        racing: list[Text] = []
        for text in self.sent:
            stop = stops.get(text.number)
            if stop is None or text.at <= stop:
                continue
            if CONFIRMATION in text.body and text.number not in confirmed:
                confirmed.add(text.number)
            else:
                (late if text.at > stop + RACE else racing).append(text)
        return late, racing

    def doubled_texts(self) -> int:
        """However often they ring on one day, more than one text about it is too many."""
        counts = Counter(text.number for text in self.sent if CONFIRMATION not in text.body)
        return sum(count - 1 for count in counts.values())


def read(sandbox_url: str) -> Truth:
    truth = Truth()
    since = 0
    with httpx.Client(base_url=f"{sandbox_url}/sandbox/api", timeout=60) as client:
        while True:
            asked = {"since": since, "limit": PAGE}
            entries = client.get("/log", params=asked).raise_for_status().json()
            for entry in entries:
                _note(truth, entry)
                since = entry["seq"]
            if len(entries) < PAGE:
                return truth


def _note(truth: Truth, entry: dict[str, Any]) -> None:
    kind = entry["kind"]
    if kind == "call":
        _call(truth, entry)
    elif kind == "text" and entry["direction"] == "from phone":
        truth.texts.append(
            Text(entry["sid"], entry["from"], entry["to"], entry["body"], _at(entry))
        )
    elif kind == "rest" and entry["method"] == "POST" and entry["path"].endswith("/Messages.json"):
        told = entry["params"]
        if entry["accepted"]:
            truth.sent.append(
                Text(entry["sid"], told["To"], told["From"], told["Body"], _at(entry))
            )
    elif kind == "webhook":
        _webhook(truth, entry)
    elif kind == "application_error" and entry["sid"] in truth.calls and entry["fallback"]:
        truth.calls[entry["sid"]].fallbacks += 1


def _call(truth: Truth, entry: dict[str, Any]) -> None:
    what, sid = entry["what"], entry["sid"]
    if what == "dialled":
        truth.calls[sid] = Heard(entry["from_"], entry["to"])
        return
    call, of_leg = truth.calls[sid], "leg" in entry
    if what == "connected":
        call.connected = True
    elif of_leg:
        call.mobile_took |= what == "answered" and entry["phone"] == MOBILE
    elif what == "recorded":
        call.recorded += entry["seconds"]
    elif what in {"said", "gather", "recording"}:
        call.spoken_to = True
    elif what == "hung_up":
        call.hung_up = True
    elif what == "ended":
        call.ended = True
    elif what == "application_error":
        call.failed = entry["text"]


def _webhook(truth: Truth, entry: dict[str, Any]) -> None:
    truth.requests[entry["event"].partition(" ")[0]] += 1
    if entry.get("copy"):
        truth.faults["webhooks sent twice"] += 1
    if entry["status"] is None:
        truth.faults[f"no answer ({entry['error_code']})"] += 1
    address = "/".join(entry["url"].split("/", 3)[:3])
    if entry["event"] in CALLER_WAITS:
        ended = _at(entry).timestamp()
        truth.waits.setdefault(address, []).append((ended - entry["duration_ms"] / 1000, ended))


def _at(entry: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["at"])
