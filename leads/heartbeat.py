"""Signs of life of our own processes, and what waits in their spools. All in real time."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from leads import lifeline, reconciliation
from leads.db import Base

EVERY = timedelta(seconds=2)
FRESH = timedelta(seconds=8)  # what a process said so recently still holds
QUIET = lifeline.QUIET
FORGOTTEN = timedelta(days=7)  # a container that is gone for ever leaves its row behind
FORGOTTEN_WORKER = timedelta(days=1)  # it leaves nothing to care for


class Heartbeat(Base):
    """The last sign of one process, by a name of its own: `webhooks:…`, `worker:…`, `beat`."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]  # webhooks worker beat backup
    at: Mapped[datetime]
    spooled: Mapped[int] = mapped_column(default=0, server_default="0")
    oldest_spooled_at: Mapped[datetime | None]


def beat(
    session: Session,
    kind: str,
    name: str,
    *,
    spooled: int = 0,
    oldest_spooled_at: datetime | None = None,
) -> None:
    """Note that this process lives, and how many events wait in its host's spool."""
    told = {
        "kind": kind,
        "at": func.clock_timestamp(),
        "spooled": spooled,
        "oldest_spooled_at": oldest_spooled_at,
    }
    session.execute(
        insert(Heartbeat)
        .values(name=name, **told)
        .on_conflict_do_update(index_elements=["name"], set_=told)
    )


def gap(session: Session, name: str, longest: timedelta) -> tuple[datetime, datetime] | None:
    """From this process's last sign until now, when that is longer; None also for one that was
    never heard of. Holds its row until commit, so that of several who share a name one alone is
    told."""
    found = session.execute(
        select(Heartbeat.at, func.clock_timestamp()).where(Heartbeat.name == name).with_for_update()
    ).one_or_none()
    return (found[0], found[1]) if found and found[1] - found[0] > longest else None


def last(session: Session, kind: str) -> datetime | None:
    """When a process of this kind was last heard of; None when none ever was."""
    return session.scalar(select(func.max(Heartbeat.at)).where(Heartbeat.kind == kind))


def spooling(session: Session) -> ColumnElement[bool]:
    """Whose spool still holds what nobody knows. What a process that is gone left in its own was
    found in Twilio's lists by then, though its row stays for a week."""
    waits = Heartbeat.spooled > 0
    mark = reconciliation.watermark(session)
    return waits if mark is None else and_(waits, Heartbeat.at >= mark - QUIET)


def forget_old(session: Session, real: datetime) -> None:
    """Processes that are gone for good. Each start of one has a row of its own.

    Of a process that hears Twilio, only once reconciliation has passed its last sign: what lies in
    its spool stands in Twilio's lists, too. The last heard of its kind always stays.
    """
    younger = aliased(Heartbeat)
    gone = and_(Heartbeat.kind == "worker", Heartbeat.at < real - FORGOTTEN_WORKER)
    if mark := reconciliation.watermark(session):
        before = min(real - FORGOTTEN, mark - QUIET)
        gone = or_(gone, and_(Heartbeat.kind == "webhooks", Heartbeat.at < before))
    session.execute(
        delete(Heartbeat).where(
            gone, exists().where(younger.kind == Heartbeat.kind, younger.at > Heartbeat.at)
        )
    )
