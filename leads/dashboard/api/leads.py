"""Leads, listed and in full."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from leads import audit
from leads.call import Call
from leads.dashboard.api import calls, reminders, schemas
from leads.dashboard.api.bearer import Reader, problems
from leads.dashboard.api.paging import Id, Page, Paged, latest
from leads.db import transaction
from leads.lead import Lead, Stage
from leads.message import Message
from leads.phone import LeadPhone, Phone
from leads.phone_number import parse_e164, possible_e164
from leads.reminder import Reminder
from leads.timeline import TimelineEntry

router = APIRouter(tags=["leads"])
SHORTEST_NUMBER_PART = 3  # digits; fewer are in every number


@router.get("/leads", responses=problems())
def list_leads(
    caller: Reader,
    paging: Paged,
    phone: Annotated[str | None, Query(description="In any spelling", max_length=40)] = None,
    stage: Stage | None = None,
    q: Annotated[
        str | None,
        Query(description="Part of a name or of a number", max_length=100, pattern=r"^[^\x00]*$"),
    ] = None,
) -> Page[schemas.Lead]:
    """Newest first."""
    chosen = (
        select(Lead)
        .where(Lead.merged_into_id.is_(None))
        .options(joinedload(Lead.owner), selectinload(Lead.phones))
    )
    if phone is not None:
        chosen = chosen.where(has_phone(Phone.e164 == told_number(phone)))
    if stage is not None:
        chosen = chosen.where(Lead.stage == stage)
    if q and q.strip():
        chosen = chosen.where(matches(q.strip()))
    with transaction() as session:
        rows, following = paging.rows(session, chosen, Lead.id)
        if phone is not None or q:
            audit.record(session, "search", token_id=caller.token_id, address=caller.address)
        return Page(items=[schemas.Lead.of(row) for row in rows], next=following)


def told_number(raw: str) -> str:
    """The E.164 form of what a person typed. Raises HTTPException."""
    e164 = parse_e164(raw) or possible_e164(raw)
    if e164 is None:
        raise HTTPException(422, "`phone` is not a telephone number. Use `q` for a part of one.")
    return e164


def has_phone(fits: ColumnElement[bool]) -> ColumnElement[bool]:
    return Lead.id.in_(select(LeadPhone.lead_id).join(Phone).where(fits))


def matches(q: str) -> ColumnElement[bool]:
    """By name, and by number where there is enough of one."""
    by_name = Lead.name.icontains(q, autoescape=True)
    digits = "".join(character for character in q if character in "0123456789")
    if len(digits) < SHORTEST_NUMBER_PART:
        return by_name
    return or_(by_name, has_phone(Phone.e164.contains(digits)))


@router.get("/leads/{lead_id}", responses=problems(404))
def show_lead(lead_id: Id, caller: Reader) -> schemas.LeadInFull:
    """With calls, messages, reminders and timeline, each oldest first, the latest 500."""
    with transaction() as session:
        lead = found(session, lead_id)
        audit.record(
            session,
            "lead_viewed",
            token_id=caller.token_id,
            lead_id=lead.id,
            address=caller.address,
        )
        told = latest(session, select(Message).where(Message.lead_id == lead.id), Message.id)
        entries = latest(
            session, select(TimelineEntry).where(TimelineEntry.lead_id == lead.id), TimelineEntry.id
        )
        rung = latest(session, select(Call).where(Call.lead_id == lead.id), Call.id)
        due = latest(session, select(Reminder).where(Reminder.lead_id == lead.id), Reminder.id)
        return schemas.LeadInFull.of(
            lead,
            calls=calls.as_told(session, rung),
            messages=[schemas.Message.of(row) for row in told],
            reminders=reminders.as_told(session, due),
            timeline=[schemas.TimelineEntry.of(row) for row in entries],
        )


def found(session: Session, lead_id: int) -> Lead:
    """Raises HTTPException when there is none, or it is a part of another one now."""
    lead = session.get(Lead, lead_id)
    if lead is None:
        raise HTTPException(404, "There is no such lead.")
    if lead.merged_into_id is not None:
        raise HTTPException(404, f"This lead was merged into lead {lead.merged_into_id}.")
    return lead
