"""How often: the most automated texts that one person gets, over all numbers.

Texts about an inquiry: one in 24 hours, three in 7 days. Reminders of an appointment count apart
from those. All automated texts together: never more than three in any 24 hours.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from leads.db import among
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
    session: Session, lead_id: int | None, since: datetime, *, ahead_of: int | None = None
) -> list[Sent]:
    """What this person was sent, oldest first; nobody (None) has no texts. `ahead_of`: a message
    that is being decided on, which neither counts itself nor what waits behind it."""
    if lead_id is None:
        return []
    phone_ids = select(LeadPhone.phone_id).where(LeadPhone.lead_id == lead_id)
    phones = {lead_id: set(session.scalars(phone_ids))}
    found = automated_texts_of(session, phones, since, ahead_of=ahead_of)
    return [sent for sent, _ in found[lead_id]]


def automated_texts_of(
    session: Session,
    phones: Mapping[int, Collection[int]],
    since: datetime,
    *,
    ahead_of: int | None = None,
) -> dict[int, list[tuple[Sent, int | None]]]:
    """What each of these leads, given with its phones, was sent, oldest first, and the reminder
    of which it was a try: by lead and by any of its phones, because people share phones and have
    several. What may have gone out counts as sent."""
    at = func.coalesce(Message.sent_at, Message.posted_at, Message.created_at)
    phone_ids = {phone_id for each in phones.values() for phone_id in each}
    counted = (
        select(at, Message.topic, Message.lead_id, Message.phone_id, Message.reminder_id)
        .where(
            or_(among(Message.lead_id, phones), among(Message.phone_id, phone_ids)),
            Message.automated,
            Message.direction == "outbound",
            Message.state != "failed",
            at > since,
        )
        .order_by(at)
    )
    if ahead_of is not None:
        ahead = or_(Message.id < ahead_of, Message.state != "queued")
        counted = counted.where(Message.id != ahead_of, ahead)
    rows = session.execute(counted).all()
    found: dict[int, list[tuple[Sent, int | None]]] = {lead_id: [] for lead_id in phones}
    people_of: dict[int, set[int]] = {}
    for lead_id, each in phones.items():
        for phone_id in each:
            people_of.setdefault(phone_id, set()).add(lead_id)
    for moment, topic, lead_id, phone_id, reminder_id in rows:
        for person in people_of.get(phone_id, set()) | ({lead_id} & phones.keys()):
            found[person].append((Sent(moment, topic or "inquiry"), reminder_id))
    return found


def earliest(at: datetime, topic: str, texts: Collection[Sent]) -> datetime:
    """The first moment from `at` on at which a text about `topic` keeps to the caps."""
    return max([at, *(until for until, _ in _caps(topic, texts))])


def reached(at: datetime, topic: str, texts: Collection[Sent]) -> str:
    """The cap that holds such a text back the longest, as the middle of a sentence; empty where
    none does."""
    until, words = max(_caps(topic, texts), default=(at, ""))
    return words if until > at else ""


def _caps(topic: str, texts: Collection[Sent]) -> Iterator[tuple[datetime, str]]:
    """Until when each cap that is reached holds, and what it is called."""
    everything = sorted(text.at for text in texts)
    if len(everything) >= PER_DAY:
        yield everything[-PER_DAY] + DAY, "three automated texts of any kind in 24 hours"
    if topic != "inquiry":
        return
    inquiry = sorted(text.at for text in texts if text.topic == "inquiry")
    if inquiry:
        yield inquiry[-1] + DAY, "one automated text in 24 hours"
    if len(inquiry) >= PER_WEEK:
        yield inquiry[-PER_WEEK] + WEEK, "three automated texts in 7 days"
