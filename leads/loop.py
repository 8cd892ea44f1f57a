"""Our own leg coming back to us as a call: a phone of the practice that forwards to our number."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import greeting
from leads.phone import Phone
from leads.practice import Practice, PracticePhone

if TYPE_CHECKING:
    from leads.call import Call

# A call that ends longer ago than the phones ring, and this, was merely not reported as over.
MARGIN = timedelta(seconds=10)
# When our own leg comes back, we answer it ourselves, at once; a person takes longer.
ANSWER = (timedelta(seconds=-2), timedelta(seconds=5))
# From one phone that gives up to the next one that rings, in turn; Twilio adds about so much.
TURN = timedelta(seconds=5)


def detect(
    session: Session, call: "Call", phone: Phone | None, now: datetime, *, back: bool
) -> None:
    """Notice our own leg coming back as this call, and mark both.

    Surely so when it comes from one of our phones or numbers (`back`). Perhaps so when the same
    number rings a second time while its first call still rings: see `outcome_of`, and `refuted`
    for a first one that merely had not been reported as over. What is said on the call that came
    back, the voicemail above all, belongs to the first one's lead.
    """
    from leads.call import Call  # which asks here

    if back:
        call.looped_at = now
    elif phone is None:
        return
    ring = _longest_ring(session)
    ringing = select(Call).where(
        Call.sid != call.sid,
        Call.direction == "inbound",
        Call.outcome == "ringing",
        # What is found at Twilio afterwards is of then, and not of a call that rings now.
        Call.dialled_at.between(now - ring - MARGIN, now + MARGIN),
        Call.ended_at.is_(None),
        Call.dial_status.is_(None),
    )
    if not back and phone is not None:
        ringing = ringing.where(Call.phone_id == phone.id)
    first = session.scalars(
        ringing.order_by(Call.dialled_at.desc()).limit(1).with_for_update(key_share=True)
    ).first()
    if first is not None:
        call.looped_at = now
        first.looped_at = now
        call.lead_id, call.phone_id = first.lead_id, first.phone_id


def _longest_ring(session: Session) -> timedelta:
    """From a call's arrival until its last phone has given up, greeting and all."""
    practice, phones = Practice.get(session), PracticePhone.ringing(session)
    ring = timedelta(seconds=practice.longest_wait(phones))
    if practice.ring_order == "in_turn":
        ring += TURN * len(phones)
    return ring + timedelta(seconds=greeting.longest_spoken(session, practice))


def refuted(session: Session, call: "Call") -> "Call | None":
    """Whoever rang again had hung up before, which may be told of later: this call had ended when
    the other one came, so neither was ours. Both marks are taken back; the other call, locked."""
    from leads.call import Call  # which asks here

    if call.looped_at is None or call.ended_at is None or call.ended_at >= call.looped_at:
        return None
    again = session.scalars(
        select(Call)
        .where(
            Call.phone_id == call.phone_id,
            Call.looped_at == call.looped_at,
            Call.from_raw == call.from_raw,
            Call.sid != call.sid,
        )
        .with_for_update(key_share=True)
    ).first()
    call.looped_at = None
    if again is not None:
        again.looped_at = None
    return again


def answered_ourselves(call: "Call", accepted_at: datetime) -> bool:
    """Whether it was our own leg, come back to us, that "picked up"."""
    if call.looped_at is None:
        return False
    soonest, latest = ANSWER
    return soonest <= accepted_at - call.looped_at < latest
