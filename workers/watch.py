"""Who looks whether the service lives: three threads in the worker and in beat, each watching the
other. Beat is kept small: what only the worker looks for is in workers/look.py.

1. `Pulse` notes a sign of life every five seconds, and so knows whether the database answers.
2. The looks find what is wrong, raise and clear alarms, and tell admins. They may wait for a mail
   server, so they are not the pulse.
3. `DatabaseGone` uses no database at all: a stopped one answers nothing, and a thread that asks it
   stands still.
"""

import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import redis
import structlog

from leads import lifeline
from leads.log import what_failed
from leads.settings import settings
from workers.notify import Notice, Notifier, Pause

log = structlog.get_logger()

BEAT_EVERY = 5.0  # seconds
LOOK_EVERY = 10.0
HOLD = 30.0  # a worker is started anew in less
GONE = 120.0  # a restart of the database is shorter
ONE_TELLS = "ringback:database-gone"
DATABASE_GONE = (
    "The database has not answered for two minutes. Calls are answered by the last known routing, "
    "and what comes is kept on disk; no text goes out. Look at PostgreSQL's log, the free disk "
    "space, and `ringback doctor`."
)


@dataclass
class Pulse:
    """This process's signs of life. `answered_at`: when the database last took one."""

    kind: str
    name: str
    clock: Callable[[], float] = time.monotonic
    answered_at: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.answered_at = self.clock()

    def beat(self) -> None:
        lifeline.beat(self.kind, self.name)
        self.answered_at = self.clock()

    @property
    def silence(self) -> float:
        """Seconds since the database answered."""
        return self.clock() - self.answered_at


@dataclass
class BeatLooks:
    """What beat looks for: a worker that is gone can raise no alarm. The rest is the worker's."""

    notifier: Notifier
    clock: Callable[[], float] = time.monotonic
    quiet_since: float | None = None

    def look(self) -> None:
        with lifeline.connection() as opened:
            if not lifeline.worker_is_quiet(opened):
                self.quiet_since = None
            elif self.quiet_since is None:
                self.quiet_since = self.clock()
            elif self.clock() - self.quiet_since >= HOLD:
                lifeline.raise_quiet_worker(opened)
        self.notifier.tell_what_is_owed()


@dataclass
class DatabaseGone:
    """Tells the last known admins that the database does not answer, once, and that it does again.

    Redis keeps the worker and beat from telling both; without Redis, both do.
    """

    pulse: Pulse
    known: Notifier  # of the looks, which knew whom to tell
    notifier: Notifier = field(default_factory=Notifier)
    told: bool = False
    pause: Pause = field(default_factory=Pause)
    me: bytes = field(default_factory=lambda: uuid.uuid4().bytes)

    def look(self) -> None:
        self.notifier.try_later_ones()
        if self.pulse.silence <= GONE:
            self._over()
        elif self._mine() and not self.told and self.pause.until <= self.pulse.clock():
            self.notifier.recipients = self.known.recipients
            self.told = self.notifier.told(self._notice("raised"))
            self.pause.begin(self.pulse.clock())

    def _over(self) -> None:
        if self.told:
            self.notifier.told(self._notice("cleared"))
            self._broker(lambda client: client.delete(ONE_TELLS))
        self.told, self.pause = False, Pause()

    def _notice(self, event: str) -> Notice:
        return Notice(event, "database", DATABASE_GONE, datetime.now(UTC))

    def _mine(self) -> bool:
        """Whether this process is the one that tells. Asked at every look, so that another takes
        over when this one is gone, too."""
        holder = self._broker(
            lambda client: client.set(ONE_TELLS, self.me, nx=True, ex=int(GONE), get=True)
        )
        if holder is None or holder == self.me:
            self._broker(lambda client: client.expire(ONE_TELLS, int(GONE)))
            return True
        return False

    def _broker(self, ask: Callable[[redis.Redis], object]) -> object:
        """The answer; None when Redis gives none."""
        address = settings().redis_url.replace("redis+socket://", "unix://").partition("?")[0]
        try:
            with redis.Redis.from_url(
                address, socket_timeout=2, socket_connect_timeout=2
            ) as client:
                return ask(client)
        except (redis.RedisError, ValueError, OSError):
            return None


def begin(kind: str) -> None:
    """Start the threads of this process: `worker` or `beat`. They end with it."""
    name = "beat" if kind == "beat" else f"{kind}:{socket.gethostname()}:{os.getpid()}"
    pulse, notifier = Pulse(kind, name), Notifier()
    repeat("pulse", BEAT_EVERY, pulse.beat)
    repeat("looks", LOOK_EVERY, _looks(kind, notifier))
    repeat("database-gone", LOOK_EVERY, DatabaseGone(pulse, notifier).look)


def _looks(kind: str, notifier: Notifier) -> Callable[[], None]:
    if kind == "beat":
        return BeatLooks(notifier).look
    from workers.look import WorkerLooks  # it imports what beat has no room for

    return WorkerLooks(notifier).look


def repeat(what: str, every: float, do: Callable[[], None]) -> threading.Thread:
    """Do it now and every so many seconds, in a thread, whatever it raises."""

    def loop() -> None:
        failing = False
        while True:
            try:
                do()
                failing = False
            except Exception as error:
                if not failing:  # an hour of outage is one line
                    log.warning("watch_failed", what=what, **what_failed(error))
                failing = True
            time.sleep(every)

    thread = threading.Thread(target=loop, name=what, daemon=True)
    thread.start()
    return thread
