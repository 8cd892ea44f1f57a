"""Telling admins what is wrong, by mail and by a webhook: once, and once when it is over.

1. What is owed stands in the table `alarm`: `alerted_at` and `recovery_alerted_at` are set after
   somebody has taken the message, by mail or by webhook.
2. Who tells holds a lock of its own connection meanwhile (leads/alert.py): of two processes one.
3. Taken by nobody, it is tried again, every time later, up to five minutes: for as long as it is
   owed. Taken by one of two, it is told; the other way is tried for an hour more, by this process.

A message names the kind, a sentence, the time and the dashboard; never a person, number or text.
"""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException

import structlog

from leads import alert, lifeline
from leads.alert import Owed
from leads.log import what_failed
from leads.settings import settings
from workers import mail
from workers.mail import NotTold

log = structlog.get_logger()

TIMEOUT_SECONDS = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 300.0  # seconds between tries, doubled each time
GIVEN_UP = 3600.0  # seconds, by the second way, of what the first has told
SUBJECTS = {"raised": "Something needs you", "cleared": "It is over", "test": "A test"}


@dataclass(frozen=True)
class Notice:
    """`event`: raised, cleared or test."""

    event: str
    kind: str
    text: str
    at: datetime

    @property
    def subject(self) -> str:
        return f"Ringback: {SUBJECTS[self.event]} ({self.kind.replace('_', ' ')})"

    @property
    def body(self) -> str:
        begins = "It is over. What had been told: " if self.event == "cleared" else ""
        when = f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        return f"{begins}{self.text}\n\n{when}\n{settings().dashboard_url}\n"

    @property
    def json(self) -> bytes:
        told = {
            "event": self.event,
            "kind": self.kind,
            "text": self.text,
            "at": self.at.astimezone(UTC).isoformat(),
            "url": settings().dashboard_url,
        }
        return json.dumps(told).encode()


def ways() -> list[str]:
    """How admins can be told: `mail`, `webhook`, both or none."""
    told = settings()
    found = {"mail": told.smtp_url, "webhook": told.alert_webhook_url}
    return [way for way, address in found.items() if address.get_secret_value()]


def tell(way: str, notice: Notice, recipients: Sequence[str]) -> None:
    """One try. Raises NotTold, and nothing else: one way's fault never silences the other."""
    try:
        if way == "mail":
            mail.send(notice.subject, notice.body, recipients)
        else:
            post(settings().alert_webhook_url.get_secret_value(), notice.json, "ALERT_WEBHOOK_URL")
    except NotTold:
        raise
    except Exception as error:
        what = type(error).__name__  # its words may quote a password
        log.warning("alarm_way_broken", way=way, **what_failed(error))
        raise NotTold(
            f"The {way} failed in a way that is not foreseen ({what}). It is tried again."
        ) from None


def post(address: str, body: bytes | None, name: str) -> None:
    """POST JSON, or GET where there is nothing to say. Raises NotTold, which calls the address
    by the `name` of its setting: whoever knows it may use it."""
    if not address.startswith(("https://", "http://")):
        raise NotTold(f"{name} does not begin with https://: correct it.")
    headers = {"User-Agent": "Ringback", "Content-Type": "application/json"}
    try:
        asked = urllib.request.Request(address, body, headers)  # noqa: S310 - checked above
        with urllib.request.urlopen(asked, timeout=TIMEOUT_SECONDS):  # noqa: S310 - as above
            return
    except urllib.error.HTTPError as error:
        error.close()
        raise NotTold(f"{name} answered with status {error.code}. It is tried again.") from None
    except (OSError, HTTPException, ValueError) as error:
        raise NotTold(f"{name} could not be reached. It is tried again.") from error


@dataclass
class Pause:
    """When a message may be tried again, in seconds of time.monotonic()."""

    until: float = 0.0
    seconds: float = FIRST_PAUSE

    def begin(self, now: float) -> None:
        self.until = now + self.seconds
        self.seconds = min(2 * self.seconds, LONGEST_PAUSE)


@dataclass
class Later:
    """A message that one way took and this one did not."""

    way: str
    notice: Notice
    since: float
    pause: Pause


@dataclass
class Notifier:
    """What one process remembers between its tries. For one thread."""

    clock: Callable[[], float] = time.monotonic
    recipients: list[str] = field(default_factory=list)
    pauses: dict[Owed, Pause] = field(default_factory=dict)
    later: list[Later] = field(default_factory=list)

    def tell_what_is_owed(self) -> None:
        """Every alarm that admins have still to be told of. Raises psycopg.Error."""
        self.try_later_ones()
        with lifeline.connection() as opened:
            self.recipients = alert.recipients(opened)
            owed = alert.owed(opened) if ways() else []
            self.pauses = {one: pause for one, pause in self.pauses.items() if one in owed}
            for one in owed:
                pause = self.pauses.setdefault(one, Pause())
                if pause.until > self.clock() or not alert.hold(opened, one):
                    continue
                if self.told(
                    Notice("cleared" if one.over else "raised", one.kind, one.text, one.at)
                ):
                    alert.told(opened, one)
                    log.info("alarm_told", alarm_id=one.alarm_id, kind=one.kind, over=one.over)
                else:
                    pause.begin(self.clock())

    def told(self, notice: Notice) -> bool:
        """Try every way; whether one took it. The others are then tried later."""
        failed = [way for way in ways() if not self._took(way, notice)]
        taken = len(failed) < len(ways())
        if taken:
            for way in failed:
                pause = Pause()
                pause.begin(self.clock())
                self.later.append(Later(way, notice, self.clock(), pause))
        return taken

    def try_later_ones(self) -> None:
        now = self.clock()
        for one in list(self.later):
            if one.pause.until > now:
                continue
            if self._took(one.way, one.notice) or now - one.since > GIVEN_UP:
                self.later.remove(one)
            else:
                one.pause.begin(now)

    def _took(self, way: str, notice: Notice) -> bool:
        try:
            tell(way, notice, self.recipients)
        except NotTold as error:
            log.warning("alarm_not_told", way=way, kind=notice.kind, why=str(error))
            return False
        return True
