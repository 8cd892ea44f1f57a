"""How a text leaves, once. The steps stand in the order in which the sender takes them.

1. due.py: a due reminder becomes a queued message, or moves, or is cancelled with a reason.
2. lease.py: as many queued messages as the sender's token bucket grants, under a lease.
3. `authorize`: right before the post, everything is checked again under the phone's lock.
4. `accepted`, `refused`, `lost`: what came of the post.
5. `sweep`: a message that was being posted when its holder died has an unknown outcome.

The network call between 3 and 4 happens in no transaction, and not here.
"""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from leads import (
    alarm,
    answer,
    by_hand,
    caps,
    darkness,
    delivery,
    due,
    follow_up,
    intention,
    quiet_hours,
    timeline,
)
from leads.case import Case, cases
from leads.db import among, changed, database_time
from leads.delivery_errors import DeliveryError
from leads.filling import text_of
from leads.installation import Installation
from leads.lease import LEASE, Claim
from leads.message import Message
from leads.phone import Phone
from leads.practice import Practice
from leads.reminder import Reminder
from leads.tracking_number import TrackingNumber

VALIDITY = 4 * 3600  # seconds; the most that all of Twilio's texts agree on is 14,400
PAUSES = (5.0, 30.0, 120.0, 600.0)  # seconds before the next try of what was not processed
STAFF_TRIES = 5  # who wrote by hand is told after some 13 minutes; a reminder has its lateness


@dataclass(frozen=True)
class Post:
    """What may be posted now, and its validity in seconds from the check on."""

    message_id: int
    attempt: uuid.UUID
    to: str
    sender: str
    body: str
    validity_seconds: int


def authorize(session: Session, claims: Sequence[Claim], now: datetime) -> list[Post]:
    """The last check, under the phones' locks: after this commits, these texts may be posted.

    Left out is what must not be: the lease is another's, they opted out, the window closed, or a
    STOP may not have reached us (then its lease runs out, and it waits). The batch is as large as
    posts go out at once, so that none of them waits for its turn.
    """
    messages = _held_all(session, dict(claims))
    dark = any(message.automated for message in messages) and darkness.why(session) is not None
    waiting = [m for m in messages if m.state == "queued" and not (dark and m.automated)]
    delivery.adopt(session, waiting)
    practice, live = Practice.get(session), Installation.current(session).live
    filtered = due.filtered_words(session)
    reminder_ids = [m.reminder_id for m in waiting if m.reminder_id is not None]
    known = {
        case.reminder.id: case for case in cases(session, among(Reminder.id, reminder_ids), now)
    }
    phones = {m.id: session.get_one(Phone, m.phone_id) for m in waiting}
    left = {m.id: _seconds_left(practice, phones[m.id], now) for m in waiting}
    in_use = select(TrackingNumber).where(TrackingNumber.retired_at.is_(None))
    senders = {sender.id: sender.e164 for sender in session.scalars(in_use)}
    allowed = []
    for message in waiting:
        phone, case = phones[message.id], known.get(message.reminder_id or 0)
        if message.tracking_number_id not in senders:
            _retired(session, message, case, min(senders, default=None), now)
            may_go = False
        elif case is not None:
            refusal = due.refusal_of(practice, case, now, live=live)
            if refusal is None and due.was_filtered(practice, case.step, message.body, filtered):
                refusal = due.FILTERED
            may_go = _still_wanted(session, practice, case, message, refusal, left[message.id], now)
        elif message.automated:
            may_go = _answer_wanted(
                session, practice, phone, message, left[message.id], now, live=live
            )
        else:
            may_go = _by_hand(session, practice, phone, message, now)
        if may_go:
            allowed.append(message)
    real = database_time(session)
    for each in alarm.stopping(session) if allowed else []:
        each.probed_at = real  # while sending is stopped, this is the text that is tried
    posts = []
    for message in allowed:
        validity = min(VALIDITY, left[message.id])
        if not message.automated:
            validity = by_hand.validity(practice, phones[message.id], message, now, VALIDITY)
        message.state = "sending"
        message.posted_at = now
        message.attempts += 1
        message.lease_until = real + LEASE
        changed(session, f"lead:{message.lead_id}")
        posts.append(
            Post(
                message.id,
                message.attempt or uuid.UUID(int=0),
                phones[message.id].e164,
                senders[message.tracking_number_id or 0],
                message.body,
                validity,
            )
        )
    return posts


def _seconds_left(practice: Practice, phone: Phone, now: datetime) -> int:
    zones = intention.recipient_zones(practice, phone)
    return quiet_hours.seconds_left(now, zones, practice.window(phone.e164))


def _retired(
    session: Session, message: Message, case: Case | None, other: int | None, now: datetime
) -> None:
    """Its number was retired since it was queued: another one sends it, at its own pace."""
    none_left = "there is no number to text from."
    if other is not None:
        message.tracking_number_id = other
        message.lease_until = None
    elif case is not None:
        follow_up.withdraw(session, case.reminder, now, none_left)
        follow_up.finish_if_settled(session, case.run, now)
    else:
        delivery.settle(session, message, "failed", now, None, none_left)


def _answer_wanted(
    session: Session,
    practice: Practice,
    phone: Phone,
    message: Message,
    left: int,
    now: datetime,
    *,
    live: bool,
) -> bool:
    """An answer that we give by ourselves: see answer.py. What is wanted and has no time left
    waits for the next day."""
    closing = left < due.LEAST_LEFT
    in_time = 0 if closing else left
    if not answer.still_wanted(session, practice, phone, message, in_time, now, live=live):
        return False
    if closing:
        message.due_at = now + timedelta(seconds=left + 1)
        message.lease_until = None
    return not closing


def _by_hand(
    session: Session, practice: Practice, phone: Phone, message: Message, now: datetime
) -> bool:
    too_late = by_hand.too_late(practice, phone, message, now)
    if phone.opted_out_at is not None:
        delivery.settle(session, message, "failed", now, 21610)
    elif too_late is not None:
        delivery.settle(session, message, "failed", now, None, too_late)
    return message.state == "queued"


def _still_wanted(
    session: Session,
    practice: Practice,
    case: Case,
    message: Message,
    refusal: str | None,
    left: int,
    now: datetime,
) -> bool:
    """Look at a reminder's text a last time; what may not go now is taken back, with a reason."""
    if refusal:
        follow_up.withdraw(session, case.reminder, now, refusal)
        follow_up.finish_if_settled(session, case.run, now)
        return False
    run, held = case.run, case.run.paused_at is not None
    # "We will call you by 2:30 PM" may be untrue by now: due.py says what follows from that.
    body = text_of(practice, case.step, run.started_at, run.appointment_at, now)
    if (
        held
        or body != message.body
        or left < due.LEAST_LEFT
        or caps.earliest(now, case.plan.kind.topic, case.others) > now
    ):
        follow_up.put_off(session, case.reminder, message)
        return False
    return True


def accepted(session: Session, taken: Sequence[tuple[int, uuid.UUID, str]], now: datetime) -> None:
    """The service took these texts: message, attempt and SID of each. A status callback may have
    said so before."""
    sids = {message_id: sid for message_id, _, sid in taken}
    messages = _held_all(session, {message_id: by for message_id, by, _ in taken})
    authorized_at = [m.lease_until - LEASE for m in messages if m.lease_until is not None]
    for message in messages:
        message.sid = message.sid or sids[message.id]
    delivery.sent(session, messages, now)
    if authorized_at:
        alarm.taken(session, now, max(authorized_at))


def _held_all(session: Session, attempts: dict[int, uuid.UUID]) -> list[Message]:
    """The locked messages of which these attempts are still the last, their phones locked first."""
    phone_ids = session.scalars(select(Message.phone_id).where(among(Message.id, attempts)))
    Phone.locked_all(session, set(phone_ids))
    messages = session.scalars(
        select(Message)
        .where(among(Message.id, attempts))
        .order_by(Message.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return [message for message in messages if message.attempt == attempts[message.id]]


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
    if message is None or message.state not in {"sending", "unknown"}:
        return
    real = database_time(session)
    delivery.sound_alarm(session, error, now)
    if message.state == "unknown":  # we were slow and it was swept; nothing was posted
        delivery.settle(session, message, "failed", now, code, error.words)
        return
    retry = error.behaviour.retry
    too_often = message.reminder_id is None and message.attempts >= STAFF_TRIES
    if retry == "never" or (retry != "now" and too_often):
        delivery.settle(session, message, "failed", now, code, error.words)
        return
    message.state = "queued"
    message.lease_until = None
    message.error_code = code
    if error.behaviour.stops_sending:
        message.attempts -= 1  # it was the account that was tried, and not this text
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
