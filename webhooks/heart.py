"""The thread that gives signs of life, finds out whether the database is back, remembers whom to
ring, replays what was kept, and tries again what failed."""

import hashlib
import socket
import threading
import time
import uuid
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from leads import heartbeat, outage
from leads.availability import unavailable
from leads.db import transaction
from leads.installation import Installation
from leads.log import what_failed
from webhooks import durable, loss, replay
from webhooks.reception import Reception
from webhooks.routing import Routing

log = structlog.get_logger()

EVERY = heartbeat.EVERY.total_seconds()
RESPITE = 0.3  # seconds after a beat that failed, however many callers wake us
QUICK = 1.0  # seconds; a database that takes longer for a few rows is not one to wait for


class Heart(threading.Thread):
    def __init__(self, reception: Reception) -> None:
        super().__init__(name="heart", daemon=True)
        self.reception = reception
        # All processes that share a spool are one: each of them reports all of it, replays all of
        # it, and leaves no row behind that nobody could ever bring up to date.
        self.row = f"webhooks:{host_name(reception.spool.folder)}"
        self._saved = reception.routing  # as it was read from there
        self._stopped = False
        self._beaten_at = 0.0
        self.missed = False  # whether a beat has failed since the last one
        self._begun = False

    def stop(self) -> None:
        self._stopped = True
        self.reception.wake.set()

    def run(self) -> None:
        while not self._stopped:
            try:
                self.turn()
            except Stopped:
                return
            except Exception as error:
                if not self.missed:
                    log.error("no_heartbeat", **what_failed(error))
                self.missed = True
                if unavailable(error):
                    self.reception.breaker.failed()
                time.sleep(RESPITE)
            self.reception.wake.wait(self._pause())
            self.reception.wake.clear()

    def _pause(self) -> float:
        """Seconds until the next turn, if nobody wakes us."""
        if self.reception.breaker.is_open:
            # Who skips the database lives, and says so: a longer silence is an outage.
            return min(max(self.reception.breaker.seconds_left, 0.1), EVERY)
        if self.reception.spool.waiting().size:
            return 1.0
        return EVERY

    def turn(self) -> None:
        """Raises whatever the database raises."""
        began = time.monotonic()
        # Also while it is skipped: what waits here may hold a STOP, and the sender goes by our row.
        self.beat()
        if time.monotonic() - began < QUICK:
            self.reception.breaker.served()
            self.reception.breaker.works()
        elif self.reception.breaker.is_open:
            self.reception.breaker.failed()
        if self.reception.breaker.seconds_left:
            return
        if self.reception.spool.waiting().size:  # also for a torn line alone, which is a loss
            result = replay.spooled(self.reception.spool, self._beat_if_due)
            log.info("replayed", done=result.done, known=result.known, failed=result.failed)
            self.beat()  # whoever waits for an empty spool need not wait for the next one
        replay.owed(due=True, between=self._beat_if_due)

    def _beat_if_due(self) -> None:
        if self._stopped:
            raise Stopped
        if time.monotonic() - self._beaten_at >= EVERY:
            self.beat()

    def beat(self) -> None:
        """One transaction: the sign of life, what waits, and since when something may be lost."""
        # Taken before: what is lost from here on is for the next beat.
        lost_since = self.reception.take_loss()
        try:
            self._beat(lost_since)
        except BaseException:
            if lost_since is not None:
                self.reception.lost(lost_since)
            raise

    def _beat(self, lost_since: datetime | None) -> None:
        waiting = self.reception.spool.waiting()
        with transaction() as session:
            if not self._begun:
                Installation.current(session)
            self._note_outage(session, lost_since)
            heartbeat.beat(
                session,
                "webhooks",
                self.row,
                spooled=waiting.requests,
                oldest_spooled_at=waiting.oldest_at,
            )
            routing = Routing.read(session)
        self._begun, self.missed, self._beaten_at = True, False, time.monotonic()
        self.remember(routing)

    def _note_outage(self, session: Session, lost_since: datetime | None) -> None:
        # Twilio sends a text that nobody took once, and not again. A process that begins was away,
        # for however short a time; one that goes on was relied on as long as its sign was fresh.
        longest = heartbeat.FRESH if self._begun else timedelta()
        quiet = heartbeat.gap(session, self.row, longest)
        if quiet is not None:
            what = "The database did not answer" if self.missed else "The webhooks were not running"
            outage.happened(session, f"{what} {loss.span(session, *quiet)}.", *quiet)
        if lost_since is not None:
            loss.happened(session, lost_since)

    def remember(self, routing: Routing) -> None:
        """Keep in memory and on disk whom to ring."""
        self.reception.routing = routing
        if routing == self._saved and self.reception.routing_file.exists():
            return
        try:
            routing.save(self.reception.routing_file)
            self._saved = routing
        except OSError as error:
            log.error("routing_not_saved", **what_failed(error))


class Stopped(Exception):
    """The process ends; the rest of the spool is for the next one."""


def host_name(folder: Path) -> str:
    """A name for the spool in this folder that stays, also in a container made anew around it."""
    path = folder / "name"
    try:
        durable.folder(folder)
        if not path.exists():
            durable.replace(path, uuid.uuid4().hex[:12].encode())
        return path.read_text().strip()
    except OSError:
        known = f"{socket.gethostname()} {folder.absolute()}"
        return hashlib.sha256(known.encode()).hexdigest()[:12]
