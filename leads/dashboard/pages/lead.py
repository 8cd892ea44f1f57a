"""One lead: who it is, what can be done, and everything that happened."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from leads import audit, desk, details, inbox, intention
from leads.call import Call
from leads.dashboard.guard import address
from leads.dashboard.pages import consents, history, needs, texting, words
from leads.dashboard.pages.access import Reader
from leads.dashboard.pages.rendering import Frame, frame, render, sources
from leads.dashboard.pages.times import Times
from leads.dashboard.security import LIVE_HEADER, Viewer
from leads.db import transaction
from leads.filling import text_of
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.message import Message
from leads.phone import LeadPhone
from leads.reminder import Reminder
from leads.staff import Staff

router = APIRouter()
MERGED = "They were merged into this lead meanwhile. Nothing was done: look, and do it again here."
# Who calls again within the hour has not come back: it is still the first time.
COMES_BACK = timedelta(hours=12)
MOST_MERGES = 20  # one after another, into one another


@dataclass(frozen=True)
class Typed:
    """A form that was refused: which, why, and what had been typed into it."""

    form: str = ""
    error: str = ""
    values: dict[str, str] = field(default_factory=dict)


@router.get("/leads/{lead_id}")
def lead_page(request: Request, lead_id: int, known: Reader, before: int | None = None) -> Response:
    with transaction() as session:
        lead = find(session, lead_id)
        if lead is None:
            return no_such_lead(request, frame(session))
        if lead.id != lead_id:  # merged into this one
            return RedirectResponse(f"/leads/{lead.id}", 303)
        if LIVE_HEADER not in request.headers:
            viewed(request, session, known, lead)
            inbox.read(session, lead)
        return show(request, session, lead, before=before)


def viewed(request: Request, session: Session, known: Viewer, lead: Lead) -> None:
    """Somebody has opened a page that tells of this lead."""
    audit.record(
        session,
        "lead_viewed",
        staff_id=known.staff_id,
        lead_id=lead.id,
        address=address(request),
        **({"confidential": True} if lead.confidential_at else {}),
    )


def same(lead: Lead, lead_id: int) -> None:
    """What was asked for a lead that was merged meanwhile is not done to the other one. Raises
    desk.Refused."""
    if lead.id != lead_id:
        raise desk.Refused(MERGED)


def find(session: Session, lead_id: int) -> Lead | None:
    """The lead, or the one into which it was merged."""
    for _ in range(MOST_MERGES):
        lead = session.scalars(
            select(Lead)
            .where(Lead.id == lead_id)
            .options(selectinload(Lead.phones), selectinload(Lead.owner))
        ).one_or_none()
        if lead is None or lead.merged_into_id is None:
            return lead
        lead_id = lead.merged_into_id
    return None


def no_such_lead(request: Request, around: Frame) -> HTMLResponse:
    return render(
        request,
        "error.html",
        404,
        frame=around,
        title="There is no such lead",
        message="It may have been erased. Search for the name or number instead.",
    )


def show(
    request: Request,
    session: Session,
    lead: Lead,
    *,
    before: int | None = None,
    typed: Typed | None = None,
    status_code: int = 200,
) -> HTMLResponse:
    around = frame(session)
    times = around.times
    past = history.of(session, lead.id, times, before, request.state.viewer.role)
    return render(
        request,
        "lead.html",
        status_code,
        frame=around,
        lead=lead,
        source=words.source(lead.source, sources(session)),
        needs=needs.of(lead, around),
        history=past,
        returning=_returning(session, lead),
        owners=_owners(session),
        sharing=_sharing(session, lead),
        heard_of_last=Lead.last_of(session, lead.phone.id) if lead.phone else None,
        merged=_merged(session, lead),
        dollars=details.dollars,
        upcoming=_upcoming(session, lead, around) if before is None else [],
        unclear=texting.unclear(session, [lead.id]).get(lead.id, []),
        consents=consents.of(session, lead, times),
        typed=typed or Typed(),
        before=before,
    )


def _returning(session: Session, lead: Lead) -> bool:
    """Whether they got in touch once and then again on another day; a patient has before."""
    if lead.relation == "patient":
        return True
    later = lead.created_at + COMES_BACK
    called = select(Call.id).where(
        Call.lead_id == lead.id, Call.direction == "inbound", Call.started_at > later
    )
    wrote = select(Message.id).where(
        Message.lead_id == lead.id, Message.direction == "inbound", Message.created_at > later
    )
    return bool(session.scalar(select(or_(called.exists(), wrote.exists()))))


def _owners(session: Session) -> list[Staff]:
    """Whose lead it may be."""
    wanted = select(Staff).where(Staff.disabled_at.is_(None), Staff.role.in_(details.OWNERS))
    return list(session.scalars(wanted.order_by(Staff.name, Staff.email)))


def _sharing(session: Session, lead: Lead) -> list[Lead]:
    """Who else has one of their phones."""
    phone_ids = [phone.id for phone in lead.phones]
    if not phone_ids:
        return []
    shares = select(LeadPhone.lead_id).where(LeadPhone.phone_id.in_(phone_ids))
    wanted = select(Lead).where(
        Lead.id.in_(shares), Lead.id != lead.id, Lead.merged_into_id.is_(None)
    )
    return list(
        session.scalars(wanted.options(selectinload(Lead.phones)).order_by(Lead.id).limit(10))
    )


def _merged(session: Session, lead: Lead) -> list[Lead]:
    """Who has become a part of this lead."""
    wanted = select(Lead).where(Lead.merged_into_id == lead.id).order_by(Lead.id)
    return list(session.scalars(wanted.options(selectinload(Lead.phones))))


def _upcoming(session: Session, lead: Lead, around: Frame) -> list[dict[str, Any]]:
    """The texts that will go by themselves, with their words and the time at the recipient."""
    phone, practice = lead.phone, around.practice
    if phone is None:
        return []
    zone = intention.local_zone(practice, phone)
    there = Times(around.now, zone.key)
    found = session.execute(
        select(Reminder, FollowUp)
        .join(FollowUp, FollowUp.id == Reminder.follow_up_id)
        .where(Reminder.lead_id == lead.id, Reminder.state == "scheduled")
        .order_by(Reminder.due_at)
    )
    upcoming = []
    for reminder, run in found:
        plan = run.steps(session)
        step = plan.step(reminder.step)
        # The words as they stand for the moment at which they go.
        text = text_of(practice, step, run.started_at, run.appointment_at, reminder.due_at)
        upcoming.append(
            {
                "reminder": reminder,
                "run": run,
                "steps": len(plan.steps),
                "body": text or step.text,
                "at": there.when(reminder.due_at),
                "elsewhere": _elsewhere(reminder.due_at, zone, practice.zone),
            }
        )
    return upcoming


def _elsewhere(at: datetime, zone: ZoneInfo, ours: str) -> bool:
    """Whether their clocks show another time than ours."""
    return at.astimezone(zone).utcoffset() != at.astimezone(ZoneInfo(ours)).utcoffset()
