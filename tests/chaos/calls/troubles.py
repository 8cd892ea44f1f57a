"""What goes wrong while people ring, and when: a timetable, so that every run has all of it.

A full disk is played by a limit on the size of files (RLIMIT_FSIZE), which holds for root, too.

1. PostgreSQL: at 16 MB, the size of its log segments, for all of its processes. The table of
   events is larger from the beginning, so it cannot grow: each insert fails with "could not extend
   file" in the server itself, while it goes on serving whatever needs no new page.
2. The spool: at nothing, for the webhooks process. Its log goes through a pipe, as in earnest.
"""

import os
import random
import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGCONT, SIGINT, SIGKILL, SIGSTOP

import redis

from services import postgres
from tests.chaos.calls import seeds
from tests.chaos.calls.place import Place
from tests.chaos.process import Process

SEGMENT = str(16 * 1024 * 1024)
NO_LIMIT = "unlimited"
DOWN = 1.0  # seconds until `ringback up` has started again what ended


@dataclass(frozen=True)
class Trouble:
    at: float  # seconds from the beginning of a round
    name: str  # counted under it; of several steps, the first is named
    do: Callable[[], object]


class Troubles:
    """Rounds of `seconds` each, and after `rounds` of them the hour without us."""

    def __init__(self, place: Place, seconds: float, rounds: int, hour: float) -> None:
        self.happened: Counter[str] = Counter()
        self.last = ""
        self._place = place
        self._held_down: set[str] = set()
        round_ = self._round(seconds)
        self._due = [
            Trouble(number * seconds + each.at, each.name, each.do)
            for number in range(rounds)
            for each in round_
        ]
        end = rounds * seconds
        self._due.append(Trouble(end, "everything of ours down, an hour by the clock", self._down))
        self._due.append(Trouble(end + hour, "", self._up_again))
        self.ends = end + hour

    @property
    def left(self) -> bool:
        return bool(self._due)

    def step(self, elapsed: float) -> None:
        """Do what is due by now, in order."""
        self.revive()
        while self._due and self._due[0].at <= elapsed:
            trouble = self._due.pop(0)
            trouble.do()
            if trouble.name:
                self.happened[trouble.name] += 1
                self.last = trouble.name

    def revive(self) -> None:
        """Start again what ended by itself, as `ringback up` does."""
        for process in self._place.everything:
            if not process.alive and process.program.name not in self._held_down:
                process.start()
                self.happened[f"{process.program.name} ended by itself"] += 1

    def _round(self, seconds: float) -> Sequence[Trouble]:
        place, pause = self._place, seconds / 10
        return sorted(
            (
                Trouble(pause, "PostgreSQL killed", self._kill_postgres),
                *self._gone(pause * 2, "webhooks killed", place.webhooks, place.peer),
                Trouble(pause * 3, "PostgreSQL stopped in mid-query", self._freeze),
                Trouble(pause * 3.4, "disk of the spool full, too", lambda: self._spool("0")),
                Trouble(pause * 4.2, "", lambda: self._spool(NO_LIMIT)),
                Trouble(pause * 4.5, "", self._thaw),
                Trouble(pause * 5, "Redis killed", lambda: place.redis.restart(SIGKILL)),
                *self._gone(pause * 5.2, "worker killed", place.worker, place.peer_worker),
                Trouble(pause * 6, "disk of PostgreSQL full", lambda: self._disk(SEGMENT)),
                Trouble(pause * 7.5, "", lambda: self._disk(NO_LIMIT)),
                Trouble(pause * 7.7, "Redis emptied", self._flush),
                *self._gone(pause * 7.8, "beat killed", place.beat),
                Trouble(pause * 9, "PostgreSQL restarted", self._restart_postgres),
            ),
            key=lambda each: each.at,
        )

    def _gone(self, at: float, name: str, *processes: Process) -> Sequence[Trouble]:
        """Killed, within a second of `at`, and started again a moment later."""
        at += random.random()  # noqa: S311 - nobody gains by guessing it

        def kill() -> None:
            for process in processes:
                process.end(SIGKILL)
            self._held_down |= {process.program.name for process in processes}

        def start() -> None:
            for process in processes:
                self._held_down.discard(process.program.name)
                process.start()

        return [Trouble(at, name, kill), Trouble(at + DOWN, "", start)]

    def _kill_postgres(self) -> None:
        """The head of the family and all of it at once, as when memory runs out."""
        place = self._place
        for pid in family(place.postgres.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, SIGKILL)
        place.postgres.restart(SIGKILL)

    def _restart_postgres(self) -> None:
        self._place.postgres.restart(SIGINT)

    def _freeze(self) -> None:
        self._signal(SIGSTOP)

    def _thaw(self) -> None:
        self._signal(SIGCONT)

    def _signal(self, number: int) -> None:
        for pid in family(self._place.postgres.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _disk(self, most: str) -> None:
        limit_files(self._place.postgres, most)

    def _spool(self, most: str) -> None:
        limit_files(self._place.webhooks, most)

    def _flush(self) -> None:
        with redis.Redis(unix_socket_path=str(self._place.redis_socket)) as client:
            client.flushall()

    def _down(self) -> None:
        place = self._place
        self._held_down = {process.program.name for process in place.everything}
        for process in place.applications:
            process.end(SIGKILL)
        place.redis.stop()
        place.postgres.stop()

    def _up_again(self) -> None:
        place = self._place
        place.postgres.start()
        place.redis.start()
        postgres.wait_ready(place.home, lambda: place.postgres.alive)
        seeds.an_hour_passes()
        self._held_down.clear()
        for process in place.applications:
            process.start()


def limit_files(process: Process, most: str) -> None:
    """No file of this process and its children grows past `most` bytes from now on. By the user
    whose processes they are: root itself may not everywhere."""
    words = "for pid; do prlimit --pid $pid --fsize=$MOST: || :; done"
    subprocess.run(  # noqa: S603 - our own words and numbers
        ["/bin/sh", "-c", words, "sh", *map(str, family(process.pid))],
        env={"PATH": "/usr/bin:/bin", "MOST": most},
        stderr=subprocess.DEVNULL,
        check=True,
        **(process.program.account.popen if process.program.account else {}),
    )


def family(head: int) -> list[int]:
    """This process and its children."""
    found = [head]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == head:
                found.append(int(stat.parent.name))
    return found
