"""One lead: who it is, what can be done, and everything that happened."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from leads import audit, intention, quiet_hours
from leads.dashboard.guard import address
from leads.dashboard.pages import consents, history, texting, words
from leads.dashboard.pages.access import Reader
from leads.dashboard.pages.promise import waiting
from leads.dashboard.pages.rendering import Frame, frame, render, sources
from leads.dashboard.pages.times import Times
from leads.dashboard.security import LIVE_HEADER
from leads.db import transaction
from leads.filling import text_of
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.phone import Phone
from leads.practice import Practice
from leads.reminder import Reminder

router = APIRouter()


@dataclass(frozen=True)
class Typed:
    """A form that was refused: which, why, and what had been typed into it."""

    form: str = ""
    error: str = ""
    values: dict[str, str] = field(default_factory=dict)


@router.get("/leads/{lead_id}")
def lead_page(
    request: Request, lead_id: int, known: Reader, before: int | None = None
) -> HTMLResponse:
    with transaction() as session:
        lead = find(session, lead_id)
        if lead is None:
            return no_such_lead(request, frame(session))
        if LIVE_HEADER not in request.headers:
            audit.record(
                session,
                "lead_viewed",
                staff_id=known.staff_id,
                lead_id=lead.id,
                address=address(request),
            )
        return show(request, session, lead, before=before)


def find(session: Session, lead_id: int) -> Lead | None:
    return session.scalars(
        select(Lead)
        .where(Lead.id == lead_id)
        .options(selectinload(Lead.phones), selectinload(Lead.owner))
    ).one_or_none()


def no_such_lead(request: Request, around: Frame) -> HTMLResponse:
    return render(
        request,
        "error.html",
        404,
        frame=around,
        title="There is no such lead",
        message="It may have been merged or erased. Search for the name or number instead.",
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
    times, practice = around.times, around.practice
    since = lead.needs_callback_since
    past = history.of(session, lead.id, times, before)
    return render(
        request,
        "lead.html",
        status_code,
        frame=around,
        lead=lead,
        source=words.source(lead.source, sources(session)),
        waiting=waiting(practice.hours, practice.promise_minutes, since, times) if since else None,
        history=past,
        upcoming=_upcoming(session, lead, around) if before is None else [],
        unclear=texting.unclear(session, [lead.id]).get(lead.id, []),
        consents=consents.of(session, lead, times),
        caution=_caution(practice, lead.phone, around.now),
        typed=typed or Typed(),
        before=before,
    )


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


def _caution(practice: Practice, phone: Phone | None, now: datetime) -> str:
    """Why no automated text would go to them now; staff are warned, not prevented."""
    if phone is None:
        return ""
    zones = intention.recipient_zones(practice, phone)
    return quiet_hours.why_not(now, zones, practice.window(phone.e164))
