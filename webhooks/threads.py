"""Blocking work beside the event loop, waited for so long and then left behind.

A call to a database that was stopped in mid-query cannot be cancelled. Its thread stays with it,
for as long as that takes; it has given its place away, and nothing that it still does is committed.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

Result = TypeVar("Result")

# Of those left behind there are never many: one turn of them, and then the breaker is open.
MOST_LEFT_BEHIND = 60
# A commit under way may be through in a moment; after that nobody knows.
COMMIT_GRACE = 0.2  # seconds


class TooLate(Exception):
    """Twilio has been answered without this."""


class Ticket:
    """Who comes first: the commit, or the end of our patience. There is no third."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given_up = self._committing = False

    def may_commit(self) -> None:
        """Asked right before the commit. Raises TooLate."""
        with self._lock:
            if self._given_up:
                raise TooLate
            self._committing = True

    def give_up(self) -> bool:
        """False when the commit has begun."""
        with self._lock:
            self._given_up = not self._committing
            return self._given_up


class Threads:
    def __init__(self, places: int) -> None:
        self.places = places
        self._free = asyncio.Semaphore(places)
        self._running = 0  # those left behind included

    def renew(self) -> None:
        """As many places as in the beginning: whoever holds one now may hold it for long."""
        self._free = asyncio.Semaphore(self.places)

    async def run(self, work: Callable[[Ticket], Result], patience: float) -> Result:
        """What `work` returns, within about `patience` seconds. Raises TimeoutError (it has then
        not committed, unless it was just about to), and what `work` raises."""
        deadline = time.monotonic() + patience
        free = self._free
        if self._running >= MOST_LEFT_BEHIND:
            raise TimeoutError
        async with asyncio.timeout(patience):
            await free.acquire()
        ticket, future = Ticket(), asyncio.get_running_loop().create_future()
        try:
            self._start(work, ticket, future, free)
        except RuntimeError:  # the machine gives us no more threads
            free.release()
            raise TimeoutError from None
        await asyncio.wait({future}, timeout=max(deadline - time.monotonic(), 0))
        if not future.done() and not ticket.give_up():
            await asyncio.wait({future}, timeout=COMMIT_GRACE)
        if not future.done():
            future.cancel()
            raise TimeoutError
        result: Result = future.result()
        return result

    def _start(
        self,
        work: Callable[[Ticket], Result],
        ticket: Ticket,
        future: "asyncio.Future[Result]",
        free: asyncio.Semaphore,
    ) -> None:
        loop = asyncio.get_running_loop()

        def done(result: Result | None, error: BaseException | None) -> None:
            self._running -= 1
            free.release()
            if future.cancelled():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type] # None is what work may return

        def run() -> None:
            result, error = None, None
            try:
                result = work(ticket)
            except Exception as raised:
                error = raised
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(done, result, error)

        # A daemon: one that hangs must not keep the process from ending.
        thread = threading.Thread(target=run, name="webhook", daemon=True)
        self._running += 1
        try:
            thread.start()
        except RuntimeError:
            self._running -= 1
            raise
