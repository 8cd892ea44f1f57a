"""Practice time: what domain rules go by. Trial mode can move it; real time it never touches."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, DateTime, func, select, type_coerce, update
from sqlalchemy.orm import Session

from leads.db import changed, database_time
from leads.installation import Installation

# Dates far away break calendars and time zones long before they run out of numbers.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


class ClockIsReal(Exception):
    """Practice time moves in trial mode only."""


class ClockTooFar(Exception):
    """Practice time stays between 2000 and 2100."""


def now(session: Session) -> datetime:
    """Practice time (aware, UTC). Kept in the database, so all processes share it at once."""
    return session.scalars(select(moment())).one()


def moment() -> ColumnElement[datetime]:
    """Practice time, for a statement that asks for more than it."""
    shift = select(Installation.clock_shift).scalar_subquery()
    moved = func.clock_timestamp() + func.coalesce(shift, timedelta())
    return type_coerce(moved, DateTime(True))


def at(session: Session, real: datetime) -> datetime:
    """Practice time at an earlier moment of real time, as the practice's clock goes now."""
    current = now(session)
    return min(current, real + (current - database_time(session)))


def set_to(session: Session, at: datetime) -> datetime:
    """Move practice time to `at` (aware); time goes on from there.

    Raises ClockIsReal, ClockTooFar.
    """
    return _shift(session, at - database_time(session))


def advance(session: Session, by: timedelta) -> datetime:
    """Move practice time forward by `by`. Raises ClockIsReal, ClockTooFar."""
    current = session.scalars(select(Installation.clock_shift)).one()
    return _shift(session, current + by)


def reset(session: Session) -> datetime:
    """Back to real time. Raises ClockIsReal."""
    return _shift(session, timedelta())


def _shift(session: Session, shift: timedelta) -> datetime:
    if Installation.current(session).mode != "trial":
        raise ClockIsReal(
            "This installation is live: practice time is real time and was not moved."
        )
    real = database_time(session)
    # Compared as lengths of time, which hold what is no date any more.
    if not EARLIEST - real <= shift < LATEST - real:
        raise ClockTooFar("Practice time stays between the years 2000 and 2100; it was not moved.")
    session.execute(update(Installation).values(clock_shift=shift))
    changed(session, "clock")
    return now(session)
