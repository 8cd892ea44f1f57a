"""After a failure the database is skipped for a while, so that the next callers do not wait for it.

Whether it is back is found out by the heart, never by a caller.
"""

import asyncio
import threading
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger()

SHORTEST = 2.0  # seconds that the database is skipped at least
LONGEST = 20.0
FRESH = 0.4  # a request that was done so long ago shows that the database serves
RELAPSE = 30.0  # who fails again so soon is skipped twice as long as the last time


class Breaker:
    """`opened` is called, from any thread, when the database begins to be skipped; `wake` when it
    is to be found out whether it serves."""

    def __init__(self, opened: Callable[[], None], wake: Callable[[], None]) -> None:
        self._opened, self._wake = opened, wake
        self._lock = threading.Lock()
        self._open_until: float | None = None
        self._pause = SHORTEST
        self._closed_at = self._served_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._open_until is not None

    @property
    def seconds_left(self) -> float:
        """Until it is worth looking whether the database is back; 0 when that is now."""
        until = self._open_until
        return max(until - time.monotonic(), 0.0) if until is not None else 0.0

    def served(self) -> None:
        """Something was done in good time."""
        self._served_at = time.monotonic()

    def timed_out(self) -> None:
        """Somebody's request took too long. While others are done, it is a busy moment, or a row
        that somebody holds, and no fault of the database. Call it in the event loop."""
        now = time.monotonic()
        if now - self._served_at > FRESH:
            self.failed()
        else:
            self._wake()  # the heart's beat counts, too
            asyncio.get_running_loop().call_later(FRESH, self._judge, now)

    def _judge(self, timed_out_at: float) -> None:
        if self._served_at < timed_out_at:
            self.failed()

    def failed(self) -> None:
        """The database could not be used: skip it, for `SHORTEST` seconds more at least."""
        with self._lock:
            now = time.monotonic()
            first = self._open_until is None
            if first:
                relapsed = self._closed_at and now - self._closed_at < RELAPSE
                self._pause = min(self._pause * 2, LONGEST) if relapsed else SHORTEST
                self._open_until = now + self._pause
            else:
                self._open_until = max(self._open_until or now, now + SHORTEST)
        if first:
            log.error("database_skipped", seconds=self._pause)
            self._opened()

    def works(self) -> None:
        """It was used successfully, and quickly."""
        with self._lock:
            if self._open_until is None or self.seconds_left:
                return
            self._open_until = None
            self._closed_at = time.monotonic()
        log.info("database_back")
