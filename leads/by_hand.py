"""A text that staff wrote goes at once or not at all: hours later, or at night, the answer that was
right when it was written may be wrong, and nobody is at the desk for the next one.

All of it is practice time, as a text's own moment is; how it leaves is in outbox.py.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import delivery, due, intention, quiet_hours
from leads.db import among
from leads.message import Message
from leads.phone import Phone
from leads.practice import Practice

AT_ONCE = timedelta(minutes=10)  # so long may it take over the end of the window
LONGEST = timedelta(hours=1)
A_LOOK = 100


def give_back(session: Session, now: datetime) -> None:
    """Fail those that have waited too long, also while nothing is posted: whoever wrote one is
    told, and the person is back on the list."""
    waiting = session.execute(
        select(Message.id, Message.phone_id)
        .where(
            Message.state == "queued",
            Message.automated.is_(False),
            Message.created_at < now - AT_ONCE,
        )
        .order_by(Message.created_at)
        .limit(A_LOOK)
    ).all()
    if not waiting:
        return
    Phone.locked_all(session, {phone_id for _, phone_id in waiting})
    practice = Practice.get(session)
    for message in session.scalars(
        select(Message)
        .where(among(Message.id, [message_id for message_id, _ in waiting]))
        .where(Message.state == "queued")
        .order_by(Message.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all():
        why = too_late(practice, session.get_one(Phone, message.phone_id), message, now)
        if why is not None:
            delivery.settle(session, message, "failed", now, None, why)


def too_late(practice: Practice, phone: Phone, message: Message, now: datetime) -> str | None:
    """Why this text goes no more, to complete "Not delivered: …"; None while it may."""
    waited, why = now - message.created_at, None
    if waited >= LONGEST:
        why = "for an hour it could not be handed over"
    elif waited >= AT_ONCE and _left(practice, phone, message.created_at):
        zones, window = intention.recipient_zones(practice, phone), practice.window(phone.e164)
        quiet = quiet_hours.why_not(now, zones, window)
        why = f"it is {quiet} by now" if quiet else None
    if why is None:
        return None
    return f"it waited too long and was not sent: {why}. Send it again if it is still right."


def validity(practice: Practice, phone: Phone, message: Message, now: datetime, most: int) -> int:
    """Seconds, at most `most`, for which the carrier may try: a text that was written inside the
    window is not to arrive at night, but for what was written in its last minutes."""
    if not _left(practice, phone, message.created_at):
        return most  # whoever wrote it was warned
    left = _left(practice, phone, now)
    if left < due.LEAST_LEFT:
        left = int((message.created_at + AT_ONCE - now).total_seconds())
    return max(min(most, left), due.LEAST_LEFT)


def _left(practice: Practice, phone: Phone, at: datetime) -> int:
    zones = intention.recipient_zones(practice, phone)
    return quiet_hours.seconds_left(at, zones, practice.window(phone.e164))
