"""What follows from a restore: everything since the backup is unknown here, STOPs and texts too.

Nothing that may have gone out once goes out again. In the one transaction that fills the tables:

1. an outage from the backup to now: automated texts wait until Twilio's lists were gone through;
2. texts that waited, or were on their way, have an unknown outcome: Twilio's list settles them;
3. reminders that came due since then are cancelled, and the timeline says why;
4. so are those about inquiries that are still to come: a caller may have pressed the key for no
   texts since, which stands in no list of Twilio's. Reminders of appointments stay;
5. calls by click that were under way are over: whether they were placed is not known. The day's
   mail, if it is due, went out before;
6. everybody signs in again, because who was signed out since is not known;
7. signs of life are forgotten: those processes ran elsewhere.

What staff did since then stands in no list of Twilio's: an alarm says so until somebody has cared.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import psycopg
from sqlalchemy import ColumnElement, Connection, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from leads import (
    alarm,
    audit,
    clock,
    delivery,
    digest,
    follow_up,
    migrations,
    moment,
    outage,
    timeline,
)
from leads.db import among, announce, changed, database_time, engine
from leads.digest import DigestSent
from leads.follow_up import FollowUp
from leads.heartbeat import Heartbeat
from leads.lease import LEASE
from leads.message import Message
from leads.outbound_call import OutboundCall
from leads.plan import KINDS
from leads.practice import Practice
from leads.reminder import Reminder
from leads.staff import SignInLink, Staff, StaffSession

# What began before the backup and had not committed is not in it.
OVERLAP = timedelta(minutes=2)
MAYBE_SENT = (
    "it was due between the backup and the restore, so it may have gone out then. Nobody is texted "
    "twice."
)

MAYBE_DECLINED = (
    "everything was restored from a backup, and a no since then that was pressed on the phone or "
    "told to staff is lost."
)
MAYBE_RUNG = (
    "Everything was restored from a backup while this call was being placed. It is not known "
    "whether it was: call again if nobody has."
)


@contextmanager
def begin() -> Iterator["Restoring"]:
    """One transaction for the whole of it. Raises psycopg.Error; nothing has happened then."""
    try:
        with engine().begin() as connection:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            yield Restoring(connection)
    except DBAPIError as error:
        raise (error.orig if isinstance(error.orig, psycopg.Error) else error) from None


class Restoring:
    """The database while it is being filled; `driver` is its connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)  # noqa: S101 - db.engine names the driver
        self.driver = driver

    def migrate(self, revision: str) -> None:
        migrations.within(self._connection, revision)

    def settle(self, made_at: datetime) -> str:
        with Session(self._connection) as session:
            told = settle(session, made_at)
            announce(session)
            session.commit()  # into the transaction around it
        return told


def settle(session: Session, made_at: datetime) -> str:
    """Hold back what may have happened since `made_at` (real time); a sentence about it."""
    real, now = database_time(session), clock.now(session)
    zone = Practice.get(session).zone
    words = f"{outage.RESTORED}{moment.told(made_at, zone)}."
    outage.happened(session, words, made_at - OVERLAP, real)
    texts = _forget_texts(session, made_at, now)
    cancelled = _cancel(session, now, MAYBE_SENT, Reminder.due_at <= now)
    ended = _cancel(session, now, MAYBE_DECLINED, _of_inquiries())
    _end_clicks(session, real, now)
    _no_second_digest(session, now)
    _forget_processes(session)
    alarm.raise_alarm(
        session,
        "restored",
        f"{words} What Twilio knows comes back by itself. What was done at the desk or with a key "
        "on the phone since then is lost: opt-outs that people told staff or pressed, bookings, "
        "notes. Texts about earlier calls were cancelled for that reason. Enter again what you "
        "know, opt-outs first.",
        now,
        real,
        stops_sending=False,
    )
    audit.record(session, "restored", made_at=made_at.isoformat())
    changed(session, "settings")
    return (
        f"{_counted(cancelled, 'reminder')} came due since the backup and will not go out; "
        f"{_counted(ended, 'later one')} to callers will not either, because a no that somebody "
        "pressed on the phone since is lost. Reminders of appointments stay. "
        f"{_counted(texts, 'text')} that waited are looked for in Twilio's list, because nobody is "
        "texted twice."
    )


def _forget_texts(session: Session, made_at: datetime, now: datetime) -> int:
    """A list that is asked later tells which of these have been posted since."""
    waiting = session.scalars(
        select(Message).where(Message.state == "queued").order_by(Message.id)
    ).all()
    for message in waiting:
        message.attempt = message.attempt or uuid.uuid4()
        message.lease_until = made_at + LEASE  # it was not posted before: see leads/unknown.py
        message.retry_after = None
        delivery.settle(session, message, "unknown", now, None)
        timeline.note(
            session,
            message.lead_id,
            now,
            "text_unknown",
            "A text waited when the backup was made, and may have gone out since. It is not sent "
            "again by itself.",
            message_id=message.id,
        )
    return len(waiting)


def _of_inquiries() -> ColumnElement[bool]:
    plans = [kind.name for kind in KINDS.values() if kind.topic == "inquiry"]
    return Reminder.follow_up_id.in_(select(FollowUp.id).where(FollowUp.plan.in_(plans)))


def _cancel(session: Session, now: datetime, why: str, which: ColumnElement[bool]) -> int:
    reminders = session.scalars(
        select(Reminder).where(Reminder.state == "scheduled", which).order_by(Reminder.id)
    ).all()
    for reminder in reminders:
        reminder.cancel(session, now, why)
    session.flush()
    ids = list({reminder.follow_up_id for reminder in reminders})
    runs = select(FollowUp).where(among(FollowUp.id, ids))
    follow_up.finish_settled(session, session.scalars(runs).all(), now)
    return len(reminders)


def _end_clicks(session: Session, real: datetime, now: datetime) -> None:
    """Twilio's list still finds their calls."""
    open_ones = select(OutboundCall).where(
        OutboundCall.over_at.is_(None), OutboundCall.state.in_(("wanted", "posting", "unknown"))
    )
    for told in session.scalars(open_ones.order_by(OutboundCall.id)).all():
        told.state, told.over_at, told.why = "unknown", real, MAYBE_RUNG
        told.posted_at = told.posted_at or told.wanted_at
        timeline.note(
            session, told.lead_id, now, "call_out_unknown", MAYBE_RUNG, staff_id=told.staff_id
        )


def _no_second_digest(session: Session, now: datetime) -> None:
    day = digest.due(Practice.get(session), now)
    readers = session.scalars(select(Staff.id).where(Staff.digest)).all() if day else []
    for staff_id in readers:
        row = insert(DigestSent).values(day=day and day.day, staff_id=staff_id)
        session.execute(row.on_conflict_do_nothing())


def _forget_processes(session: Session) -> None:
    session.execute(delete(Heartbeat).where(Heartbeat.kind != "backup"))
    real = func.clock_timestamp()
    session.execute(
        update(StaffSession).where(StaffSession.revoked_at.is_(None)).values(revoked_at=real)
    )
    session.execute(update(SignInLink).where(SignInLink.used_at.is_(None)).values(used_at=real))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
