"""All of it: people ring while everything breaks, everything is healed, and both sides' books are
held against the sandbox's log."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from celery import Celery
from sqlalchemy import func, select

from leads import clock
from leads.db import transaction
from leads.message import Message
from leads.reconciliation import GRACE, Busy
from leads.reminder import Reminder
from tests.chaos import seeds
from tests.chaos.calls import books, people, truth
from tests.chaos.calls.load import Load
from tests.chaos.calls.place import Place, place
from tests.chaos.calls.report import Report
from tests.chaos.calls.troubles import Troubles
from tests.chaos.calls.verdict import judge
from tests.chaos.ledger import Sandbox
from tests.standstill import ANSWERED, Standstill, wanted
from workers.reconcile import reconcile

# Of webhooks, all through the run. Those of texts come in time: what Twilio holds back nobody
# here can know of, and a text in that moment would prove nothing.
FAULTS: dict[str, dict[str, Any]] = {
    "duplicate": {"probability": 0.1, "copies": 2},
    "reorder": {"probability": 0.15},
    "delay": {"probability": 0.1, "seconds": 0.6, "path": "/voice"},
}
PULSE = 0.1  # seconds
STILL = 2.0  # seconds without a new line in the sandbox's log: nothing is on its way any more
PATIENCE = 90.0
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Size:
    calls: int  # people who ring each side
    round: float  # seconds that all troubles take
    rounds: int
    hour: float  # seconds in which everything of ours is down
    settle: float  # seconds for the last texts, at most
    age: float  # seconds of them after which leases are made to be over
    wait_out: bool  # else leases are made to be over, and the lists gone through up to now

    @property
    def seconds(self) -> float:
        return self.round * self.rounds + self.hour


def full(calls: int, minutes: float) -> Size:
    rounds = max(round((minutes * 60 - 30) / 50), 1)
    return Size(calls, 50, rounds, 35, 180, 45, wait_out=True)


def short(calls: int) -> Size:
    return Size(calls, 18, 1, 5, 60, 3, wait_out=False)


def run(size: Size, progress: Progress, keep_logs: Path | None = None) -> Report:
    progress("starting")
    still, within = Standstill(), ANSWERED
    still.begin()
    with place(keep_logs) as running:
        sandbox = Sandbox(running.sandbox_url)
        sandbox.set_faults(FAULTS)
        sides = [people.of_ringback(size.calls), people.of_peer(size.calls)]
        load = Load(running.sandbox_url, sides, size.seconds - 1)
        troubles = Troubles(running, size.round, size.rounds, size.hour)
        begun = time.monotonic()
        load.start()
        while (elapsed := time.monotonic() - begun) < troubles.ends or troubles.left:
            troubles.step(elapsed)
            if troubles.last:
                progress(troubles.last)
            if not size.wait_out:  # as in CI, beside whatever else runs there
                within = max(within, wanted())
            time.sleep(PULSE)
        storm_seconds = time.monotonic() - begun
        sandbox.set_faults({})
        load.finish(PATIENCE)
        _calm(size, running, troubles, progress)
        heard = truth.read(running.sandbox_url)
        still.end()
        ours = judge(
            heard.side(people.CLINIC),
            books.of_ringback(),
            running.environment["PUBLIC_URL"],
            still,
            within,
        )
        for sid, words in ours.wrong.items():
            ours.wrong[sid] = f"{words}\n{books.history(sid)}"
        for number in ours.opted_out_anyway:
            ours.wrong[number] = (
                f"opted out, and said no stop that stands\n{books.texts_of(number)}"
            )
        return Report(
            ours,
            judge(
                heard.side(people.PEER),
                books.of_peer(running.peer_database_url),
                f"http://127.0.0.1:{running.peer_port}",
                still,
                within,
            ),
            dict(troubles.happened),
            dict(heard.faults) | {"webhooks in all": heard.requests.total()},
            storm_seconds,
            time.monotonic() - begun - storm_seconds,
        )


def _calm(size: Size, running: Place, troubles: Troubles, progress: Progress) -> None:
    """Heal everything, do what was kept, go through Twilio's lists, let the last texts go."""
    progress("calm: the last calls end")
    with httpx.Client(timeout=60) as client:
        _until(lambda: _nothing_new(client, running.sandbox_url), "the last calls", troubles)
        progress("calm: what was kept is done")
        port = running.webhooks_port
        address = f"http://127.0.0.1:{port}/ready"
        _until(lambda: _spooled(client, address) == 0, "replay", troubles)
    if size.wait_out:
        running.command("replay", "--failed")
        progress("calm: Twilio's lists can be gone through in a minute")
        time.sleep(GRACE.total_seconds() + STILL)
    progress("calm: Twilio's lists are gone through")
    _until(lambda: _reconciled(size, running), "reconciliation", troubles)
    progress("calm: the last texts go")
    _texts(size, running, troubles)


def _nothing_new(client: httpx.Client, sandbox_url: str) -> bool:
    def last() -> int:
        asked = {"since": last_seen, "limit": 100_000}
        rows = client.get(f"{sandbox_url}/sandbox/api/log", params=asked).json()
        # What the worker asks of Twilio by itself never ends.
        return max((int(row["seq"]) for row in rows if row["kind"] != "rest"), default=last_seen)

    last_seen = 0
    last_seen = last()
    time.sleep(STILL)
    return last() == last_seen


def _spooled(client: httpx.Client, address: str) -> int | None:
    try:
        told = client.get(address).json()
    except (httpx.TransportError, ValueError):
        return None
    return int(told["spooled"])


def _reconciled(size: Size, running: Place) -> bool:
    if not size.wait_out:
        try:
            return reconcile(until=datetime.now(UTC)).error is None
        except Busy:
            return False
    try:
        running.command("reconcile", "--since", "2h")
    except subprocess.CalledProcessError:
        return False
    return True


def _texts(size: Size, running: Place, troubles: Troubles) -> None:
    """Until every text that is due has an outcome, or time is over."""
    begun, aged = time.monotonic(), size.wait_out
    ticks = Celery(broker=running.redis_url)
    while (waiting := _waiting()) and time.monotonic() - begun < size.settle:
        troubles.revive()
        if not aged and waiting[1] and time.monotonic() - begun > size.age:
            running.worker.end()
            seeds.age()
            running.worker.start()
            aged = True
        if not size.wait_out:
            ticks.send_task("settle_unknown", expires=1)
        time.sleep(STILL / 4)


def _waiting() -> tuple[int, int] | None:
    """Texts that are due, and those that somebody holds or held; None for neither."""
    with transaction() as session:
        due = select(func.count(Reminder.id)).where(
            Reminder.state == "scheduled", Reminder.due_at <= clock.now(session)
        )
        held = select(func.count(Message.id)).where(
            Message.state.in_(("queued", "sending", "unknown"))
        )
        counts = session.scalar(due) or 0, session.scalar(held) or 0
    return counts if any(counts) else None


def _until(holds: Callable[[], bool], what: str, troubles: Troubles) -> None:
    """Or until patience is over, which is counted among what happened: the verdict says more."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            troubles.happened[f"{what} took more than {PATIENCE:.0f} s"] += 1
            return
        troubles.revive()
        time.sleep(0.2)
