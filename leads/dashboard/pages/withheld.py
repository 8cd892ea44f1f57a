"""Calls that belong to no lead: nobody to call back, but somebody spoke."""

from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from leads.call import UNANSWERED, Call
from leads.dashboard.pages.times import Times
from leads.recording import Recording

AT_MOST = 20


@dataclass(frozen=True)
class Nameless:
    call: Call
    voicemail: Recording | None


def today(session: Session, times: Times) -> list[Nameless]:
    """Today's unanswered calls without a number, the newest first."""
    found = session.execute(
        select(Call, Recording)
        .outerjoin(Recording, and_(Recording.call_id == Call.id, Recording.kind == "voicemail"))
        .where(
            Call.lead_id.is_(None),
            Call.heard_at.is_(None),
            or_(Call.looped_at.is_(None), Recording.id.is_not(None)),
            Call.from_raw.is_not(None),
            Call.outcome.in_(UNANSWERED),
            Call.started_at >= times.day_began_at,
        )
        .order_by(Call.started_at.desc())
        .limit(AT_MOST)
    )
    return [Nameless(call, recording) for call, recording in found]
