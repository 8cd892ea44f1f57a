"""Practice time: what domain rules go by. Trial mode can move it; real time it never touches."""

from datetime import datetime, timedelta

from sqlalchemy import DateTime, func, select, type_coerce, update
from sqlalchemy.orm import Session

from leads.db import changed, database_time
from leads.installation import Installation


class ClockIsReal(Exception):
    """Practice time moves in trial mode only."""


def now(session: Session) -> datetime:
    """Practice time (aware, UTC). Kept in the database, so all processes share it at once."""
    shift = select(Installation.clock_shift).scalar_subquery()
    moved = func.clock_timestamp() + func.coalesce(shift, timedelta())
    return session.scalars(select(type_coerce(moved, DateTime(True)))).one()


def set_to(session: Session, at: datetime) -> datetime:
    """Move practice time to `at` (aware); time goes on from there. Raises ClockIsReal."""
    return _shift(session, at - database_time(session))


def advance(session: Session, by: timedelta) -> datetime:
    """Move practice time forward by `by`. Raises ClockIsReal."""
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
    session.execute(update(Installation).values(clock_shift=shift))
    changed(session, "clock")
    return now(session)
