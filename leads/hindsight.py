"""What happened to a lead after a moment of which we only hear now: it counts, too."""

from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from leads.timeline import TimelineEntry

# Somebody of the clinic has been in touch with them: whatever came before needs no call.
IN_TOUCH = ("call_answered", "call_out_answered", "contacted", "booked", "closed")
# What ends a follow-up about a missed call, in the words for why there is none.
ENDINGS = {
    "text_in": "they have written to us since.",
    "opted_out": "they asked for no texts.",
    "declined": "they have asked for no texts since.",
    "stopped": "staff have stopped texts to them since.",
    "appointment_missed": "staff have been in touch with them since.",
}


def in_touch_since(session: Session, lead_id: int, at: datetime) -> bool:
    """Whether the clinic spoke with them, or staff wrote to them, after `at`."""
    return _since(session, lead_id, at, IN_TOUCH) is not None


def why_no_follow_up(session: Session, lead_id: int, at: datetime) -> str | None:
    """Why a follow-up about a call that ended at `at` is not begun any more; None if it is."""
    kind = _since(session, lead_id, at, (*IN_TOUCH, *ENDINGS))
    if kind is None:
        return None
    return ENDINGS.get(kind, "the clinic has been in touch with them since.")


def _since(session: Session, lead_id: int, at: datetime, kinds: tuple[str, ...]) -> str | None:
    staff_wrote = and_(TimelineEntry.kind == "text_out", TimelineEntry.facts.op("?")("staff_id"))
    return session.scalars(
        select(TimelineEntry.kind)
        .where(
            TimelineEntry.lead_id == lead_id,
            TimelineEntry.at > at,
            or_(TimelineEntry.kind.in_(kinds), staff_wrote),
        )
        .order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc())
        .limit(1)
    ).first()
