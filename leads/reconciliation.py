"""One comparison of Twilio's own lists with ours: its span, and what it found. Real time."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Identity, delete, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads import outage
from leads.db import Base, database_time, engine
from leads.installation import Installation

TURN = 0x726563  # an arbitrary number: the advisory lock of whoever reconciles
# Younger than this, news may be on its way to us as a webhook: Twilio gives one 20 s.
GRACE = timedelta(seconds=20)
EVERY = timedelta(minutes=5)
FIRST = timedelta(hours=24)  # that far back the first comparison looks, or to the installation
KEPT = timedelta(days=30)  # comparisons that found nothing are of no use later


class Busy(Exception):
    """Another process compares the lists right now."""


class Reconciliation(Base):
    __tablename__ = "reconciliation"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    began_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    since: Mapped[datetime]
    until: Mapped[datetime]
    # Counts; `failing`: SIDs and in how many comparisons in a row; `outages_passed`.
    found: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    error: Mapped[str | None]  # a sentence for staff; the watermark stays where it was


@contextmanager
def turn() -> Iterator[None]:
    """Hold the one right to reconcile; a process that dies gives it back. Raises Busy.

    The lock is a connection's and not a transaction's: no transaction is open for minutes.
    """
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as held:
        if not held.scalar(select(func.pg_try_advisory_lock(TURN))):
            raise Busy(
                "Twilio's lists are being gone through by another process already. Nothing was "
                "changed; `/ready` on the dashboard's port says when that was last done."
            )
        try:
            yield
            # Closing alone gives it back as soon as the server notices, which may be too late
            # for whoever comes next.
            with suppress(DBAPIError):
                held.scalar(select(func.pg_advisory_unlock(TURN)))
        finally:
            held.invalidate()  # closes it, and so gives the lock back, come what may


def is_due(session: Session) -> bool:
    """Whether it is time to compare again: every five minutes, or as soon as an outage can be
    passed, for which texts wait; after a failure, not at once."""
    real = database_time(session)
    last = session.scalars(
        select(Reconciliation).order_by(Reconciliation.id.desc()).limit(1)
    ).first()
    if last is None or last.began_at <= real - EVERY:
        return True
    passable = any(each.ended_at <= real - GRACE for each in outage.unreconciled(session))
    return passable and last.error is None


def span(session: Session, wanted: datetime | None) -> tuple[datetime, datetime]:
    """From when and until when the lists are to be compared now. Real time.

    From the watermark on; the first time from the installation, at most a day ago, and from the
    first outage. `wanted` may reach further back, and leaves no gap behind the watermark.
    """
    real = database_time(session)
    created_at = Installation.current(session).created_at
    since = watermark(session) or max(created_at, real - FIRST)
    open_outages = outage.unreconciled(session)
    if open_outages:
        since = min(since, max(open_outages[0].began_at, created_at))
    # Outages that were passed ahead of calls that fail say no more from when on those are missing.
    since = min(since, _owed_since(session) or since)
    if wanted is not None:
        since = min(since, wanted)
    return min(since, real - GRACE), real - GRACE


def finish(
    session: Session,
    began_at: datetime,
    since: datetime,
    until: datetime,
    found: dict[str, Any],
    error: str | None,
    *,
    texts_through: bool = False,
) -> Reconciliation:
    """Write down what was found. Without an error the watermark moves, and outages are passed;
    that is done as well when `texts_through` says that every text up to `until` is known."""
    real = database_time(session)
    row = Reconciliation(
        began_at=began_at, finished_at=real, since=since, until=until, found=found, error=error
    )
    session.add(row)
    if error is None:
        outage.passed(session, until, real)
    elif texts_through and any(each.ended_at <= until for each in outage.unreconciled(session)):
        outage.passed(session, until, real)
        row.found = found | {"outages_passed": 1}
    session.flush()
    session.execute(
        delete(Reconciliation).where(Reconciliation.until < real - KEPT, Reconciliation.id < row.id)
    )
    return row


def watermark(session: Session) -> datetime | None:
    """Up to when everything at Twilio is known here."""
    return session.scalar(
        select(func.max(Reconciliation.until)).where(
            Reconciliation.finished_at.is_not(None), Reconciliation.error.is_(None)
        )
    )


def failing(session: Session) -> dict[str, int]:
    """SIDs that could not be added, by the last comparison, and in how many in a row."""
    last = session.scalars(select(Reconciliation).order_by(Reconciliation.id.desc()).limit(1))
    row = last.first()
    return dict(row.found.get("failing", {})) if row is not None else {}


def _owed_since(session: Session) -> datetime | None:
    """Since the last comparison without an error: from when on one looked that passed outages."""
    finished = select(func.coalesce(func.max(Reconciliation.id), 0)).where(
        Reconciliation.error.is_(None)
    )
    return session.scalar(
        select(func.min(Reconciliation.since)).where(
            Reconciliation.id > finished.scalar_subquery(),
            Reconciliation.found.has_key("outages_passed"),
        )
    )
