"""How long a call that is written down takes to an open page, and until the desk is drawn anew.

Each time a call rings for someone new, in one transaction, as the webhook writes it. From its
commit: until the open stream tells of it, and until the page that is then asked for has come.
Beside it, a bare NOTIFY until a bare LISTEN has it.
"""

import time
from collections.abc import Iterator

import httpx
import psycopg

from leads import clock, db
from leads.dashboard.security import LIVE_HEADER
from leads.demo.telephone import Telephone
from leads.settings import settings
from tests.benchmarks.figures import Live

FIRST_CALLER = 4255560000
WITHIN = 30.0  # seconds


def measure(client: httpx.Client, rounds: int) -> Live:
    """`client` is signed in."""
    found = Live([], [], [])
    with client.stream("GET", "/live") as stream:
        changes = _changes(stream)
        next(changes)  # the greeting
        for number in range(rounds + 1):
            begun = _rings(f"+1{FIRST_CALLER + number}")
            next(changes)
            told = _milliseconds(begun)
            client.get("/", headers={LIVE_HEADER: "1"}).raise_for_status()
            if number:  # the first one connects
                found.told.append(told)
                found.drawn.append(_milliseconds(begun))
    found.bare.extend(_bare(rounds))
    return found


def _changes(stream: httpx.Response) -> Iterator[str]:
    event = ""
    for line in stream.iter_lines():
        if line.startswith("event: "):
            event = line
        elif line.startswith("data: ") and event == "event: change":
            yield line


def _rings(caller: str) -> float:
    with db.transaction() as session:
        Telephone(session).ring(caller, clock.now(session))
    return time.perf_counter()


def _milliseconds(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000


def _bare(rounds: int) -> list[float]:
    url = settings().database_url
    found = []
    with (
        psycopg.connect(url, autocommit=True) as listener,
        psycopg.connect(url, autocommit=True) as speaker,
    ):
        listener.execute("LISTEN bare")
        for _ in range(rounds):
            speaker.execute("NOTIFY bare")
            begun = time.perf_counter()
            next(listener.notifies(timeout=WITHIN, stop_after=1))
            found.append(_milliseconds(begun))
    return found
