"""How a text leaves, once. The steps stand in the order in which the sender takes them.

1. due.py: a due reminder becomes a queued message, or moves, or is cancelled with a reason.
2. `claim`: as many queued messages as the sender's token bucket grants, under a lease.
3. `authorize`: right before the post, everything is checked again under the phone's lock.
4. `accepted`, `refused`, `lost`: what came of the post.
5. `sweep`: a message that was being posted when its holder died has an unknown outcome.

The network call between 3 and 4 happens in no transaction, and not here.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from leads import caps, delivery, due, follow_up, intention, quiet_hours, timeline
from leads.db import changed, database_time
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.message import Message
from leads.phone import Phone
from leads.practice import Practice
from leads.reminder import Reminder
from leads.tracking_number import TrackingNumber

LEASE = timedelta(seconds=60)  # longer than the post's own timeouts, with room
VALIDITY = 4 * 3600  # seconds; the most that all of Twilio's texts agree on is 14,400
BURST = 3.0  # tokens that a rested sender holds


@dataclass(frozen=True)
class Post:
    """What may be posted now: its validity in seconds, and the number of posts with this one."""

    message_id: int
    attempt: uuid.UUID
    to: str
    sender: str
    body: str
    validity_seconds: int
    tries: int


def claim(session: Session, now: datetime, limit: int) -> list[tuple[int, uuid.UUID]]:
    """Lease as many due messages as the senders' buckets grant: (message id, attempt) pairs.

    An expired lease may be claimed again: nothing was posted under it, or the message would be
    `sending`.
    """
    real = database_time(session)
    claimed: list[tuple[int, uuid.UUID]] = []
    # The row lock makes one claimer at a time per sender; another process takes the next sender.
    # It lets rows that merely refer to the sender be written meanwhile.
    senders = session.scalars(
        select(TrackingNumber)
        .order_by(TrackingNumber.id)
        .with_for_update(skip_locked=True, key_share=True)
    )
    for sender in senders:
        _refill(sender, real)
        room = min(int(sender.tokens), limit - len(claimed))
        if room < 1:
            continue
        ids = session.scalars(
            select(Message.id)
            .where(
                Message.state == "queued",
                Message.tracking_number_id == sender.id,
                Message.due_at <= now,
                or_(Message.lease_until.is_(None), Message.lease_until < real),
                or_(Message.retry_after.is_(None), Message.retry_after < real),
            )
            .order_by(Message.due_at, Message.id)
            .limit(room)
            .with_for_update(skip_locked=True)
        ).all()
        for message_id in ids:
            attempt = uuid.uuid4()
            session.execute(
                update(Message)
                .where(Message.id == message_id)
                .values(attempt=attempt, lease_until=real + LEASE)
            )
            claimed.append((message_id, attempt))
        sender.tokens -= len(ids)
    return claimed


def _refill(sender: TrackingNumber, real: datetime) -> None:
    elapsed = max((real - sender.tokens_at).total_seconds(), 0.0)
    sender.tokens = min(BURST, sender.tokens + elapsed * sender.texts_per_second)
    sender.tokens_at = real


def authorize(session: Session, message_id: int, attempt: uuid.UUID, now: datetime) -> Post | None:
    """The last check, under the phone's lock: after this commits, the text may be posted.

    None when it must not be: the lease is another's, or they opted out, or the window closed.
    """
    phone_id = session.scalar(select(Message.phone_id).where(Message.id == message_id))
    if phone_id is None:
        return None  # taken back
    phone = Phone.locked(session, phone_id)
    message = session.scalars(
        select(Message).where(Message.id == message_id).with_for_update(key_share=True)
    ).one_or_none()
    if message is None or message.state != "queued" or message.attempt != attempt:
        return None
    practice = Practice.get(session)
    validity = VALIDITY
    if message.automated:
        reminder, run, lead = session.execute(
            select(Reminder, FollowUp, Lead)
            .join(FollowUp, Reminder.follow_up_id == FollowUp.id)
            .join(Lead, Reminder.lead_id == Lead.id)
            .where(Reminder.message_id == message.id)
        ).one()
        refusal = due.refusal_of(session, practice, lead, phone, run, reminder, now)
        others = caps.automated_texts(session, lead.id, now - caps.WEEK, but=message.id)
        zones = intention.recipient_zones(practice, phone)
        left = quiet_hours.seconds_left(now, zones, practice.window(phone.e164))
        if refusal:
            follow_up.withdraw(session, reminder, now, refusal)
            follow_up.finish_if_settled(session, run, now)
            return None
        if left < 1 or caps.earliest(now, others) > now:
            _put_off(session, reminder, message)
            return None
        validity = min(validity, left)
    elif phone.opted_out_at is not None:
        delivery.settle(session, message, "failed", now, 21610)
        return None
    sender = session.get_one(TrackingNumber, message.tracking_number_id)
    message.state = "sending"
    message.attempts += 1
    message.lease_until = database_time(session) + LEASE
    changed(session, f"lead:{message.lead_id}")
    return Post(
        message.id,
        attempt,
        phone.e164,
        sender.e164,
        message.body,
        max(validity, 1),
        message.attempts,
    )


def _put_off(session: Session, reminder: Reminder, message: Message) -> None:
    """The window closed while the text waited its turn, or another text went first: it is a
    scheduled reminder again, and the next look at it moves it."""
    reminder.state = "scheduled"
    reminder.message_id = None
    session.flush()
    session.delete(message)


def accepted(
    session: Session, message_id: int, attempt: uuid.UUID, sid: str, now: datetime
) -> None:
    """The service took it. A status callback may have said so before."""
    message = held(session, message_id, attempt)
    if message is None:
        return
    message.sid = message.sid or sid
    delivery.settle(session, message, "sent", now, None)


def refused(
    session: Session,
    message_id: int,
    attempt: uuid.UUID,
    code: int | None,
    retry_seconds: float | None,
    now: datetime,
) -> None:
    """The service said no. With `retry_seconds` (real time) it never processed the request and
    may be asked again; without, the refusal is final."""
    message = held(session, message_id, attempt)
    if message is None or message.state != "sending":
        return
    if retry_seconds is None:
        delivery.settle(session, message, "failed", now, code)
        return
    message.state = "queued"
    message.lease_until = None
    message.error_code = code
    message.retry_after = database_time(session) + timedelta(seconds=retry_seconds)
    changed(session, f"lead:{message.lead_id}")


def lost(session: Session, message_id: int, attempt: uuid.UUID, now: datetime) -> None:
    """Time-out, dropped connection or a 5xx: it may have gone out. Never sent again by itself."""
    message = held(session, message_id, attempt)
    if message is not None and message.state == "sending":
        _unknown(session, message, now)


def sweep(session: Session, now: datetime) -> int:
    """Messages that were being posted by a process that is gone: their outcome is unknown."""
    stale = session.execute(
        select(Message.id, Message.attempt)
        .where(Message.state == "sending", Message.lease_until < func.clock_timestamp())
        .order_by(Message.phone_id, Message.id)
        .limit(100)
    ).all()
    for message_id, attempt in stale:
        message = held(session, message_id, attempt)
        if message is not None and message.state == "sending":
            _unknown(session, message, now)
    return len(stale)


def _unknown(session: Session, message: Message, now: datetime) -> None:
    delivery.settle(session, message, "unknown", now, None)
    timeline.note(
        session,
        message.lead_id,
        now,
        "text_unknown",
        "A text may or may not have gone out: the telephone service did not answer. It is not "
        "sent again by itself.",
        message_id=message.id,
    )


def held(session: Session, message_id: int, attempt: uuid.UUID | None) -> Message | None:
    """The locked message, its phone locked first, if this attempt is still its last one."""
    phone_id = session.scalar(select(Message.phone_id).where(Message.id == message_id))
    if phone_id is None:
        return None
    Phone.locked(session, phone_id)
    message = session.get_one(Message, message_id, with_for_update=True)
    return message if message.attempt == attempt else None
