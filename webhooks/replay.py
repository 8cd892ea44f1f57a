"""What was kept is done: the spool of this host, in the order in which it came, and single events
that somebody asks for."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from leads import webhook_event
from leads.availability import unavailable
from leads.db import transaction
from leads.log import what_failed
from leads.settings import settings
from leads.webhook_event import Owed, WebhookEvent
from webhooks import durable, loss
from webhooks.signature import Verified
from webhooks.spool import Record, Spool
from webhooks.step import Happening, Malformed, Step
from webhooks.steps import BY_EVENT, BY_PATH

log = structlog.get_logger()


@dataclass
class Replayed:
    """How many events were done, were done already, failed (kept with their error), and wait on.
    `lost_since`: from then on something may be missing from what was kept."""

    done: int = 0
    known: int = 0
    failed: int = 0
    left: int = 0
    lost_since: datetime | None = None

    def lost(self, since: datetime) -> None:
        self.lost_since = min(self.lost_since or since, since)


@dataclass(frozen=True)
class _Place:
    """Where a record stands. A full spool is large, and so one record alone is held at a time."""

    received_at: datetime
    path: Path
    offset: int
    length: int

    def line(self) -> bytes:
        with self.path.open("rb") as file:
            file.seek(self.offset)
            return file.read(self.length)


def spooled(spool: Spool, between: Callable[[], None] = lambda: None) -> Replayed:
    """Do what waits in this host's spool, oldest first, and take each file away once all of it is
    committed. One that fails is kept with its error and holds up nobody. What may be missing is
    noted as an outage. `between` is called after each.

    Raises what `unavailable` means when the database is lost again, and OSError; what was not done
    stays in the spool then. What is done twice is done once.
    """
    result = Replayed()
    with spool.replaying() as ours:
        if not ours:
            return Replayed(left=spool.waiting().count)
        files = {path: list(_places(path, result)) for path in spool.sealed()}
        if result.lost_since is not None:
            # First of all: nothing else tells of it once its file is gone.
            with transaction() as session:
                loss.happened(session, result.lost_since)
        waiting = sorted(chain(*files.values()), key=lambda place: place.received_at)
        settled: set[_Place] = set()
        try:
            for place in waiting:
                if _settle(Record.read(place.line()), result):
                    settled.add(place)
                between()
        finally:
            for path, places in files.items():
                _remove(path, places, settled)
    return result


def _places(path: Path, result: Replayed) -> Iterator[_Place]:
    offset, last = 0, None
    with path.open("rb") as file:
        for line in file:
            if line != b"\n":
                try:
                    last = Record.read(line).received_at
                    yield _Place(last, path, offset, len(line))
                except ValueError:
                    # The last one was being written when its process was killed. Reconciliation
                    # finds what it was about, in the span that is looked at again.
                    result.lost(last or datetime.fromtimestamp(path.stat().st_ctime).astimezone())
                    log.error("record_unreadable")
            offset += len(line)


def _settle(record: Record, result: Replayed) -> bool:
    """Whether this record need not be kept any longer."""
    try:
        step = BY_PATH.get(record.path) or _unknown(record.path)
        request = Verified.kept(record.query, record.body)
        if request.form.text("AccountSid") != settings().twilio_account_sid:
            log.error("record_of_another_account")
            return True
        done = webhook_event.again(
            step.delivery(request),
            lambda session: step.do_later(session, request, record.received_at, record.answer),
            record.answer,
            record.received_at,
        )
    except Owed as error:
        log.error("replay_failed", webhook=record.path, **what_failed(error.__cause__ or error))
        result.failed += 1
        return True
    except Exception as error:
        if unavailable(error):
            raise
        # Not even its error could be kept: it stays, and the next one has its turn.
        log.error("replay_failed", webhook=record.path, **what_failed(error))
        result.left += 1
        return False
    result.done += done
    result.known += not done
    return True


def _unknown(path: str) -> Step:
    """Of a newer version, before somebody went back to this one."""

    def effect(_: Session, __: Happening) -> str:
        raise Malformed(path)

    return Step(path, path, effect, "CallSid")


def _remove(path: Path, places: list[_Place], settled: set[_Place]) -> None:
    left = [place for place in places if place not in settled]
    with suppress(OSError):  # done twice is done once
        if not left:
            path.unlink()
        elif len(left) < len(places):
            durable.replace_by(path, (place.line() for place in left))


def owed(*, due: bool, limit: int = 1000, between: Callable[[], None] = lambda: None) -> Replayed:
    """Do again what has failed: what is due or was asked for, or all of it. `between` is called
    after each. Raises what `unavailable` means."""
    result = Replayed()
    with transaction() as session:
        events = webhook_event.owed(session, due=due, limit=limit)
    for event in events:
        try:
            webhook_event.again(event.delivery, _effect(event), event.answer or "")
            result.done += 1
        except Owed as error:
            log.error("replay_failed", webhook=event.event, **what_failed(error.__cause__ or error))
            result.failed += 1
        except Exception as error:
            if unavailable(error):
                raise
            log.error("replay_failed", webhook=event.event, **what_failed(error))
            result.left += 1
        between()
    return result


def _effect(event: WebhookEvent) -> Callable[[Session], None]:
    def effect(session: Session) -> None:
        step = BY_EVENT.get(event.event) or _unknown(event.event)
        request = Verified.kept(event.query, event.body)
        step.do_later(session, request, event.received_at, event.answer or "")

    return effect
