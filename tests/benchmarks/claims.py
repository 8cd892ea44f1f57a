"""How long the sender's two searches take while many reminders wait for their time.

Each repetition is a transaction of its own: `due.reminders`, what is due of all that is
scheduled; `lease.take`, what may go of all that is queued; and a plain look for what is due.
"""

import time
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from leads import clock, db, due, lease
from leads.message import Message
from leads.reminder import Reminder
from tests.benchmarks import backlog
from tests.benchmarks.figures import Claims
from tests.benchmarks.installation import NotMeasured
from tests.benchmarks.sender import Sender, pace

DUE = 20  # reminders that are due, and texts that are queued
MOST = 100  # are asked for
PACE = 1000.0  # texts a second: the bucket is never what limits a claim
# A copy of the same rows with the index that comes to mind first, asked in the way that does.
PLAIN_TABLE = """
SET LOCAL statement_timeout = '5min';
CREATE TABLE plain_reminder AS SELECT id, state, due_at, lead_id, step FROM reminder;
ALTER TABLE plain_reminder ADD PRIMARY KEY (id);
CREATE INDEX ON plain_reminder (state);
"""
PLAIN_LOOK = text(
    "SELECT id FROM plain_reminder WHERE state = 'scheduled' AND due_at <= :now "
    "ORDER BY due_at LIMIT :most FOR UPDATE"
)


def measure(sender: Sender, reminders: int, repetitions: int, plain_repetitions: int) -> Claims:
    """With `reminders` scheduled for later, as many texts sent, and a few due."""
    with sender.database() as now:
        fill(reminders, now)
        _settle()
        return Claims(
            look=_milliseconds(repetitions, _look),
            claim=_milliseconds(repetitions, _claim),
            plain=_milliseconds(plain_repetitions, _plain_look),
        )


def fill(reminders: int, now: datetime) -> None:
    with db.transaction() as session:
        backlog.scheduled(session, reminders // backlog.STEPS, now)
        session.execute(update(Reminder).where(Reminder.id <= DUE).values(due_at=now))
        backlog.texts(session, DUE, "queued", now)
        pace(session, PACE, saved=PACE)
        for statement in PLAIN_TABLE.split(";"):
            session.execute(text(statement))


def _settle() -> None:
    """Now, so that it does not happen meanwhile."""
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = '5min'"))
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))


def _milliseconds(repetitions: int, search: Callable[[Session, datetime], int]) -> list[float]:
    found = []
    for _ in range(repetitions + 1):
        begun = time.perf_counter()
        with db.transaction() as session:
            count = search(session, clock.now(session))
        found.append((time.perf_counter() - begun) * 1000)
        if count != DUE:
            raise NotMeasured(f"{count} of {DUE} were found.")
        _give_back()
    return found[1:]  # the first one connects


def _look(session: Session, now: datetime) -> int:
    return len(due.reminders(session, now, MOST))


def _claim(session: Session, now: datetime) -> int:
    return len(lease.take(session, now, MOST))


def _plain_look(session: Session, now: datetime) -> int:
    most = {"now": now, "most": MOST}
    return len(session.execute(PLAIN_LOOK, most).all())


def _give_back() -> None:
    with db.transaction() as session:
        session.execute(
            update(Message).where(Message.state == "queued").values(attempt=None, lease_until=None)
        )
        pace(session, PACE, saved=PACE)
