"""Whoever says "I call them": nobody else calls the same person meanwhile. Real time."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from leads import clock, desk, moment, timeline
from leads.db import changed, database_time
from leads.lead import Lead
from leads.practice import Practice
from leads.staff import Staff, StaffSession

# A call and its notes; whoever is called away meanwhile blocks nobody for long.
LASTS = timedelta(minutes=15)


class Taken(desk.Refused):
    """A colleague has them; the text says who, and until when on the practice's clock."""


def claim(session: Session, lead: Lead, staff_id: int, now: datetime) -> None:
    """Staff will call them. Raises Taken, and Refused when nobody needs to be called any more."""
    mine_before = lead.claimed_by_id == staff_id
    take(session, lead, staff_id)
    if lead.needs_callback_since is None:
        raise desk.Refused("Somebody has settled this already. There is nobody to call.")
    if not mine_before:
        timeline.note(session, lead.id, now, "claimed", "Will call them.", staff_id=staff_id)


def take(session: Session, lead: Lead, staff_id: int) -> None:
    """Make them this person's for a while, before a call or a text; again is for a while longer.

    One conditional update decides, so that of two who press at once one wins. Raises Taken.
    """
    desk.hold(session, lead)
    now = func.clock_timestamp()
    won = session.scalar(
        update(Lead)
        .where(
            Lead.id == lead.id,
            or_(
                Lead.claimed_until.is_(None),
                Lead.claimed_until < now,
                Lead.claimed_by_id == staff_id,
            ),
        )
        .values(claimed_by_id=staff_id, claimed_until=now + LASTS)
        .returning(Lead.id)
        .execution_options(synchronize_session=False)
    )
    session.refresh(lead, ["claimed_by_id", "claimed_until"])
    if won is None:
        raise Taken(f"{_held(session, lead)} Nothing was changed.")
    changed(session, f"lead:{lead.id}")


def unite(session: Session, kept: Lead, gone: Lead, staff_id: int | None) -> None:
    """Both are to be one lead, and are held: whoever has one of them has the one that is kept.
    Raises Taken when a colleague has either."""
    real = database_time(session)
    for lead in (kept, gone):
        respect(session, lead, staff_id, "Nothing was merged.")
    if gone.claimed_until is not None and gone.claimed_until > (kept.claimed_until or real):
        kept.claimed_by_id, kept.claimed_until = gone.claimed_by_id, gone.claimed_until


def respect(session: Session, lead: Lead, staff_id: int | None, kept: str) -> None:
    """Raises Taken while a colleague has them, which says `kept` of what was asked. Needs the
    lead's lock."""
    until = lead.claimed_until
    if until is None or lead.claimed_by_id == staff_id or until <= database_time(session):
        return
    raise Taken(f"{_held(session, lead)} {kept}")


def _held(session: Session, lead: Lead) -> str:
    holder, real = session.get_one(Staff, lead.claimed_by_id), database_time(session)
    left = (lead.claimed_until or real) - real
    until = (clock.now(session) + left).astimezone(ZoneInfo(Practice.get(session).zone))
    return f"{holder.name or holder.email} has this until {moment.clock(until)}."


def give_back(session: Session, lead: Lead, staff_id: int, now: datetime) -> None:
    """They will not call after all. What a colleague has stays theirs."""
    desk.hold(session, lead)
    if lead.claimed_by_id != staff_id:
        return
    lead.let_go(staff_id)
    words = "Will not call them now."
    timeline.note(session, lead.id, now, "claimed", words, staff_id=staff_id)


def give_all_back(session: Session, staff_id: int) -> None:
    """Somebody signed out, or may sign in no more: what they had taken is free again, unless they
    are signed in elsewhere."""
    signed_in = select(StaffSession.token_digest).where(
        StaffSession.staff_id == staff_id,
        StaffSession.revoked_at.is_(None),
        StaffSession.expires_at > func.clock_timestamp(),
    )
    freed = session.scalars(
        update(Lead)
        .where(Lead.claimed_by_id == staff_id, ~signed_in.exists())
        .values(claimed_by_id=None, claimed_until=None)
        .returning(Lead.id)
        .execution_options(synchronize_session=False)
    )
    for lead_id in freed:
        changed(session, f"lead:{lead_id}")
