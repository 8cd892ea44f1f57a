"""A click on Call back as a worker places it, once:

1. `take`: a worker takes it, and commits that before it asks the telephone service.
2. What came of that: `adopt` (there is a call now, and its CallSid names it), `refused`, or
   `lost`: nobody knows. What is lost is told and looked for, never dialled again by itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from leads import call as calls
from leads import outbound_call, timeline
from leads.call import Call
from leads.db import changed, database_time
from leads.listed import ListedCall
from leads.outbound_call import ABSENT, POSTING, STALE, OutboundCall
from leads.phone import Phone
from leads.practice import PracticePhone
from leads.tracking_number import TrackingNumber

# Their clock counts whole seconds, and is not ours.
BEFORE, AFTER = timedelta(seconds=30), timedelta(minutes=2)
NOT_TAKEN = (
    "nobody was there to place the call: the worker may be down. Nothing rang. Try again, or dial "
    "the number yourself."
)
NEVER_CAME = "it never reached the telephone service. Nothing rang. You can call again."
UNKNOWN = (
    "It is not known whether {phone} rings: the telephone service did not answer. Nothing is "
    "dialled again by itself; its list of calls is asked."
)


class AlreadyPlaced(Exception):
    """Another call was made for the same click."""


@dataclass(frozen=True)
class Ringing:
    """What a worker asks the telephone service for: ring `to`, showing `sender`."""

    id: int
    to: str
    sender: str
    seconds: int


def take(session: Session, at_most: int) -> list[Ringing]:
    """Take what is wanted, so that nobody else does; what waited too long is left to `give_up`."""
    real = database_time(session)
    rows = session.scalars(
        _wanted()
        .where(OutboundCall.wanted_at >= real - STALE)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    ).all()
    taken = []
    for told in rows:
        told.state, told.posted_at = "posting", real
        phone = told.practice_phone
        number = told.tracking_number
        taken.append(Ringing(told.id, phone.e164, number.e164, max(phone.ring_seconds, 20)))
    return taken


def give_up(session: Session, now: datetime) -> None:
    """End what was wanted for too long, and say so."""
    stale = OutboundCall.wanted_at < database_time(session) - STALE
    for id_ in session.scalars(_wanted().where(stale).with_only_columns(OutboundCall.id)).all():
        told = _held(session, id_)
        if told.state == "wanted":
            _not_called(session, told, NOT_TAKEN, "refused", now)


def _wanted() -> Select[OutboundCall]:
    return (
        select(OutboundCall)
        .where(OutboundCall.state == "wanted", OutboundCall.over_at.is_(None))
        .order_by(OutboundCall.id)
    )


def _held(session: Session, id_: int) -> OutboundCall:
    """The click, locked after the phone, as everywhere: its line on the timeline needs the lead,
    and who merges that has locked its phones. Raises ValueError for a click that nobody made."""
    phone_id = session.scalar(select(OutboundCall.phone_id).where(OutboundCall.id == id_))
    if phone_id is None:
        raise ValueError("this event names no call of ours")
    Phone.locked(session, phone_id)
    return session.get_one(OutboundCall, id_, with_for_update=True, populate_existing=True)


def refused(session: Session, id_: int, words: str, now: datetime) -> None:
    """The telephone service did nothing; `words` say why."""
    told = _held(session, id_)
    if told.state == "posting":
        _not_called(session, told, words, "refused", now)


def lost(session: Session, id_: int, now: datetime) -> None:
    """It is not known whether anything rings. Nobody dials it again but staff."""
    told = _held(session, id_)
    if told.state == "posting":
        told.state = "unknown"
        words = UNKNOWN.format(phone=told.rings)
        timeline.note(session, told.lead_id, now, "call_out_unknown", words, staff_id=told.staff_id)
        outbound_call.tell(session, told)


def _not_called(
    session: Session, told: OutboundCall, words: str, state: str, now: datetime
) -> None:
    told.state, told.why, told.over_at = state, words, database_time(session)
    told.lead.let_go(told.staff_id)
    text = f"Not called: {words}"
    timeline.note(session, told.lead_id, now, "call_out_failed", text, staff_id=told.staff_id)
    outbound_call.tell(session, told)


def adopt(
    session: Session, id_: int, sid: str, at: datetime, *, guessed: bool = False
) -> tuple[OutboundCall, Call]:
    """The call that was made for this click, whoever tells of it first: the answer to the post,
    a webhook, or (`guessed`: it names no click) the list of calls. Whoever names the click is
    right. Raises ValueError for a click that nobody made, and AlreadyPlaced.
    """
    told = _held(session, id_)
    if told.sid not in (None, sid):
        raise AlreadyPlaced
    call = calls.find(session, sid, at)
    if call.from_raw is not None:
        if told.sid == sid:
            return told, call
        if guessed:
            raise AlreadyPlaced
        _take_back(session, sid, at)
    told.sid, told.state, told.over_at = sid, "placed", None
    call.direction = "outbound"
    call.lead_id, call.phone_id, call.staff_id = told.lead_id, told.phone_id, told.staff_id
    call.tracking_number = told.tracking_number
    call.from_raw = told.tracking_number.e164
    call.to_raw = session.get_one(Phone, told.phone_id).e164
    call.started_at = min(call.started_at, at)
    call.follow_up_decided_at = call.started_at  # nothing follows from a call of ours
    session.flush()
    timeline.note(
        session, told.lead_id, call.started_at, "call_out",
        f"Calling back: {told.rings} rings first.", call_id=call.id, staff_id=told.staff_id,
    )  # fmt: skip
    changed(session, f"call:{call.id}")
    return told, call


def _take_back(session: Session, sid: str, at: datetime) -> None:
    """The list of calls had this one for another click, of which nothing is known again."""
    wrong = session.scalars(
        select(OutboundCall).where(OutboundCall.sid == sid).with_for_update()
    ).one()
    wrong.sid, wrong.state = None, "unknown"
    words = f"That call was for somebody else. {UNKNOWN.format(phone=wrong.rings)}"
    timeline.note(session, wrong.lead_id, at, "call_out_unknown", words, staff_id=wrong.staff_id)
    outbound_call.tell(session, wrong)
    session.flush()


def came_back(session: Session, call: Call, now: datetime) -> bool:
    """Whether this incoming call is one of ours, forwarded to one of our numbers by the phone that
    we rang: it must not be answered, or it would count as somebody who picked up."""
    e164 = call.caller
    if e164 is None or call.lead_id is not None:
        return False
    open_one = (
        select(OutboundCall.id)
        .join(TrackingNumber, TrackingNumber.id == OutboundCall.tracking_number_id)
        .where(
            TrackingNumber.e164 == e164,
            OutboundCall.over_at.is_(None),
            OutboundCall.state.in_(("posting", "placed", "unknown")),
            OutboundCall.posted_at > func.clock_timestamp() - AFTER,
        )
    )
    if not session.scalar(select(open_one.exists())):
        return False
    call.looped_at = call.looped_at or now
    return True


def match(session: Session, listed: ListedCall) -> int | None:
    """The click that became this listed call (real time), where its CallSid never reached us: the
    last one before it."""
    return session.scalar(
        select(OutboundCall.id)
        .join(PracticePhone, PracticePhone.id == OutboundCall.practice_phone_id)
        .join(TrackingNumber, TrackingNumber.id == OutboundCall.tracking_number_id)
        .where(
            OutboundCall.sid.is_(None),
            OutboundCall.state.in_(("posting", "unknown", "absent")),
            OutboundCall.posted_at.between(listed.started_at - AFTER, listed.started_at + BEFORE),
            PracticePhone.e164 == listed.to_raw,
            TrackingNumber.e164 == listed.from_raw,
        )
        .order_by(OutboundCall.posted_at.desc())
        .limit(1)
    )


def unsettled(session: Session, now: datetime) -> list[OutboundCall]:
    """Those of which it is not known whether anything rang, the oldest first. A post whose worker
    died is one of them."""
    real = database_time(session)
    died = select(OutboundCall.id).where(
        OutboundCall.state == "posting", OutboundCall.posted_at < real - POSTING
    )
    for id_ in session.scalars(died).all():
        lost(session, id_, now)
    session.flush()
    return list(
        session.scalars(
            select(OutboundCall)
            .where(OutboundCall.state == "unknown", OutboundCall.over_at.is_(None))
            .order_by(OutboundCall.id)
            .limit(20)
        )
    )


def absent(session: Session, id_: int, now: datetime) -> None:
    """It is not in the list of calls: after a while, it never will be."""
    told = _held(session, id_)
    looked_long = told.posted_at is not None and told.posted_at < database_time(session) - ABSENT
    if told.state == "unknown" and looked_long:
        _not_called(session, told, NEVER_CAME, "absent", now)
