"""When somebody was last in, and when staff last spoke with them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from leads import call_back, desk
from leads.call import Call
from leads.lead import Lead
from leads.timeline import TimelineEntry

NOT_KEPT = ("appointment_cancelled", "appointment_missed")
KINDS = (
    *("booked", "appointment_change", "appointment_confirmed", "logged"),
    *("rang", "contacted", "call_out_answered", *NOT_KEPT),
)


@dataclass(frozen=True)
class Seen:
    """Practice time; None where nothing tells."""

    visit_at: datetime | None = None
    spoke_at: datetime | None = None


def of(session: Session, leads: Collection[Lead], now: datetime) -> dict[int, Seen]:
    """By lead, for a handful: all that each of them ever booked is read."""
    told = _told(session, [lead.id for lead in leads])
    mailboxes = [call_id for entries in told.values() for call_id in _mailboxes(entries)]
    answered = _answered(session, [lead.id for lead in leads], mailboxes)
    return {
        lead.id: Seen(
            max(_visits(lead, told.get(lead.id, []), now), default=None),
            max([*answered.get(lead.id, []), *_spoken(told.get(lead.id, []))], default=None),
        )
        for lead in leads
    }


def _told(session: Session, lead_ids: list[int]) -> dict[int, list[TimelineEntry]]:
    entries = session.scalars(
        select(TimelineEntry)
        .where(TimelineEntry.lead_id.in_(lead_ids), TimelineEntry.kind.in_(KINDS))
        .order_by(TimelineEntry.lead_id, TimelineEntry.at, TimelineEntry.id)
    )
    return {lead_id: [*theirs] for lead_id, theirs in groupby(entries, lambda each: each.lead_id)}


def _mailboxes(entries: Iterable[TimelineEntry]) -> Iterator[int]:
    """Calls by us that count as answered, and of which staff said afterwards what answered."""
    last = None
    for entry in entries:
        if entry.kind == "call_out_answered":
            last = entry.facts.get("call_id")
        elif entry.kind == "rang" and entry.text == call_back.MAILBOX and last is not None:
            yield last


def _answered(
    session: Session, lead_ids: list[int], mailboxes: list[int]
) -> dict[int, list[datetime]]:
    found = session.execute(
        select(Call.lead_id, func.max(Call.answered_at))
        .where(
            Call.lead_id.in_(lead_ids),
            Call.outcome == "answered",
            Call.ended_at.is_not(None),
            Call.id.not_in(mailboxes),
        )
        .group_by(Call.lead_id)
    )
    return {lead_id: [at] for lead_id, at in found if lead_id is not None and at is not None}


def _visits(lead: Lead, entries: Iterable[TimelineEntry], now: datetime) -> Iterator[datetime]:
    """Walk-ins, and appointments that came while they stood: not moved, missed or called off
    before, and no other time asked for. What is ahead now hides none that came before."""
    at, asked = lead.appointment_at, lead.appointment_change_asked_at is not None
    if at is not None and at <= now and not asked:
        yield at
    at, asked = None, False
    for entry in entries:
        if entry.kind == "logged" and entry.facts.get("how") == "walked_in":
            yield entry.at
        elif entry.kind in ("appointment_change", "appointment_confirmed"):
            asked = entry.kind == "appointment_change"
        elif entry.kind in NOT_KEPT:
            at = None
        elif entry.kind == "booked" and (booked := _moment(entry)) != at:
            if at is not None and at <= entry.at and not asked:
                yield at
            at, asked = booked, False
    if at is not None and at <= now and not asked:
        yield at


def _moment(entry: TimelineEntry) -> datetime | None:
    told = entry.facts.get("appointment_at")
    return datetime.fromisoformat(told) if told else None


def _spoken(entries: Iterable[TimelineEntry]) -> Iterator[datetime]:
    """What no telephone here knows: staff say that they spoke with them."""
    for entry in entries:
        rang = entry.kind == "rang" and entry.facts.get("result") == "spoke"
        if rang or (entry.kind == "contacted" and entry.text == desk.SPOKE):
            yield entry.at
