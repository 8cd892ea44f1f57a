"""Texts that may or may not have gone out: settled by what the telephone service lists, never by
sending again."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from leads import delivery, timeline
from leads.db import database_time
from leads.lease import LEASE
from leads.message import Message
from leads.outbox import held
from leads.phone import Phone

# The service lists a text within seconds of taking it. Before this, not listed says nothing.
ABSENT_AFTER = timedelta(minutes=10)
FIRST_LOOK = timedelta(seconds=30)  # a status callback is usually faster
MOST = 100  # of them on a page


@dataclass(frozen=True)
class Unknown:
    """A text without an outcome. `posted_at` is real time; `absent` says that, when it is not
    listed now, it never will be."""

    message_id: int
    attempt: uuid.UUID
    to: str
    body: str
    posted_at: datetime
    absent: bool


@dataclass(frozen=True)
class Listed:
    """A text as the telephone service lists it, with its own status."""

    sid: str
    body: str
    created_at: datetime
    status: str
    error_code: int | None


def waiting(session: Session, limit: int) -> list[Unknown]:
    """Unknown texts that it is time to look for, the oldest first."""
    real = database_time(session)
    rows = session.execute(
        select(Message, Phone.e164)
        .join(Phone, Phone.id == Message.phone_id)
        .where(
            Message.state == "unknown",
            Message.lease_until - LEASE < real - FIRST_LOOK,
            func.coalesce(Message.retry_after, real) <= real,
        )
        # Those that were looked for come last: many absent ones do not hide a listed one.
        .order_by(Message.retry_after.nulls_first(), Message.lease_until)
        .limit(limit)
    )
    found = []
    for message, to in rows:
        if message.attempt is None or message.lease_until is None:
            continue
        posted_at = message.lease_until - LEASE
        message.retry_after = real + FIRST_LOOK  # the next look
        absent = real - posted_at > ABSENT_AFTER
        found.append(Unknown(message.id, message.attempt, to, message.body, posted_at, absent))
    return found


def match(unknown: Unknown, listed: list[Listed], ours: set[str]) -> Listed | None:
    """The listed text that this one became: the same words, created since it was posted, and not
    one that we know already."""
    return next(
        (
            text
            for text in sorted(listed, key=lambda text: text.created_at)
            if text.sid not in ours
            and text.body == unknown.body
            # Their clock counts whole seconds, and is not ours.
            and text.created_at >= unknown.posted_at - timedelta(seconds=30)
        ),
        None,
    )


def known_sids(session: Session, sids: list[str]) -> set[str]:
    rows = session.scalars(select(Message.sid).where(Message.sid.in_(sids)))
    return {sid for sid in rows if sid is not None}


def still_open(session: Session, now: datetime) -> list[Message]:
    """Texts whose outcome nobody knows yet, the oldest first: staff may settle them, too. One more
    than `MOST` where there are more."""
    return list(
        session.scalars(
            select(Message)
            .where(Message.state == "unknown", Message.created_at <= now)
            .order_by(Message.id)
            .limit(MOST + 1)
        )
    )


def settled_by_staff(
    session: Session, message_id: int, staff_id: int | None, now: datetime, *, arrived: bool
) -> bool:
    """Somebody has asked them, or looked at Twilio's console; False when it is settled already."""
    phone_id = session.scalar(select(Message.phone_id).where(Message.id == message_id))
    if phone_id is None:
        return False
    Phone.locked(session, phone_id)
    message = session.get_one(Message, message_id, with_for_update=True)
    if message.state != "unknown":
        return False
    words = "Staff say that the text arrived." if arrived else "Staff say that it did not arrive."
    timeline.note(
        session,
        message.lead_id,
        now,
        "unknown_settled",
        words,
        staff_id=staff_id,
        message_id=message.id,
    )
    if arrived:
        delivery.settle(session, message, "sent", now, None)
    else:
        failed = "it did not arrive. You can write again."
        delivery.settle(session, message, "failed", now, None, failed)
    return True


def settle(session: Session, unknown: Unknown, found: Listed | None, now: datetime) -> None:
    """Write down what the list said: sent (and what became of it), or surely absent."""
    message = held(session, unknown.message_id, unknown.attempt)
    if message is None or message.state != "unknown":
        return
    message.retry_after = None if found or unknown.absent else message.retry_after
    if found is not None:
        message.sid = found.sid
        state = delivery.FROM_TWILIO.get(found.status, "sent")
        delivery.settle(session, message, state, now, found.error_code)
    elif unknown.absent:
        words = "it never reached the telephone service. You can write again."
        delivery.settle(session, message, "failed", now, None, words)
