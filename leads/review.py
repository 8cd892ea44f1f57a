"""Calls of which it is not known whether a person took them, because they were found at Twilio
afterwards or the news of the key could not be acted on: a phone that asks for one was picked up,
perhaps by its mailbox. Staff know."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import call as calls
from leads import late_call, timeline
from leads.call import Call, CallLeg
from leads.db import changed

CONNECTED = (
    "Twilio says that a phone took this call, and nothing is known here of its key: please check, "
    "and call back if nobody spoke with them. No text goes."
)


def ask(session: Session, call: Call, now: datetime) -> None:
    """Let staff say whether it was answered. Until then, and whatever they say, it begins no
    follow-up: who has spoken with us is not told that they were missed."""
    if call.outcome == "answered" or call.follow_up_decided_at is not None:
        return
    call.needs_review_at = call.follow_up_decided_at = now
    changed(session, f"call:{call.id}")
    if call.lead_id is not None:
        timeline.note(session, call.lead_id, now, "needs_review", CONNECTED, call_id=call.id)


def decide(
    session: Session, call_id: int, staff_id: int | None, now: datetime, *, answered: bool
) -> bool:
    """Staff say whether somebody spoke with the caller; False when it is decided already.

    A call that was answered is settled as of its own time: what happened since then stays. One that
    was not stays on the list of people to call. Raises Overtaken.
    """
    sid = session.scalar(select(Call.sid).where(Call.id == call_id))
    if sid is None:
        return False
    call = calls.find(session, sid, now)
    if call.needs_review_at is None:
        return False
    call.needs_review_at = None
    changed(session, f"call:{call.id}")
    if answered:
        _accept(session, call, now)
    if call.lead_id is not None:
        words = "somebody spoke with them on this call" if answered else "nobody took this call"
        told = {"staff_id": staff_id, "call_id": call.id}
        timeline.note(session, call.lead_id, now, "reviewed", f"Staff say that {words}.", **told)
    return True


def _accept(session: Session, call: Call, now: datetime) -> None:
    """The phone that talked longest is the one that took it."""
    ended_at = call.ended_at or now
    rung = session.scalars(
        select(CallLeg)
        .where(CallLeg.call_sid == call.sid)
        .order_by(CallLeg.talk_seconds.desc().nulls_last())
        .limit(1)
        .with_for_update()
    ).first()
    if rung is None:
        rung = CallLeg(sid=f"review:{call.sid}", call_sid=call.sid, asks_for_key=True)
        session.add(rung)
    calls.accept(rung, ended_at - timedelta(seconds=rung.talk_seconds or 0))
    late_call.over(session, call.sid, None, (), ended_at)
