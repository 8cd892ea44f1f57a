"""Spans of real time in which requests may not have reached us: until Twilio's own lists have been
gone through for one, a STOP may be waiting there."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Identity, Index, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads.db import Base, changed
from leads.installation import Installation

RESTORED = "Everything was restored from a backup of "  # how the cause of a restore begins
MAYBE_SENT = (
    "it happened before everything was restored from a backup, so a text may have gone out then. "
    "Nobody is texted twice."
)


class Outage(Base):
    __tablename__ = "outage"
    __table_args__ = (
        Index("ix_outage_open", "began_at", postgresql_where="reconciled_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    cause: Mapped[str]  # a sentence for staff
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    reconciled_at: Mapped[datetime | None]


def happened(session: Session, cause: str, began_at: datetime, ended_at: datetime) -> None:
    """Note that from `began_at` to `ended_at` requests may have been lost."""
    session.add(Outage(cause=cause, began_at=began_at, ended_at=ended_at))
    changed(session, "settings")


def unreconciled(session: Session) -> list[Outage]:
    """Those that reconciliation has not passed yet, oldest first."""
    found = select(Outage).where(Outage.reconciled_at.is_(None)).order_by(Outage.began_at)
    return list(session.scalars(found))


def ended_since(session: Session, at: datetime) -> bool:
    """Whether requests may have been lost after `at` (real time), as far as is noted yet."""
    return session.scalar(select(Outage.id).where(Outage.ended_at >= at).limit(1)) is not None


def passed(session: Session, until: datetime, real: datetime) -> None:
    """Twilio's lists up to `until` were gone through, without a gap since the last time."""
    session.execute(
        update(Outage)
        .where(Outage.reconciled_at.is_(None), Outage.ended_at <= until)
        .values(reconciled_at=real)
    )
    changed(session, "settings")


def before_a_restore(session: Session, at: datetime) -> bool:
    """Whether `at` (practice time) lies before a restore: what is only learnt now of that time may
    have been answered then, and the backup did not know it."""
    shift = func.coalesce(select(Installation.clock_shift).scalar_subquery(), timedelta())
    found = select(Outage.id).where(
        Outage.cause.startswith(RESTORED, autoescape=True), Outage.ended_at + shift > at
    )
    return session.scalar(found.limit(1)) is not None
