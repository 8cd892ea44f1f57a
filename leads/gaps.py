"""What the telephone service lists and we do not have: one question for a whole page of it."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, or_, select, true, tuple_
from sqlalchemy.orm import Session

from leads.call import FINAL, UNANSWERED, Call, CallLeg
from leads.db import among
from leads.delivery import FROM_TWILIO
from leads.lease import LEASE
from leads.listed import ListedCall, ListedRecording, ListedText
from leads.message import RANK, Message
from leads.phone import Phone
from leads.phone_number import parse_e164
from leads.recording import Recording
from leads.tracking_number import TrackingNumber
from leads.unknown import Unknown

# The longest that a call of ours can last is four hours; a trial's clock makes days of them.
LONGEST_CALL = timedelta(days=3)
MOST_OPEN = 100  # a page of calls without an end, and the most texts without a last word


class OpenCall(NamedTuple):
    started_at: datetime
    id: int
    sid: str


def our_numbers(session: Session) -> set[str]:
    """Every number that callers ring or rang; the account may have others, for other things."""
    return set(session.scalars(select(TrackingNumber.e164)))


def known_calls(session: Session, sids: Collection[str]) -> set[str]:
    return set(session.scalars(select(Call.sid).where(among(Call.sid, sids))))


def unsettled_calls(
    session: Session, listed: Iterable[ListedCall], numbers: Collection[str]
) -> tuple[list[ListedCall], list[ListedCall]]:
    """Of these callers' legs: those that we never heard of, and those of which we miss the end
    or what follows from it. Calls to numbers that are none of ours are in neither."""
    calls = {call.sid: call for call in listed}
    talked = select(CallLeg.sid).where(CallLeg.call_sid == Call.sid, CallLeg.talk_seconds > 0)
    rows = session.execute(
        select(
            Call.sid,
            Call.from_raw,
            or_(
                Call.ended_at.is_(None),
                Call.outcome == "ringing",
                # A phone was picked up, and what came of it never reached us.
                and_(
                    Call.outcome == "abandoned",
                    Call.dial_status.is_(None),
                    talked.exists(),
                ),
                and_(
                    Call.outcome.in_(UNANSWERED),
                    Call.lead_id.is_not(None),
                    Call.phone_id.is_not(None),
                    Call.follow_up_decided_at.is_(None),
                ),
            ),
        ).where(among(Call.sid, calls))
    )
    missing = {sid: call for sid, call in calls.items() if concerns_us(call, numbers)}
    unfinished = []
    for sid, from_raw, open_ in rows:
        missing.pop(sid, None)
        if from_raw is None:  # only an event of one of its legs has come
            missing[sid] = calls[sid]
        elif open_ and calls[sid].ended_at is not None:
            unfinished.append(calls[sid])
    return list(missing.values()), unfinished


def concerns_us(call: ListedCall, numbers: Collection[str]) -> bool:
    """Somebody rang one of our numbers, or was rung from one."""
    return (call.to_raw if call.inbound else call.from_raw) in numbers


def unsettled_legs(session: Session, listed: Iterable[ListedCall]) -> list[ListedCall]:
    """Of these child legs, those that are over and of which we do not know it."""
    legs = {leg.sid: leg for leg in listed if leg.ended_at is not None}
    for sid in session.scalars(
        select(CallLeg.sid).where(among(CallLeg.sid, legs), CallLeg.status.in_(FINAL))
    ):
        del legs[sid]
    return list(legs.values())


def open_calls(
    session: Session, since: datetime, now: datetime, after: OpenCall | None
) -> list[OpenCall]:
    """Calls that began before `since` and have not ended, the oldest first, and only those that
    come `after` one, a page at a time: they are not in a list that begins there. Practice time."""
    place = tuple_(Call.started_at, Call.id)
    rows = session.execute(
        select(Call.started_at, Call.id, Call.sid)
        .where(
            Call.started_at.between(now - LONGEST_CALL, since),
            Call.ended_at.is_(None),
            true() if after is None else place > (after.started_at, after.id),
        )
        .order_by(Call.started_at, Call.id)
        .limit(MOST_OPEN)
    )
    return [OpenCall(started_at, id_, sid) for started_at, id_, sid in rows]


def unsettled_texts(
    session: Session, listed: Iterable[ListedText], numbers: Collection[str]
) -> tuple[list[ListedText], list[tuple[int, ListedText]], list[ListedText]]:
    """Of these texts: those to us that we never got, those from us (with our own id) that have
    got further than we know, and those from our numbers that we know nothing of.

    To us is whatever a phone that we know sent to any number of the account: a messaging service
    writes to them from any sender of its pool, and that is where their STOP goes.
    """
    texts = {text.sid: text for text in listed}
    further = []
    for sid, message_id, state in session.execute(
        select(Message.sid, Message.id, Message.state).where(among(Message.sid, texts))
    ):
        text = texts.pop(sid or "")
        reached = FROM_TWILIO.get(text.status)
        if not text.inbound and reached and RANK[reached] > RANK[state]:
            further.append((message_id, text))
    inbound = [text for text in texts.values() if text.inbound]
    known = _known_senders(session, [text for text in inbound if text.to_raw not in numbers])
    missing = [text for text in inbound if text.to_raw in numbers or text.sid in known]
    strange = [text for text in texts.values() if not text.inbound and text.from_raw in numbers]
    return missing, further, strange


def _known_senders(session: Session, texts: Iterable[ListedText]) -> set[str]:
    """The SIDs of those of these texts that come from a phone that we know."""
    senders = {text.sid: parse_e164(text.from_raw) for text in texts}
    numbers = set(senders.values()) - {None}
    known = set(session.scalars(select(Phone.e164).where(among(Phone.e164, numbers))))
    return {sid for sid, number in senders.items() if number in known}


def unknown_texts(session: Session, numbers: Collection[str]) -> list[Unknown]:
    """Texts to these numbers of which nobody knows whether they went out."""
    rows = session.execute(
        select(Message, Phone.e164)
        .join(Phone, Phone.id == Message.phone_id)
        .where(Message.state == "unknown", among(Phone.e164, numbers))
        .order_by(Message.id)
    )
    return [
        Unknown(row.id, row.attempt, to, row.body, row.lease_until - LEASE, absent=False)
        for row, to in rows
        if row.attempt is not None and row.lease_until is not None
    ]


def texts_without_a_last_word(
    session: Session, sent_since: datetime, sent_until: datetime
) -> list[tuple[int, str]]:
    """Texts that were sent then, and of which nothing was heard since: our id and SID."""
    rows = session.execute(
        select(Message.id, Message.sid)
        .where(
            Message.state == "sent",
            Message.sid.is_not(None),
            Message.sent_at.between(sent_since, sent_until),
        )
        .order_by(Message.id)
        .limit(MOST_OPEN)
    )
    return [(message_id, sid) for message_id, sid in rows if sid is not None]


def unsettled_recordings(
    session: Session, listed: Iterable[ListedRecording]
) -> list[ListedRecording]:
    """Of these voicemails, those of calls of ours of which we do not know how they went."""
    recordings = {each.sid: each for each in listed if each.voicemail}
    for sid in session.scalars(
        select(Recording.sid).where(
            among(Recording.sid, recordings),
            Recording.state.in_(("completed", "absent", "failed")),
        )
    ):
        del recordings[sid]
    ours = known_calls(session, {each.call_sid for each in recordings.values()})
    return [
        each
        for each in recordings.values()
        if each.call_sid in ours and each.state in {"completed", "absent", "failed"}
    ]
