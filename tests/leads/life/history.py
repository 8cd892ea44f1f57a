"""What happened in one example, kept apart from our own tables: events are counted, and every post
remembers what was known when it was made."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, time

# What we may have been told of a post that means that it did not reach them.
NOT_DELIVERED = frozenset({"refused", "undelivered", "failed", "absent"})
# Of these, what a text may be sent again after: never after an outcome that was unknown.
AGAIN = frozenset({"refused", "undelivered", "failed"})


@dataclass(frozen=True)
class Line:
    """A line of the consent ledger as it stood when a text was posted."""

    id: int
    kind: str
    basis: str
    at: datetime


@dataclass(frozen=True)
class Window:
    """What the practice allows, as the machine set it: never wider than 08:00 to 20:00."""

    start: time = time(9)
    end: time = time(20)


@dataclass
class Posted:
    """One request to send a text: what `authorize` let out counts as posted at that moment."""

    n: int
    at: datetime  # practice time
    real_at: datetime
    message_id: int
    attempt: uuid.UUID
    to: str
    lead: int
    body: str
    validity_seconds: int
    automated: bool
    topic: str | None
    run: int | None
    step: int | None
    purpose: str
    run_was_open: bool
    ledger: tuple[Line, ...]
    mode: str
    window: Window
    heard_from: int  # the event by which this lead was last heard from
    no_until: int  # the last line of the ledger when they last asked for no texts
    sid: str | None = None  # the provider took it
    fate: tuple[str, int | None] = ("delivered", None)
    told: list[tuple[int, str]] = field(default_factory=list)

    def known(self, n: int) -> set[str]:
        """What had been told of it when event `n` happened."""
        return {what for when, what in self.told if when < n}

    def did_not_arrive(self, n: int) -> bool:
        known = self.known(n)
        return "delivered" not in known and bool(known & NOT_DELIVERED)

    def may_be_repeated(self, n: int) -> bool:
        known = self.known(n)
        return "delivered" not in known and bool(known & AGAIN)


@dataclass
class History:
    """The machine's own memory. Phones are numbers in E.164, leads and runs are ids."""

    n: int = 0
    posts: list[Posted] = field(default_factory=list)
    phones: dict[int, tuple[str, ...]] = field(default_factory=dict)  # of each lead
    opted_out: dict[str, list[tuple[int, bool]]] = field(default_factory=dict)
    untextable: dict[str, int] = field(default_factory=dict)
    said_no: dict[str, int] = field(default_factory=dict)  # the ledger's last line at that moment
    unclear: set[str] = field(default_factory=set)
    for_good: set[str] = field(default_factory=set)  # said a no that no YES to Twilio takes back
    heard_from: dict[int, int] = field(default_factory=dict)  # the last event by each lead
    over: dict[int, tuple[int, str]] = field(default_factory=dict)  # runs that had to end, and why
    paused: dict[int, int] = field(default_factory=dict)

    def of_phone(self, number: str) -> list[int]:
        return [lead for lead, phones in self.phones.items() if number in phones]

    def is_out(self, number: str, n: int | None = None) -> bool:
        """Whether this number had opted out when event `n` happened; now if None."""
        changes = self.opted_out.get(number, [])
        return next((out for when, out in reversed(changes) if n is None or when < n), False)

    def opts(self, number: str, *, out: bool, at_twilio: bool = False) -> None:
        if not out:
            self.for_good -= {number}
        elif not at_twilio:
            self.for_good.add(number)
        self.opted_out.setdefault(number, []).append((self.n, out))
        self.unclear -= {number} if out else set()

    def heard(self, leads: list[int]) -> None:
        self.heard_from.update(dict.fromkeys(leads, self.n))

    def ends(self, runs: list[int], why: str) -> None:
        for run in runs:
            self.over.setdefault(run, (self.n, why))

    def pauses(self, runs: list[int]) -> None:
        for run in runs:
            self.paused.setdefault(run, self.n)
