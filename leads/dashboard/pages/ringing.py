"""Who is on the line right now: the strip on top of every page."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, selectinload

from leads import last_seen
from leads.call import Call, CallLeg
from leads.dashboard.pages import last_words
from leads.dashboard.pages.last_words import Words
from leads.last_seen import Seen
from leads.lead import Lead
from leads.practice import PracticePhone
from leads.staff import Staff
from leads.tracking_number import TrackingNumber

# A call whose end was never reported stops ringing here; reconciliation settles it later.
RINGS_AT_MOST = timedelta(minutes=10)
TALKS_AT_MOST = timedelta(hours=1)
OVER = ("completed", "busy", "failed", "no-answer", "canceled")
SHOWN = 5  # lines; nobody looks at a sixth


@dataclass(frozen=True)
class Ringer:
    call: Call
    lead: Lead | None
    source: str
    earlier: int
    by: str  # who called them, where it was us
    phones: list[str] = field(default_factory=list)  # that ring, or that was picked up
    seen: Seen = field(default_factory=Seen)
    last_words: Words | None = None

    @property
    def talking(self) -> bool:
        return self.call.outcome == "answered"

    @property
    def standing(self) -> str:
        """Whoever stands in a list that was imported, and was never heard of, is merely known."""
        if not self.call.returning:
            return "New"
        wrote = self.last_words is not None and self.last_words.kind != "note"
        return "Returning" if self.earlier > 0 or wrote or self.seen != Seen() else "Known"


def ringing(session: Session, now: datetime) -> list[Ringer]:
    """Who rings or talks right now, with what to know before picking up."""
    earlier = (
        select(func.count())
        .where(Call.lead_id == Lead.id, Call.direction == "inbound", Call.outcome != "ringing")
        .correlate(Lead)
        .scalar_subquery()
    )
    found = session.execute(
        select(Call, Lead, func.coalesce(TrackingNumber.label, ""), Staff, earlier)
        .outerjoin(Lead, Lead.id == Call.lead_id)
        .outerjoin(TrackingNumber, TrackingNumber.id == Call.tracking_number_id)
        .outerjoin(Staff, Staff.id == Call.staff_id)
        .options(selectinload(Lead.phones))
        .where(
            _under_way(now),
            Call.ended_at.is_(None),
            Call.from_raw.is_not(None),
            Call.looped_at.is_(None),
        )
        .order_by(Call.started_at.desc())
        .limit(SHOWN)
    ).all()
    if not found:
        return []
    leads = {lead.id: lead for _, lead, *_ in found if lead is not None}
    phones = _phones(session, {call.sid: call.outcome == "answered" for call, *_ in found})
    seen, said = last_seen.of(session, leads.values(), now), last_words.of(session, leads)
    return [
        Ringer(
            call=call,
            lead=lead,
            source=source,
            # The call that is being answered is none of those before it.
            earlier=(count or 0) - (call.outcome == "answered" and call.direction == "inbound"),
            by=(staff.name or staff.email) if staff else "",
            phones=phones.get(call.sid, []),
            seen=seen[lead.id] if lead else Seen(),
            last_words=said.get(lead.id) if lead else None,
        )
        for call, lead, source, staff, count in found
    ]


def _under_way(now: datetime) -> ColumnElement[bool]:
    rings = and_(Call.outcome == "ringing", Call.started_at >= now - RINGS_AT_MOST)
    return and_(
        Call.started_at.between(now - TALKS_AT_MOST, now), or_(rings, Call.outcome == "answered")
    )


def _phones(session: Session, answered: dict[str, bool]) -> dict[str, list[str]]:
    """The practice's phones of these calls, by CallSid: who picked up, or else whom it rings."""
    found = session.execute(
        select(CallLeg, PracticePhone)
        .join(PracticePhone, PracticePhone.id == CallLeg.practice_phone_id)
        .where(CallLeg.call_sid.in_(answered))
        .order_by(PracticePhone.position, PracticePhone.id)
    )
    phones: dict[str, list[str]] = {}
    for leg, phone in found:
        wanted = leg.accepted_at is not None if answered[leg.call_sid] else leg.status not in OVER
        if wanted:
            phones.setdefault(leg.call_sid, []).append(phone.label or phone.e164)
    return phones
