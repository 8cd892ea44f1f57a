"""Calls that nobody has to answer: what looks like spam, blocked numbers, and withheld callers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from leads import audit, blocking, clock, desk, spam
from leads.call import UNANSWERED, Call
from leads.dashboard.guard import address
from leads.dashboard.pages.access import Changer, Reader
from leads.dashboard.pages.lead import find, no_such_lead, same
from leads.dashboard.pages.paging import PER_PAGE, cursor, read_cursor
from leads.dashboard.pages.rendering import frame, render
from leads.dashboard.pages.settings.change import Entry
from leads.dashboard.security import Viewer
from leads.db import changed, transaction
from leads.filtering import query
from leads.lead import Lead
from leads.phone import Phone
from leads.recording import Recording
from leads.staff import Staff
from leads.tracking_number import TrackingNumber

router = APIRouter()
Text = Annotated[str, Form()]
SHOWN = {"": "Likely spam", "withheld": "Number withheld", "blocked": "Blocked"}
LOOKED_THROUGH, MOST_LOOKS = 200, 5  # numbers at one look for likely spam, and looks for one page


@dataclass(frozen=True)
class Blocked:
    phone: Phone
    lead: Lead | None
    by: Staff | None
    calls: int
    last_at: datetime | None


@dataclass(frozen=True)
class Nameless:
    call: Call
    voicemail: Recording | None
    number: TrackingNumber | None
    heard_by: Staff | None

    @property
    def waits(self) -> bool:
        return self.call.heard_at is None and self.call.outcome in UNANSWERED


@router.get("/junk")
def junk(
    request: Request,
    known: Reader,  # noqa: ARG001 - lets staff in
    show: str = "",
    after: str = "",
) -> HTMLResponse:
    with transaction() as session:
        return _page(request, session, show if show in SHOWN else "", after)


def _page(
    request: Request, session: Session, show: str, after: str = "", entry: Entry | None = None
) -> HTMLResponse:
    entry, now, before = entry or Entry(), clock.now(session), read_cursor(after)
    rows: list[Any]
    if show == "blocked":
        rows, following = _blocked(session, before)
    elif show == "withheld":
        rows, following = _withheld(session, before)
    else:
        rows, following = _suspects(session, now, before)
    return render(
        request,
        "junk.html",
        422 if entry.errors else 200,
        frame=frame(session),
        shown=SHOWN,
        show=show,
        rows=rows,
        first_page=not after,
        at=f"?{told}" if (told := query([("show", show), ("after", after)])) else "",
        next=cursor(*following) if following else "",
        entry=entry,
    )


def _suspects(
    session: Session, now: datetime, before: tuple[datetime, int] | None
) -> tuple[list[spam.Suspect], tuple[datetime, int] | None]:
    """As many looks as it takes to find somebody, and no more than a page has time for."""
    for _ in range(MOST_LOOKS):
        rows, before = spam.suspects(session, now, before, LOOKED_THROUGH)
        if rows or before is None:
            break
    return rows, before


def _blocked(
    session: Session, before: tuple[datetime, int] | None
) -> tuple[list[Blocked], tuple[datetime, int] | None]:
    wanted = (
        select(Phone, Staff)
        .outerjoin(Staff, Staff.id == Phone.blocked_by_id)
        .where(Phone.blocked_at.is_not(None))
        .order_by(Phone.blocked_at.desc(), Phone.id.desc())
        .limit(PER_PAGE + 1)
    )
    if before is not None:
        wanted = wanted.where(tuple_(Phone.blocked_at, Phone.id) < before)
    found = session.execute(wanted).all()
    page = found[:PER_PAGE]
    phone_ids = [phone.id for phone, _ in page]
    counted = session.execute(
        select(Call.phone_id, func.count(), func.max(Call.started_at))
        .where(Call.phone_id.in_(phone_ids), Call.outcome == "blocked")
        .group_by(Call.phone_id)
    )
    turned_away = {phone_id: (count, last_at) for phone_id, count, last_at in counted}
    leads = spam.leads_of(session, phone_ids)
    rows = [
        Blocked(phone, leads.get(phone.id), by, *turned_away.get(phone.id, (0, None)))
        for phone, by in page
    ]
    last = page[-1][0] if len(found) > PER_PAGE else None
    return rows, (last.blocked_at, last.id) if last and last.blocked_at else None


def _withheld(
    session: Session, before: tuple[datetime, int] | None
) -> tuple[list[Nameless], tuple[datetime, int] | None]:
    wanted = nameless().order_by(Call.started_at.desc(), Call.id.desc()).limit(PER_PAGE + 1)
    if before is not None:
        wanted = wanted.where(tuple_(Call.started_at, Call.id) < before)
    found = session.execute(wanted).all()
    rows = [Nameless(*row) for row in found[:PER_PAGE]]
    last = rows[-1].call if len(found) > PER_PAGE else None
    return rows, (last.started_at, last.id) if last else None


def nameless() -> Select[Call, Recording, TrackingNumber, Staff]:
    """Calls that belong to nobody, as they have no number that could be called."""
    return (
        select(Call, Recording, TrackingNumber, Staff)
        .outerjoin(Recording, and_(Recording.call_id == Call.id, Recording.kind == "voicemail"))
        .outerjoin(TrackingNumber, TrackingNumber.id == Call.tracking_number_id)
        .outerjoin(Staff, Staff.id == Call.heard_by_id)
        .where(
            Call.lead_id.is_(None),
            Call.phone_id.is_(None),
            Call.from_raw.is_not(None),
            Call.direction == "inbound",
            or_(Call.looped_at.is_(None), Recording.id.is_not(None)),
        )
    )


@router.post("/junk/withheld/{call_id}/hearing")
def heard(request: Request, call_id: int, known: Changer, back: Text = "") -> Response:
    with transaction() as session:
        call = session.get(Call, call_id, with_for_update=True)
        if call is not None and call.lead_id is None and call.heard_at is None:
            call.heard_at, call.heard_by_id = clock.now(session), known.staff_id
            changed(session, f"call:{call.id}")
            _audit(session, request, known, "withheld_call_heard", call_id=call.id)
    return RedirectResponse("/" if back == "desk" else "/junk?show=withheld", 303)


@router.post("/junk/numbers")
def block_number(request: Request, known: Changer, number: Text = "", why: Text = "") -> Response:
    entry = Entry({"number": number, "why": why})
    try:
        with transaction() as session:
            now = clock.now(session)
            phone_id = blocking.block_number(session, number[:40], known.staff_id, now, why)
            _audit(session, request, known, "number_blocked", phone_ids=[phone_id], why=why)
    except desk.Refused as refusal:
        entry.errors["why" if why not in blocking.REASONS else "number"] = str(refusal)
        with transaction() as session:
            return _page(request, session, "blocked", entry=entry)
    return RedirectResponse("/junk?show=blocked", 303)


@router.post("/junk/numbers/{phone_id}/unblocking")
def unblock_number(request: Request, phone_id: int, known: Changer) -> Response:
    with transaction() as session:
        if blocking.unblock(session, phone_id, known.staff_id, clock.now(session)):
            _audit(session, request, known, "number_unblocked", phone_ids=[phone_id])
    return RedirectResponse("/junk?show=blocked", 303)


@router.post("/leads/{lead_id}/block")
def block_lead(
    request: Request, lead_id: int, known: Changer, why: Text = "spam", back: Text = ""
) -> Response:
    with transaction() as session:
        lead = find(session, lead_id)
        if lead is None:
            return no_such_lead(request, frame(session))
        same(lead, lead_id)
        now = clock.now(session)
        phone_ids = blocking.block_lead(session, lead, known.staff_id, now, why)
        facts = {"lead_id": lead.id, "phone_ids": phone_ids, "why": why}
        _audit(session, request, known, "number_blocked", **facts)
    return RedirectResponse({"junk": "/junk", "desk": "/"}.get(back, f"/leads/{lead_id}"), 303)


@router.post("/leads/{lead_id}/unblock")
def unblock_lead(request: Request, lead_id: int, known: Changer) -> Response:
    with transaction() as session:
        lead = find(session, lead_id)
        if lead is None:
            return no_such_lead(request, frame(session))
        same(lead, lead_id)
        now = clock.now(session)
        phone_ids = [
            phone.id
            for phone in lead.phones
            if blocking.unblock(session, phone.id, known.staff_id, now)
        ]
        if phone_ids:
            facts = {"lead_id": lead.id, "phone_ids": phone_ids}
            _audit(session, request, known, "number_unblocked", **facts)
    return RedirectResponse(f"/leads/{lead_id}", 303)


@router.get("/leads/{lead_id}/block")
@router.get("/leads/{lead_id}/unblock")
def back_to_lead(lead_id: int, known: Reader) -> Response:  # noqa: ARG001 - lets staff in
    """Somebody reloaded the address of a form."""
    return RedirectResponse(f"/leads/{lead_id}", 303)


@router.get("/junk/numbers")
def back_to_numbers(known: Reader) -> Response:  # noqa: ARG001 - lets staff in
    return RedirectResponse("/junk?show=blocked", 303)


def _audit(session: Session, request: Request, known: Viewer, action: str, **facts: Any) -> None:
    lead_id = facts.pop("lead_id", None)
    audit.record(
        session, action, staff_id=known.staff_id, lead_id=lead_id, address=address(request), **facts
    )
