"""Every lead, the last heard of first: by stage, or searched by name or any part of a number."""

import re

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import ColumnElement, Select, or_, select, tuple_
from sqlalchemy.orm import selectinload

from leads import audit
from leads.dashboard.guard import address
from leads.dashboard.pages.access import Reader
from leads.dashboard.pages.paging import PER_PAGE, cursor, read_cursor
from leads.dashboard.pages.rendering import frame, render, sources
from leads.dashboard.pages.words import STAGES
from leads.dashboard.security import LIVE_HEADER
from leads.db import transaction
from leads.lead import Lead
from leads.phone import LeadPhone, Phone

router = APIRouter()
FEW_DIGITS = 3  # fewer match half of all numbers


@router.get("/leads")
def lead_list(
    request: Request, known: Reader, stage: str = "", q: str = "", after: str = ""
) -> HTMLResponse:
    stage = stage if stage in STAGES else ""
    q = q.strip()[:100]
    with transaction() as session:
        if q and LIVE_HEADER not in request.headers:
            audit.record(session, "searched", staff_id=known.staff_id, address=address(request))
        found = list(session.scalars(_leads(stage, q, after)))
        more = found[PER_PAGE:]
        found = found[:PER_PAGE]
        return render(
            request,
            "leads.html",
            frame=frame(session),
            leads=found,
            sources=sources(session),
            stage=stage,
            q=q,
            first_page=not after,
            next=cursor(found[-1].last_activity_at, found[-1].id) if more else "",
        )


def _leads(stage: str, q: str, after: str) -> Select[Lead]:
    wanted = (
        select(Lead)
        .options(selectinload(Lead.phones), selectinload(Lead.owner))
        .order_by(Lead.last_activity_at.desc(), Lead.id.desc())
        .limit(PER_PAGE + 1)
    )
    if stage:
        wanted = wanted.where(Lead.stage == stage)
    if q:
        wanted = wanted.where(_matches(q))
    if at := read_cursor(after):
        wanted = wanted.where(tuple_(Lead.last_activity_at, Lead.id) < at)
    return wanted


def _matches(q: str) -> ColumnElement[bool]:
    name = Lead.name.icontains(q, autoescape=True)
    digits = re.sub(r"\D", "", q)
    if len(digits) < FEW_DIGITS or re.search(r"[^\d\s()+.-]", q):
        return name
    # People write +1 or leave it out; numbers are stored with it.
    ten = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    phones = (
        select(LeadPhone.lead_id)
        .join(Phone, Phone.id == LeadPhone.phone_id)
        .where(Phone.e164.contains(ten))
    )
    return or_(name, Lead.id.in_(phones))
