"""Who is on the line right now: the strip on top of every page."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from leads.call import Call
from leads.lead import Lead
from leads.tracking_number import TrackingNumber

# A call whose end was never reported stops ringing here; reconciliation settles it later.
RINGS_AT_MOST = timedelta(minutes=10)


@dataclass(frozen=True)
class Ringer:
    call: Call
    lead: Lead | None
    source: str
    earlier: int


def ringing(session: Session, now: datetime) -> list[Ringer]:
    """Who is on the line right now, with how often they called before."""
    earlier = (
        select(func.count())
        .where(Call.lead_id == Lead.id, Call.outcome != "ringing")
        .correlate(Lead)
        .scalar_subquery()
    )
    found = session.execute(
        select(Call, Lead, func.coalesce(TrackingNumber.label, ""), earlier)
        .outerjoin(Lead, Lead.id == Call.lead_id)
        .outerjoin(TrackingNumber, TrackingNumber.id == Call.tracking_number_id)
        .options(selectinload(Lead.phones))
        .where(
            Call.outcome == "ringing",
            Call.ended_at.is_(None),
            Call.from_raw.is_not(None),
            Call.looped_at.is_(None),
            Call.started_at.between(now - RINGS_AT_MOST, now),
        )
        .order_by(Call.started_at.desc())
        .limit(5)
    )
    return [Ringer(call, lead, source, count or 0) for call, lead, source, count in found]
