"""What is wrong with sending as a whole, until it is mended: shown on every page of the desk.

Some alarms stop the queue: our credentials were refused, or the account is suspended. Nothing is
lost then: texts wait, and one of them is tried every few minutes, so that sending goes on by
itself once the cause is gone.

Others (`BY_ITSELF`) say that a part of the service is silent: workers/watch.py raises and clears
them. Admins are told of every alarm, once (leads/alert.py).
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads.db import Base, changed

PROBE_EVERY = timedelta(minutes=5)  # real time
# A suspended account takes texts and delivers none.
PROVEN_BY_TAKING = ("auth",)
PROVEN_BY_DELIVERY = ("auth", "suspended")
# Raised when they are seen and cleared when they are gone, so nobody has to say that they are.
BY_ITSELF = frozenset(
    {
        "beat_quiet",
        "dark",
        "due_late",
        "reconciliation",
        "spool",
        "unknowns",
        "webhooks_quiet",
        "webhooks_silent",
        "worker_quiet",
    }
)


class Alarm(Base):
    __tablename__ = "alarm"
    __table_args__ = (
        Index("uq_alarm_open", "kind", unique=True, postgresql_where="cleared_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str]
    text: Mapped[str]  # what happened, what was kept, what to do
    stops_sending: Mapped[bool]
    raised_at: Mapped[datetime]
    probed_at: Mapped[datetime | None]  # real time of the last text that was let through
    cleared_at: Mapped[datetime | None]
    alerted_at: Mapped[datetime | None]  # real time, of the mail to admins
    recovery_alerted_at: Mapped[datetime | None]
    cleared_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


def raise_alarm(
    session: Session, kind: str, text: str, now: datetime, real: datetime, *, stops_sending: bool
) -> None:
    """Raise it, once: an alarm of this kind that is open already stays as it is."""
    raised = session.scalar(
        insert(Alarm)
        .values(
            kind=kind,
            text=text,
            stops_sending=stops_sending,
            raised_at=now,
            probed_at=real if stops_sending else None,
        )
        .on_conflict_do_nothing()
        .returning(Alarm.id)
    )
    if raised is not None:
        changed(session, "settings")


def open_alarms(session: Session) -> list[Alarm]:
    return list(session.scalars(select(Alarm).where(Alarm.cleared_at.is_(None)).order_by(Alarm.id)))


STOPPING = select(Alarm).where(Alarm.cleared_at.is_(None), Alarm.stops_sending)


def stopping(session: Session) -> list[Alarm]:
    """The alarms that stop sending now."""
    return list(session.scalars(STOPPING))


def let_through(alarms: Collection[Alarm], real: datetime) -> int:
    """How many texts may be tried while these stop sending: one every few minutes."""
    waits = any(alarm.probed_at and real - alarm.probed_at < PROBE_EVERY for alarm in alarms)
    return 0 if waits else 1


def taken(session: Session, now: datetime, authorized_at: datetime) -> None:
    """A text was taken: refused credentials are mended, if it was authorised (real time) after
    that began. Others may still have been under way."""
    for alarm in stopping(session):
        probed_at = alarm.probed_at or authorized_at
        if alarm.kind in PROVEN_BY_TAKING and authorized_at >= probed_at:
            clear(session, alarm, now, None)


def delivered(session: Session, now: datetime, posted_at: datetime | None) -> None:
    """A text was delivered: what stopped the queue is over, if it was posted (practice time) after
    that began. Reports on older ones still come in, and say nothing of it."""
    for alarm in stopping(session):
        posted_since = posted_at is not None and posted_at >= alarm.raised_at
        if alarm.kind in PROVEN_BY_DELIVERY and posted_since:
            clear(session, alarm, now, None)


def clear(session: Session, alarm: Alarm, now: datetime, staff_id: int | None) -> None:
    """It is mended, or staff say so; sending goes on."""
    alarm.cleared_at = now
    alarm.cleared_by = staff_id
    changed(session, "settings")
