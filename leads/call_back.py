"""A call back by click as it goes on: whatever of it is told first, live or found afterwards.

`ringing` until it is known to be `answered` (they picked up), `no_answer` (they were rung) or
`not_dialled` (nobody took the call at the clinic, so they never were). Answered by their mailbox
counts as answered: the line does not say which. Staff put them back on the list by one click.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from leads import call as calls
from leads import desk, follow_up, placing, timeline
from leads.call import FINAL, Call, CallLeg
from leads.db import changed, database_time
from leads.lead import Lead
from leads.listed import ListedCall
from leads.outbound_call import OutboundCall
from leads.placing import AlreadyPlaced

LATELY = timedelta(hours=12)  # so long a call may turn out to have reached a mailbox
SENTENCES = {
    "answered": "Rang them: they answered.",
    "no_answer": "Rang them: no answer.",
    "not_dialled": "Not called: nobody took the call at {phone}.",
}
KINDS = {
    "answered": "call_out_answered",
    "no_answer": "call_out_no_answer",
    "not_dialled": "call_out_failed",
}
MAILBOX = "Rang them: it was their mailbox."
GONE = "The telephone service has no record of how this call ended: it counts as over."


def dialled(session: Session, call: Call, now: datetime) -> None:
    """Somebody at the clinic took the call: now the lead's phone rings."""
    call.dialled_at = call.dialled_at or now
    settle(session, call, now)


def leg(
    session: Session, call: Call, leg_sid: str, status: str, seconds: int | None, now: datetime
) -> None:
    """The lead's phone rings, is picked up, or gives up."""
    row = calls.leg(session, call.sid, leg_sid, None)
    row.asks_for_key = False  # the clinic's phone was asked, where it is a mobile
    if row.status not in FINAL:
        calls.leg_changed(row, status, seconds, now)
    settle(session, call, now)


def dial_ended(
    session: Session,
    call: Call,
    status: str,
    leg_sid: str,
    *,
    bridged: bool,
    seconds: int | None,
    now: datetime,
) -> None:
    """The result of ringing the lead's phone."""
    call.dialled_at = call.dialled_at or now
    call.dial_status = status
    if status in {"completed", "answered"} and bridged and leg_sid:
        row = calls.leg(session, call.sid, leg_sid, None)
        row.asks_for_key = False
        row.talk_seconds = seconds if seconds is not None else row.talk_seconds
        calls.accept(row, now)
    settle(session, call, now)


def ended(session: Session, call: Call, now: datetime) -> None:
    """The clinic's phone hung up, or never took the call."""
    calls.end(call, now)
    settle(session, call, now)


def settle(session: Session, call: Call, now: datetime) -> None:
    """Work out the outcome again, and do once for the lead what a new one means."""
    session.flush()
    legs = session.scalars(select(CallLeg).where(CallLeg.call_sid == call.sid)).all()
    call.outcome = _outcome(call, legs)
    if call.outcome == "answered":
        accepted = [row.accepted_at for row in legs if row.accepted_at is not None]
        call.answered_at = call.answered_at or min(accepted)
        call.talk_seconds = max((row.talk_seconds or 0 for row in legs), default=0)
    changed(session, f"call:{call.id}")
    if call.ended_at is not None:
        session.execute(
            update(OutboundCall)
            .where(OutboundCall.sid == call.sid, OutboundCall.over_at.is_(None))
            .values(over_at=database_time(session))
        )
    if call.lead_id is None or call.outcome == call.outcome_told or call.outcome == "ringing":
        return
    call.outcome_told = call.outcome
    _tell(session, call, call.lead_id, now)


def _outcome(call: Call, legs: Sequence[CallLeg]) -> str:
    if any(row.accepted_at is not None for row in legs):
        return "answered"
    if call.dial_status is not None or any(row.status in FINAL for row in legs):
        return "no_answer"
    if call.ended_at is not None and call.dialled_at is None:
        return "not_dialled"
    return "ringing"  # it may have ended: how they were reached is still on its way


def _tell(session: Session, call: Call, lead_id: int, now: datetime) -> None:
    words = SENTENCES[call.outcome].format(phone=_rang(session, call))
    kind = KINDS[call.outcome]
    timeline.note(session, lead_id, now, kind, words, call_id=call.id, staff_id=call.staff_id)
    lead = session.get_one(Lead, lead_id)
    if call.outcome != "answered":
        lead.let_go(call.staff_id)  # free for whoever tries next
    if call.outcome == "not_dialled":
        return
    lead.last_activity_at = max(lead.last_activity_at, now)
    if call.outcome == "no_answer":
        return
    # Who got in touch again after this call waits for another one.
    if lead.needs_callback_since is None or lead.needs_callback_since <= now:
        lead.called_back(session, now)
    follow_up.end(session, now, "contacted", lead_id=lead_id, begun_by=now)


def _rang(session: Session, call: Call) -> str:
    told = session.scalars(select(OutboundCall).where(OutboundCall.sid == call.sid)).one_or_none()
    return told.rings if told else "the practice's phone"


def was_mailbox(session: Session, lead: Lead, staff_id: int | None, now: datetime) -> None:
    """Whoever called them reached a mailbox alone: they need a call as before. Raises Refused."""
    desk.hold(session, lead)
    told = session.scalars(
        select(OutboundCall)
        .join(Call, Call.sid == OutboundCall.sid)
        .where(Call.lead_id == lead.id, Call.outcome == "answered", Call.started_at > now - LATELY)
        .order_by(Call.started_at.desc())
        .limit(1)
    ).one_or_none()
    if told is None or lead.needs_callback_since is not None:
        raise desk.Refused("They are on the list already, or nobody called them lately by click.")
    lead.needs_callback(session, told.waited_since or now)
    timeline.note(session, lead.id, now, "rang", MAILBOX, staff_id=staff_id, result="message")


# Found at the telephone service afterwards.


def known(session: Session, sid: str) -> bool:
    return session.scalar(select(Call.id).where(Call.sid == sid)) is not None


def found(session: Session, real: ListedCall, practice: ListedCall) -> bool:
    """A call from one of our numbers that we know nothing of: one that was made by click, and
    whose CallSid never reached us; else none of ours. Raises Overtaken."""
    id_ = placing.match(session, real)
    if id_ is None:
        return False
    with suppress(AlreadyPlaced):  # a webhook told of it meanwhile
        placing.adopt(session, id_, practice.sid, practice.started_at, guessed=True)
    return True


def over(
    session: Session,
    call: Call,
    listed: ListedCall | None,
    legs: Sequence[ListedCall],
    at: datetime,
) -> bool:
    """The lead's phone gave up or hung up, and with `listed` all of it is over; whether any of
    that is news."""
    before = (call.ended_at, call.dial_status, call.outcome)
    for each in legs:
        row = calls.leg(session, call.sid, each.sid, None)
        row.asks_for_key = False
        call.dialled_at = call.dialled_at or each.started_at
        if row.status not in FINAL:
            calls.leg_changed(row, each.status, each.seconds, each.picked_up_at)
    if listed is not None:
        calls.end(call, at)
        if call.dialled_at is not None and call.dial_status is None:
            ends = [each.status for each in legs]
            call.dial_status = ends[-1] if ends else "canceled"
    settle(session, call, at)
    return (call.ended_at, call.dial_status, call.outcome) != before


def gone(session: Session, call: Call) -> None:
    """Nobody knows any more how it ended."""
    at = call.started_at
    calls.end(call, at)
    if call.dialled_at is not None:
        call.dial_status = call.dial_status or "canceled"
    settle(session, call, at)
    if call.lead_id is not None:
        timeline.note(session, call.lead_id, at, "needs_review", GONE, call_id=call.id)
