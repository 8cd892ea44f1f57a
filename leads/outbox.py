"""How a text leaves, once. The steps stand in the order in which the sender takes them.

1. due.py: a due reminder becomes a queued message, or moves, or is cancelled with a reason.
2. `claim`: as many queued messages as the sender's token bucket grants, under a lease.
3. `authorize`: right before the post, everything is checked again under the phone's lock.
4. `accepted`, `refused`, `lost`: what came of the post.
5. `sweep`: a message that was being posted when its holder died has an unknown outcome.

The network call between 3 and 4 happens in no transaction, and not here.
"""

import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from leads import alarm, answer, caps, delivery, due, follow_up, intention, quiet_hours, timeline
from leads.db import changed, database_time
from leads.delivery_errors import DeliveryError
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.message import Message
from leads.phone import Phone
from leads.practice import Practice
from leads.reminder import Reminder
from leads.tracking_number import TrackingNumber

LEASE = timedelta(seconds=60)  # longer than the post's own timeouts, with room
VALIDITY = 4 * 3600  # seconds; the most that all of Twilio's texts agree on is 14,400
BURST = 3.0  # tokens, one a segment, that a rested sender holds
PAUSES = (5.0, 30.0, 120.0, 600.0)  # seconds before the next try of what was not processed
STAFF_TRIES = 5  # who wrote by hand is told after some 13 minutes; a reminder has its lateness


@dataclass(frozen=True)
class Post:
    """What may be posted now, and its validity in seconds."""

    message_id: int
    attempt: uuid.UUID
    to: str
    sender: str
    body: str
    validity_seconds: int


def claim(session: Session, now: datetime, limit: int) -> list[tuple[int, uuid.UUID]]:
    """Lease as many due messages as the senders' buckets grant: (message id, attempt) pairs.

    An expired lease may be claimed again: nothing was posted under it, or the message would be
    `sending`.
    """
    real = database_time(session)
    limit = alarm.texts_let_through(session, limit, real)
    claimed: list[tuple[int, uuid.UUID]] = []
    if limit < 1:
        return claimed
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
        waiting = session.execute(
            select(Message.id, Message.segments)
            .where(
                Message.state == "queued",
                Message.tracking_number_id == sender.id,
                Message.due_at <= now,
                or_(Message.lease_until.is_(None), Message.lease_until < real),
                or_(Message.retry_after.is_(None), Message.retry_after < real),
            )
            .order_by(Message.automated, Message.due_at, Message.id)
            .limit(room)
            .with_for_update(skip_locked=True)
        ).all()
        granted = []
        for message_id, size in waiting:
            if sender.tokens < 1:
                break
            # A long text takes its tokens on credit: the next one waits for them.
            sender.tokens -= max(size, 1)
            granted.append((message_id, uuid.uuid4()))
        if granted:
            lease = {"lease_until": real + LEASE}
            session.execute(
                update(Message),
                [{"id": id_, "attempt": attempt, **lease} for id_, attempt in granted],
            )
        claimed += granted
    return claimed


def _refill(sender: TrackingNumber, real: datetime) -> None:
    elapsed = max((real - sender.tokens_at).total_seconds(), 0.0)
    burst = max(BURST, sender.texts_per_second * 2)  # what one look every two seconds may grant
    sender.tokens = min(burst, sender.tokens + elapsed * sender.texts_per_second)
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
    zones = intention.recipient_zones(practice, phone)
    left = quiet_hours.seconds_left(now, zones, practice.window(phone.e164))
    if message.reminder_id is not None:
        if not _still_wanted(session, practice, phone, message, left, now):
            return None
    elif message.automated:
        if not answer.still_wanted(session, practice, phone, message, left, now):
            return None
    elif phone.opted_out_at is not None:
        delivery.settle(session, message, "failed", now, 21610)
        return None
    validity = min(VALIDITY, left) if message.automated else VALIDITY
    sender = session.get_one(TrackingNumber, message.tracking_number_id)
    message.state = "sending"
    message.attempts += 1
    message.lease_until = database_time(session) + LEASE
    changed(session, f"lead:{message.lead_id}")
    return Post(message.id, attempt, phone.e164, sender.e164, message.body, max(validity, 1))


def _still_wanted(
    session: Session, practice: Practice, phone: Phone, message: Message, left: int, now: datetime
) -> bool:
    """Look at a reminder's text a last time; what may not go now is taken back."""
    reminder, run, lead = session.execute(
        select(Reminder, FollowUp, Lead)
        .join(FollowUp, Reminder.follow_up_id == FollowUp.id)
        .join(Lead, Reminder.lead_id == Lead.id)
        .where(Reminder.id == message.reminder_id)
    ).one()
    plan = run.steps(session)
    refusal = due.refusal_of(session, practice, lead, phone, run, plan, reminder, now)
    others = caps.automated_texts(session, lead.id, now - caps.WEEK, but_reminder=reminder.id)
    if refusal:
        follow_up.withdraw(session, reminder, now, refusal)
        follow_up.finish_if_settled(session, run, now)
        return False
    held = run.paused_at is not None or caps.earliest(now, plan.kind.topic, others) > now
    if held or left < 1:
        follow_up.put_off(session, reminder, message)
        return False
    return True


def accepted(
    session: Session, message_id: int, attempt: uuid.UUID, sid: str, now: datetime
) -> None:
    """The service took it. A status callback may have said so before."""
    message = held(session, message_id, attempt)
    if message is None:
        return
    message.sid = message.sid or sid
    delivery.settle(session, message, "sent", now, None)
    alarm.sending_works(session, now)


def refused(
    session: Session,
    message_id: int,
    attempt: uuid.UUID,
    code: int | None,
    error: DeliveryError,
    now: datetime,
) -> None:
    """The service said no and did nothing. Whether it is asked again, when, and who has to be
    told stands in delivery_errors."""
    message = held(session, message_id, attempt)
    if message is None or message.state != "sending":
        return
    real = database_time(session)
    delivery.sound_alarm(session, error, now)
    retry = error.behaviour.retry
    too_often = message.reminder_id is None and message.attempts >= STAFF_TRIES
    if retry == "never" or (retry != "now" and too_often):
        delivery.settle(session, message, "failed", now, code, error.words)
        return
    message.state = "queued"
    message.lease_until = None
    message.error_code = code
    if retry == "next_day" and message.reminder_id is not None:
        delivery.tomorrow(session, message, error, now)
        return
    pause = PAUSES[min(message.attempts, len(PAUSES)) - 1] * random.uniform(0.7, 1.3)  # noqa: S311 - jitter
    message.retry_after = real + timedelta(seconds=pause) if retry != "now" else None
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
