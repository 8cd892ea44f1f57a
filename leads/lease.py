"""Claims: which queued texts this sender may post next, as fast as their numbers' pace allows.

Step 2 of the five in outbox.py. Its statements are made once and name columns alone: the sender
asks all day, and building them anew took longer than PostgreSQL takes to answer them.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Row,
    Table,
    any_,
    bindparam,
    func,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from leads import alarm
from leads.message import Message
from leads.tracking_number import TrackingNumber

LEASE = timedelta(seconds=60)  # longer than the post's own timeouts, with room
BURST = 3.0  # tokens, one a segment, that a rested sender holds

Claim = tuple[int, uuid.UUID]  # the message, and the attempt under which it is held

_MESSAGES, _NUMBERS = cast("Table", Message.__table__), cast("Table", TrackingNumber.__table__)
_message, _number = _MESSAGES.c, _NUMBERS.c
# The row lock makes one claimer at a time per sender, and each waits for its turn: a claim
# takes milliseconds. It lets rows that merely refer to the sender be written meanwhile.
_SENDERS = (
    select(_number.id, _number.tokens, _number.tokens_at, _number.texts_per_second)
    .order_by(_number.id)
    .with_for_update(key_share=True)
)
_STATE = select(type_coerce(func.clock_timestamp(), DateTime(True)), alarm.STOPPING.exists())
_WAITING = (
    select(_message.id, _message.segments)
    .where(
        _message.state == "queued",
        _message.tracking_number_id == bindparam("sender"),
        _message.due_at <= bindparam("now"),
        or_(_message.lease_until.is_(None), _message.lease_until < bindparam("real")),
        or_(_message.retry_after.is_(None), _message.retry_after < bindparam("real")),
    )
    .order_by(_message.automated, _message.due_at, _message.id)
    .limit(bindparam("room"))
    .with_for_update(skip_locked=True)
)
_WAITING_BY_HAND = _WAITING.where(_message.automated.is_(False))
_HOLD = (
    update(_MESSAGES)
    .where(_message.id == any_(bindparam("granted", type_=ARRAY(BigInteger))))
    .values(attempt=func.gen_random_uuid(), lease_until=bindparam("until"))
    .returning(_message.id, _message.attempt)
)
_DRAW = (
    update(_NUMBERS)
    .where(_number.id == bindparam("sender"))
    .values(tokens=bindparam("left"), tokens_at=bindparam("real"))
)


def take(
    session: Session, now: datetime, limit: int, *, by_hand_alone: bool = False
) -> list[Claim]:
    """Lease as many due messages as the senders' buckets grant; while automated ones wait, of
    those alone that staff wrote.

    An expired lease may be claimed again: nothing was posted under it, or the message would be
    `sending`.
    """
    session.flush()  # the statements go past what the session knows
    connection = session.connection()
    senders = connection.execute(_SENDERS).all()
    # Asked afterwards: the turn may have been waited for.
    real, is_stopped = connection.execute(_STATE).one()
    if is_stopped:
        limit = min(limit, alarm.let_through(alarm.stopping(session), real))
    granted: list[int] = []
    for sender in senders:
        left = limit - len(granted)
        granted += _granted_to(session, sender, now, real, left, by_hand_alone=by_hand_alone)
    if not granted:
        return []
    held = connection.execute(_HOLD, {"granted": granted, "until": real + LEASE})
    return [(message_id, attempt) for message_id, attempt in held]


def _granted_to(
    session: Session,
    sender: Row[*tuple[Any, ...]],
    now: datetime,
    real: datetime,
    limit: int,
    *,
    by_hand_alone: bool,
) -> list[int]:
    """The messages that this sender's bucket grants, at most `limit`."""
    elapsed = max((real - sender.tokens_at).total_seconds(), 0.0)
    burst = max(BURST, sender.texts_per_second * 2)  # what one look every two seconds may grant
    tokens = min(burst, sender.tokens + elapsed * sender.texts_per_second)
    room = min(int(tokens), limit)
    if room < 1:
        return []
    asked = {"sender": sender.id, "now": now, "real": real, "room": room}
    statement = _WAITING_BY_HAND if by_hand_alone else _WAITING
    granted: list[int] = []
    for message_id, size in session.connection().execute(statement, asked):
        if tokens < 1:
            break
        tokens -= max(size, 1)  # a long text takes them on credit: the next one waits for them
        granted.append(message_id)
    if granted:
        drawn = {"sender": sender.id, "left": tokens, "real": real}
        session.connection().execute(_DRAW, drawn)
    return granted
