"""How often: the most automated texts that one person gets, over all numbers.

Texts about an inquiry: one in 24 hours, three in 7 days. Reminders of an appointment count apart
from those. All automated texts together: never more than three in any 24 hours.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from leads.message import Message
from leads.phone import LeadPhone

DAY = timedelta(hours=24)
WEEK = timedelta(days=7)
PER_WEEK = 3
PER_DAY = 3


@dataclass(frozen=True, order=True)
class Sent:
    """An automated text that went, or may have gone, out."""

    at: datetime
    topic: str


def automated_texts(
    session: Session, lead_id: int | None, since: datetime, *, but_reminder: int | None = None
) -> list[Sent]:
    """What this person was sent, oldest first: by lead and by any of its phones, because people
    share phones and have several. What may have gone out counts as sent. `but_reminder`: the
    reminder that is being decided on, whose earlier try did not arrive. Nobody has no texts."""
    if lead_id is None:
        return []
    phones = select(LeadPhone.phone_id).where(LeadPhone.lead_id == lead_id)
    at = func.coalesce(Message.sent_at, Message.created_at)
    counted = (
        select(at, Message.topic)
        .where(
            or_(Message.lead_id == lead_id, Message.phone_id.in_(phones)),
            Message.automated,
            Message.direction == "outbound",
            Message.state != "failed",
            at > since,
        )
        .order_by(at)
    )
    if but_reminder is not None:
        counted = counted.where(Message.reminder_id.is_distinct_from(but_reminder))
    rows = session.execute(counted)
    return [Sent(moment, topic or "inquiry") for moment, topic in rows]


def earliest(at: datetime, topic: str, texts: Collection[Sent]) -> datetime:
    """The first moment from `at` on at which a text about `topic` keeps to the caps."""
    everything = sorted(text.at for text in texts)
    if len(everything) >= PER_DAY:
        at = max(at, everything[-PER_DAY] + DAY)
    if topic != "inquiry":
        return at
    inquiry = sorted(text.at for text in texts if text.topic == "inquiry")
    if inquiry:
        at = max(at, inquiry[-1] + DAY)
    if len(inquiry) >= PER_WEEK:
        at = max(at, inquiry[-PER_WEEK] + WEEK)
    return at
