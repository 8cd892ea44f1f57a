"""Requests that may be neither in the database nor in a spool: reconciliation looks for them."""

from datetime import datetime

from sqlalchemy.orm import Session

from leads import outage
from leads.db import database_time
from leads.opening_hours import zone_info
from leads.practice import Practice


def happened(session: Session, since: datetime) -> None:
    """From `since` (real time) until now some may have been lost."""
    real = database_time(session)
    what = f"Some of Twilio's requests could not be kept {span(session, since, real)}."
    outage.happened(session, what, min(since, real), real)


def span(session: Session, began: datetime, ended: datetime) -> str:
    """These moments on the clinic's clock."""
    zone = zone_info(Practice.get(session).zone)
    first, last = began.astimezone(zone), ended.astimezone(zone)
    until = f"{last:%H:%M:%S}" if first.date() == last.date() else f"{last:%b %-d, %H:%M:%S}"
    return f"from {first:%b %-d, %H:%M:%S} to {until}"
