"""Calls that were found at Twilio afterwards and of which it does not say whether a person took
them: a phone that asks for a key was picked up, perhaps by its mailbox. Staff know."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import call as calls
from leads import late_call, timeline
from leads.call import Call, CallLeg
from leads.db import changed


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
