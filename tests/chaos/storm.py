"""What goes wrong, and when: a fixed timetable, so that every run has its share of everything."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from signal import SIGINT, SIGKILL, SIGQUIT
from typing import Any

import redis

from tests.chaos.installation import Installation
from tests.chaos.ledger import Sandbox
from tests.chaos.recipients import SENDERS

ALWAYS: dict[str, dict[str, Any]] = {
    "drop_before_accepting": {"probability": 0.02},
    "drop_after_accepting": {"probability": 0.04},
    "error_after_accepting": {"probability": 0.04},
    "error_before_accepting": {"probability": 0.01},
    "rate_limit": {"probability": 0.05},
    # Of the callbacks that say what became of a text. A lost one leaves it to the list.
    "status_lost": {"probability": 0.1},
    "duplicate": {"probability": 0.1, "copies": 2},
    "reorder": {"probability": 0.1},
}
WORKERS_KILLED = "workers killed, each side"
WORTH_A_KILL = 10  # posts
LONG = 12.0  # seconds, more than the 10 that senders wait
WEATHER: list[dict[str, dict[str, Any]]] = [
    {"hang": {"probability": 0.1, "seconds": 2, "accepted": True}},
    {"hang": {"probability": 0.02, "seconds": LONG, "accepted": True}},
    {"hang": {"probability": 0.05, "seconds": 1, "accepted": False}},
    {"drop_after_accepting": {"probability": 0.3}},
    {"rate_limit": {"probability": 0.4}},
    {"hang": {"probability": 0.01, "seconds": LONG, "accepted": False}},
    {"error_after_accepting": {"probability": 0.3}},
]


@dataclass(frozen=True)
class Timetable:
    """Seconds between two of a kind."""

    worker_kill: float
    beat_kill: float
    redis: float
    postgres: float
    weather: float


class Storm:
    def __init__(self, place: Installation, sandbox: Sandbox, times: Timetable) -> None:
        self._place, self._sandbox = place, sandbox
        self.happened: Counter[str] = Counter()
        self._posts_at_kill = 0
        self._acts: list[tuple[float, Iterator[Callable[[], object]]]] = [
            (times.weather, itertools.cycle(map(self._weather, WEATHER))),
            (times.worker_kill, itertools.repeat(self._kill)),
            (times.redis, itertools.cycle([self._flush, self._restart_redis])),
            (times.postgres, itertools.cycle([self._immediate, self._fast])),
            (times.beat_kill, itertools.repeat(self._kill_beat)),
        ]
        # The first kill comes with the first texts: few of them may be gone within seconds.
        self._next = [0.0, 0.0, *(every for every, _ in self._acts[2:])]

    def revive(self) -> None:
        """Start again what ended by itself, as `ringback up` does. (kombu 5.7 gives up when it
        holds an unacknowledged task as Redis goes away.)"""
        for process in (self._place.beat, *self._place.workers, *self._place.naive_workers):
            if not process.alive:
                process.start()
                self.happened[f"{process.program.name.partition('-')[0]} ended by itself"] += 1

    def step(self, elapsed: float) -> None:
        """Do what is due, `elapsed` seconds after the beginning; what was missed is left out. An
        act that gives False was not possible yet."""
        for place, (every, acts) in enumerate(self._acts):
            if elapsed >= self._next[place] and next(acts)() is not False:
                self._next[place] = elapsed + every

    def _weather(self, special: dict[str, dict[str, Any]]) -> Callable[[], None]:
        return lambda: self._sandbox.set_faults(ALWAYS | special)

    def _kill(self) -> bool:
        """One of ours and one of the naive ones at the same moment, by turns, once some texts have
        gone out since the last time: who is killed while still starting has nothing in hand."""
        self._sandbox.read()
        posts = self._sandbox.posts_by(SENDERS).total()
        if posts < self._posts_at_kill + WORTH_A_KILL:
            return False
        self._posts_at_kill = posts
        number = self.happened[WORKERS_KILLED] % len(self._place.workers)
        both = (self._place.workers[number], self._place.naive_workers[number])
        for worker in both:
            worker.end(SIGKILL)
        for worker in both:
            worker.start()
        self.happened[WORKERS_KILLED] += 1
        return True

    def _kill_beat(self) -> None:
        self._place.beat.restart(SIGKILL)
        self.happened["beat killed"] += 1

    def _flush(self) -> None:
        with redis.Redis(unix_socket_path=str(self._place.redis_socket)) as client:
            client.flushall()
        self.happened["Redis emptied"] += 1

    def _restart_redis(self) -> None:
        self._place.redis.restart(SIGKILL)
        self.happened["Redis killed"] += 1

    def _immediate(self) -> None:
        self._place.postgres.restart(SIGQUIT)
        self.happened["PostgreSQL ended at once"] += 1

    def _fast(self) -> None:
        self._place.postgres.restart(SIGINT)
        self.happened["PostgreSQL restarted"] += 1
