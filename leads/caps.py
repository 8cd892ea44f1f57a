"""How often: the most automated texts that one person gets, over all numbers."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from leads.message import Message
from leads.phone import LeadPhone

DAY = timedelta(hours=24)
WEEK = timedelta(days=7)
PER_WEEK = 3


def automated_texts(
    session: Session, lead_id: int, since: datetime, *, but: int | None = None
) -> list[datetime]:
    """When this person was sent automated texts, oldest first: by lead and by any of its phones,
    because people share phones and have several. What may have gone out counts as sent. `but`:
    the message that is being decided on."""
    phones = select(LeadPhone.phone_id).where(LeadPhone.lead_id == lead_id)
    at = func.coalesce(Message.sent_at, Message.created_at)
    return list(
        session.scalars(
            select(at)
            .where(
                or_(Message.lead_id == lead_id, Message.phone_id.in_(phones)),
                Message.automated,
                Message.direction == "outbound",
                Message.state != "failed",
                Message.id.is_distinct_from(but),
                at > since,
            )
            .order_by(at)
        )
    )


def earliest(at: datetime, texts: Collection[datetime]) -> datetime:
    """The first moment from `at` on that keeps to one text in 24 h and three in 7 days."""
    past = sorted(texts)
    if past:
        at = max(at, past[-1] + DAY)
    if len(past) >= PER_WEEK:
        at = max(at, past[-PER_WEEK] + WEEK)
    return at
