"""What the telephone did not bring: somebody at the door, or a call on another line, written down
by staff. It begins no follow-up and writes no consent: nobody agreed to anything by it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from leads import audit, desk, timeline
from leads.call import is_ours
from leads.desk import Refused
from leads.lead import Lead
from leads.phone import LeadPhone, Phone
from leads.phone_number import parse_e164, possible_e164

How = Literal["called", "walked_in", "other"]
HOW: dict[How, str] = {
    "called": "Called (logged by hand)",
    "walked_in": "Walked in",
    "other": "Got in touch (logged by hand)",
}
LONGEST = 2000  # characters of what happened


@dataclass(frozen=True)
class Told:
    """What somebody at the desk writes down. `e164` is empty where the number is not known."""

    how: How
    words: str
    needs_call: bool
    e164: str = ""
    name: str = ""
    source: str = ""


def read_number(session: Session, typed: str) -> str:
    """The number in E.164, empty for none. Raises Refused for what is none, and for our own."""
    if not typed.strip():
        return ""
    e164 = parse_e164(typed) or possible_e164(typed)
    if e164 is None:
        raise Refused(
            "This is not a telephone number. Write it with its area code, or leave it empty."
        )
    if is_ours(session, e164):
        raise Refused("This is one of the clinic's own numbers. Write theirs, or leave it empty.")
    return e164


def known(session: Session, e164: str) -> list[Lead]:
    """The people of this number, the last heard of first."""
    if not e164:
        return []
    return list(
        session.scalars(
            select(Lead)
            .join(LeadPhone)
            .join(Phone, Phone.id == LeadPhone.phone_id)
            .where(Phone.e164 == e164, Lead.merged_into_id.is_(None))
            .options(selectinload(Lead.phones))
            .order_by(Lead.last_activity_at.desc(), Lead.id.desc())
            .limit(10)
        )
    )


def new(session: Session, told: Told, staff_id: int | None, now: datetime) -> Lead:
    """A new lead, even where somebody has the number already: people share phones. Raises Refused
    when nothing says who it is or what happened."""
    name = " ".join(told.name.split())[:200]
    if not name and not told.e164:
        raise Refused("Give a name or a number, so that somebody can find them again.")
    _checked(told)
    phone = Phone.of(session, told.e164) if told.e164 else None
    lead = Lead(name=name, created_at=now, last_activity_at=now, source=told.source)
    session.add(lead)
    session.flush()
    if phone is not None:
        session.add(LeadPhone(lead_id=lead.id, phone_id=phone.id))
    session.flush()
    facts = {"source": told.source, "staff_id": staff_id}
    timeline.note(session, lead.id, now, "lead_created", "Written down by hand.", **facts)
    audit.record(session, "lead_created", staff_id=staff_id, lead_id=lead.id)
    log(session, lead, told, staff_id, now)
    return lead


def log(session: Session, lead: Lead, told: Told, staff_id: int | None, now: datetime) -> None:
    """They got in touch and staff write it down: either they still need a call, or it is settled,
    which ends their follow-up as any talk does. Raises Refused when nothing is said."""
    _checked(told)
    desk.hold(session, lead)
    lead.heard_of(session, now)
    facts = {"staff_id": staff_id, "how": told.how}
    timeline.note(
        session, lead.id, now, "logged", f"{HOW[told.how]}: {told.words.strip()}", **facts
    )
    if told.needs_call:
        desk.needs_a_call(session, lead, staff_id, now)
    else:
        desk.contacted(session, lead, staff_id, now)


def _checked(told: Told) -> None:
    if not told.words.strip():
        raise Refused("Say in a few words what happened.")
    if len(told.words) > LONGEST:
        raise Refused(f"That is longer than {LONGEST:,} characters. Shorten it.")
