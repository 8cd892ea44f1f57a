"""Learning beforehand that a number is a landline, where the priced switch is on."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import delivery
from leads.follow_up import FollowUp
from leads.phone import Phone
from leads.practice import Practice
from leads.reminder import Reminder

LANDLINE = "landline"


def wanted(session: Session, now: datetime, limit: int) -> list[tuple[int, str]]:
    """Phones (id, E.164) that are about to get their first text and were never looked up."""
    if not Practice.get(session).lookup_landlines:
        return []
    found = session.execute(
        select(Phone.id, Phone.e164)
        .join(FollowUp, FollowUp.phone_id == Phone.id)
        .join(Reminder, Reminder.follow_up_id == FollowUp.id)
        .where(Reminder.state == "scheduled", Reminder.due_at <= now, Phone.looked_up_at.is_(None))
        .distinct()
        .limit(limit)
    )
    return [(phone_id, e164) for phone_id, e164 in found]


def found(session: Session, phone_id: int, line_type: str | None, now: datetime) -> None:
    """Keep what the lookup said; None when it could not be had, which is not asked again: a
    landline is then learnt from the first failure."""
    phone = Phone.locked(session, phone_id)
    phone.looked_up_at = now
    phone.line_type = line_type
    if line_type != LANDLINE:
        return
    lead_id = session.scalar(select(FollowUp.lead_id).where(FollowUp.phone_id == phone_id).limit(1))
    if lead_id is not None:
        delivery.untextable(session, phone, lead_id, now, "the number is a landline.")
