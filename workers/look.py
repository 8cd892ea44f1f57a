"""What the worker looks for: everything in leads/silence.py, and the ping that all is well.

An alarm is raised after its cause has been seen at every look for a while, and cleared after it has
been gone for three minutes: a cause that flaps is one alarm.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from leads import alarm, clock, heartbeat, silence
from leads.db import database_time, transaction
from leads.settings import settings
from leads.silence import Trouble
from workers import notify
from workers.mail import NotTold
from workers.notify import Notifier

log = structlog.get_logger()

# Seconds for which a cause is seen before it is an alarm.
HOLD = 30.0  # longer than any restart of ours
HOLDS = {"due_late": 60.0, "dark": 600.0}  # a backlog is worked off, an outage reconciled
CALM = 180.0  # seconds without the cause
PING_EVERY = 60.0


@dataclass
class WorkerLooks:
    notifier: Notifier
    clock: Callable[[], float] = time.monotonic
    since: datetime | None = None  # real time: before it nobody listened
    seen: dict[str, float] = field(default_factory=dict)
    gone: dict[str, float] = field(default_factory=dict)
    pinged_at: float | None = None

    def look(self) -> None:
        try:
            with transaction() as session:
                self._settle(session)
                well = not any(
                    one.stops_sending or one.kind in alarm.BY_ITSELF
                    for one in alarm.open_alarms(session)
                )
        except BaseException:
            # While the database was gone nobody could give a sign of life, nor was seen to.
            self.since = None
            self.seen.clear()
            self.gone.clear()
            raise
        if well:
            self.ping()
        self.notifier.tell_what_is_owed()

    def _settle(self, session: Session) -> None:
        real, now = database_time(session), clock.now(session)
        self.since = self.since or real
        heartbeat.forget_old(session, real)
        found = {one.kind: one for one in silence.troubles(session, now, real, self.since)}
        opened = {one.kind: one for one in alarm.open_alarms(session)}
        at = self.clock()
        self.seen = {kind: self.seen.get(kind, at) for kind in found}
        self.gone = {
            kind: self.gone.get(kind, at)
            for kind in opened
            if kind in alarm.BY_ITSELF and kind not in found
        }
        for one in self._held(found, set(opened), at):
            alarm.raise_alarm(session, one.kind, one.text, now, real, stops_sending=False)
            log.warning("alarm_raised", kind=one.kind)
        for kind, since in self.gone.items():
            if at - since >= CALM:
                alarm.clear(session, opened[kind], now, None)
                log.info("alarm_cleared", kind=kind)

    def _held(self, found: dict[str, Trouble], opened: set[str], at: float) -> list[Trouble]:
        """Those that are an alarm now. Texts that wait for what another alarm says need none."""
        explained = bool((opened | set(found)) & alarm.BY_ITSELF - {"dark"})
        return [
            one
            for kind, one in found.items()
            if kind not in opened
            and at - self.seen[kind] >= HOLDS.get(kind, HOLD)
            and not (kind == "dark" and explained)
        ]

    def ping(self) -> None:
        """Tell the dead man's switch outside that all is well, once a minute."""
        address = settings().dead_mans_url.get_secret_value()
        if not address or (self.pinged_at and self.clock() - self.pinged_at < PING_EVERY):
            return
        self.pinged_at = self.clock()
        try:
            notify.post(address, None, "DEAD_MANS_URL")
        except NotTold as error:
            log.warning("ping_failed", why=str(error))
