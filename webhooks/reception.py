"""What answers whatever happens: the database as long as it serves, and else what we remember."""

import asyncio
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry

from leads.db import engine
from leads.log import what_failed
from webhooks.breaker import Breaker
from webhooks.routing import Routing
from webhooks.signature import Verified
from webhooks.spool import Record, Spool, SpoolFull
from webhooks.threads import Threads, Ticket

log = structlog.get_logger()

# As many as the database pool gives connections; more would only wait for one another there.
PLACES = 10
WRITERS = 16
CHECKS = 2  # those who ask for our health take no place from a caller
# For the disk, which may hang as a database does. The answer is what the caller waits for.
DISK_PATIENCE = 0.4  # seconds


class Reception:
    def __init__(self, home: Path) -> None:
        self.routing_file = home / "routing.json"
        self.routing = Routing.load(self.routing_file)
        self.spool = Spool(home / "spool")
        self.threads = Threads(PLACES)
        self.checks = Threads(CHECKS)
        self.wake = threading.Event()  # for the heart: there is something to do
        self.breaker = Breaker(self._database_lost, self.wake.set)
        self._lost_since: datetime | None = None
        self._losing = threading.Lock()
        self._writers = Threads(WRITERS)
        self._loop = asyncio.get_running_loop()

    def _database_lost(self) -> None:
        # Whoever hangs on the database keeps their thread and their connection; those who come
        # once it is back must not wait for either.
        with suppress(RuntimeError):  # the loop has ended: so does the process
            self._loop.call_soon_threadsafe(self.threads.renew)
            self._loop.call_soon_threadsafe(self.checks.renew)
        renew_pool()
        self.wake.set()

    async def keep(self, path: str, request: Verified, answer: str) -> None:
        """Write this request to the spool, if that can be done at once."""
        now = datetime.now(UTC)
        record = Record(now, path, request.raw_query, request.body, answer)

        def append(_: Ticket) -> None:
            self.spool.append(record)

        try:
            await self._writers.run(append, DISK_PATIENCE)
            self.wake.set()
        except (OSError, SpoolFull, TimeoutError) as error:
            # Reconciliation finds it in Twilio's lists.
            self.lost(now)
            log.error("request_not_kept", step=path, **what_failed(error))

    def lost(self, since: datetime) -> None:
        """From then on requests may be neither in the database nor in the spool."""
        with self._losing:
            self._lost_since = min(self._lost_since or since, since)

    def take_loss(self) -> datetime | None:
        """Since when; whoever asks is the one to tell of it, or puts it back by `lost`."""
        with self._losing:
            since, self._lost_since = self._lost_since, None
            return since


def renew_pool() -> None:
    """Close every connection; those that are in use, as soon as they are given back."""
    old = engine().pool
    engine().dispose()
    # Not before: the new pool is made with all the listeners of the old one.
    event.listen(old, "checkin", _close)
    old.dispose()  # what was given back in between


def _close(_: object, connection: ConnectionPoolEntry) -> None:
    """One that comes back to a pool which is nobody's any more."""
    connection.invalidate()
