"""What a busy machine costs whoever is measured on it; no fault of ours hides in either of the two.

1. It stands still: a process beside the others that has nothing to do but to wake up in time notes
   when it could not. Who sleeps is woken first, so work of ours never makes it late.
2. Others want to run: with three times as many as there are cores, work takes three times as long.
   Waiting does not: of the two seconds within which a caller is answered, one is the wait for the
   database, and the other is work.
"""

import atexit
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import IO

ANSWERED = 2.0  # seconds within which a caller is answered by a machine that does nothing else
WORK = 1.0  # seconds of them
TURN = 0.02  # seconds between two looks at the watch
LATE = 0.1  # seconds; below it, it is an ordinary wait for a turn
# It ends when whoever watches is gone: its standard input is then at its end.
SLEEPER = f"""
import select, sys, time
before = time.time()
while not select.select([sys.stdin], [], [], {TURN})[0]:
    now = time.time()
    if now - before > {TURN + LATE}:
        print(before + {TURN}, now, flush=True)
    before = now
"""


@dataclass
class Standstill:
    """Spans of wall-clock time in which nothing here ran, as far as they are known by now."""

    spans: list[tuple[float, float]] = field(default_factory=list)
    sleeper: "subprocess.Popen[str] | None" = None

    def begin(self) -> None:
        """Watch from now on, once; until `end`, or until this process ends."""
        if self.sleeper is None:
            self.sleeper = subprocess.Popen(  # noqa: S603 - our own words
                [sys.executable, "-S", "-c", SLEEPER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            atexit.register(self.end)
            threading.Thread(target=self._read, args=(self.sleeper.stdout,), daemon=True).start()

    def end(self) -> None:
        if self.sleeper is not None:
            self.sleeper.kill()
            self.sleeper.wait()

    def seconds(self, began: float, ended: float) -> float:
        """How much of this time it was, in seconds."""
        return sum(max(0.0, min(ended, to) - max(began, since)) for since, to in self.spans)

    def _read(self, lines: IO[str]) -> None:
        for line in lines:
            since, to = line.split()
            self.spans.append((float(since), float(to)))


def wanted() -> float:
    """Seconds within which a caller is answered here and now, but for standstills."""
    return ANSWERED - WORK + WORK * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
