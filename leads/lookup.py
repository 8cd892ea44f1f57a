"""Learning beforehand that a number is a landline, where the priced switch is on."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from leads import delivery
from leads.follow_up import FollowUp
from leads.phone import Phone
from leads.practice import Practice
from leads.reminder import Reminder

LANDLINE, UNKNOWN = "landline", "unknown"
# An answer takes seconds. Without one, whoever asked is gone: the text goes, and it is not paid for
# a second time.
ASKING = timedelta(minutes=1)


def claim(session: Session, now: datetime, limit: int) -> list[tuple[int, str]]:
    """Phones (id, E.164) that are about to get their first text and were never asked about. They
    count as asked about from here on: two workers ask, and pay, for none twice."""
    if not Practice.get(session).lookup_landlines:
        return []
    due = (
        select(FollowUp.phone_id)
        .join(Reminder, Reminder.follow_up_id == FollowUp.id)
        .where(Reminder.state == "scheduled", Reminder.due_at <= now)
    )
    phones = session.scalars(
        select(Phone)
        .where(Phone.looked_up_at.is_(None), Phone.id.in_(due))
        .order_by(Phone.id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
    for phone in phones:
        phone.looked_up_at = now
    return [(phone.id, phone.e164) for phone in phones]


def is_over(now: datetime) -> ColumnElement[bool]:
    """Of a phone: what there is to know is known, or not to be had."""
    late = and_(Phone.looked_up_at.is_not(None), Phone.looked_up_at < now - ASKING)
    return or_(Phone.line_type.is_not(None), late)


def found(session: Session, phone_id: int, line_type: str | None, now: datetime) -> None:
    """Keep what the lookup said; None when it could not be had, which is not asked again: a
    landline is then learnt from the first failure."""
    phone = Phone.locked(session, phone_id)
    phone.line_type = line_type or UNKNOWN
    if line_type != LANDLINE:
        return
    lead_id = session.scalar(select(FollowUp.lead_id).where(FollowUp.phone_id == phone_id).limit(1))
    if lead_id is not None:
        delivery.untextable(session, phone, lead_id, now, "the number is a landline.")
