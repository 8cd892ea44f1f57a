"""Two leads that are one person, or one lead that is two: each shown before it happens."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from leads import audit, clock, merge, search, split, unmerge
from leads.call import Call
from leads.dashboard.guard import address
from leads.dashboard.pages import history
from leads.dashboard.pages.access import Changer, Reader
from leads.dashboard.pages.lead import find, no_such_lead, viewed
from leads.dashboard.pages.rendering import frame, render
from leads.dashboard.security import LIVE_HEADER
from leads.db import transaction
from leads.desk import Refused
from leads.lead import Lead
from leads.message import Message
from leads.timeline import TimelineEntry

router = APIRouter(prefix="/leads/{lead_id}")
Ids = Annotated[list[int], Form()]
Text = Annotated[str, Form()]


@router.get("/merge")
def merge_page(
    request: Request,
    lead_id: int,
    known: Reader,
    other: Annotated[int | None, Query(alias="with")] = None,
    q: str = "",
) -> Response:
    """Who may be the same person; with one chosen, what the merge would do."""
    with transaction() as session:
        if q.strip() and LIVE_HEADER not in request.headers:
            audit.record(session, "searched", staff_id=known.staff_id, address=address(request))
        return _merging(request, session, lead_id, other, q.strip()[:100])


@router.post("/merge")
def merged(
    request: Request, lead_id: int, known: Changer, other: Annotated[int, Form()]
) -> Response:
    try:
        with transaction() as session:
            kept, gone = find(session, lead_id), find(session, other)
            if kept is None or gone is None:
                return no_such_lead(request, frame(session))
            merge.merge(session, kept, gone, known.staff_id, clock.now(session))
            return RedirectResponse(f"/leads/{kept.id}", 303)
    except Refused as refusal:
        with transaction() as session:
            return _merging(request, session, lead_id, other, "", str(refusal))


def _merging(
    request: Request,
    session: Session,
    lead_id: int,
    other: int | None,
    q: str,
    error: str = "",
) -> Response:
    lead = find(session, lead_id)
    gone = find(session, other) if other is not None else None
    if lead is None:
        return no_such_lead(request, frame(session))
    if gone is not None and gone.id == lead.id:  # merged meanwhile, by somebody else
        return RedirectResponse(f"/leads/{lead.id}", 303)
    around, result = frame(session), None
    if gone is not None:
        try:
            result = merge.look(session, lead, gone, around.now)
        except Refused as refusal:
            error = error or str(refusal)
    return render(
        request,
        "lead_merge.html",
        422 if error and request.method == "POST" else 200,
        frame=around,
        lead=lead,
        gone=gone,
        result=result,
        error=error,
        told=merge.told,
        counts=_counts(session, gone) if gone else (0, 0),
        q=q,
        candidates=merge.candidates(session, lead) if gone is None else [],
        found=_search(session, lead, q) if q and gone is None else [],
    )


def _counts(session: Session, lead: Lead) -> tuple[int, int]:
    """How many calls and texts come along."""
    calls = select(func.count()).where(Call.lead_id == lead.id)
    texts = select(func.count()).where(Message.lead_id == lead.id)
    return session.scalars(calls).one(), session.scalars(texts).one()


def _search(session: Session, lead: Lead, q: str) -> list[Lead]:
    """By name, or by a part of the number."""
    fits = search.find_people(session, q).lead_ids
    return list(
        session.scalars(
            select(Lead)
            .where(Lead.id.in_(fits), Lead.id != lead.id, Lead.merged_into_id.is_(None))
            .options(selectinload(Lead.phones))
            .order_by(Lead.last_activity_at.desc(), Lead.id.desc())
            .limit(10)
        )
    )


@router.get("/split")
def split_page(request: Request, lead_id: int, known: Reader) -> HTMLResponse:
    """What happened, to choose from, and the merges that can be undone. It shows what they wrote,
    so it is audited as the lead's own page is."""
    with transaction() as session:
        lead = find(session, lead_id)
        if lead is not None:
            viewed(request, session, known, lead)
        return _splitting(request, session, lead_id)


@router.post("/split")
def to_split(
    request: Request,
    lead_id: int,
    known: Changer,
    entries: Ids = [],  # noqa: B006 - FastAPI copies it
    name: Text = "",
    later: Text = "new",
    sure: Text = "",
) -> Response:
    """First what it would do; with `sure`, do it."""
    try:
        with transaction() as session:
            lead = find(session, lead_id)
            if lead is None:
                return no_such_lead(request, frame(session))
            if sure != "yes":
                things, chosen = split.look(session, lead, entries)
                return _splitting(request, session, lead_id, chosen, things, name, later)
            new = split.split(
                session,
                lead,
                entries,
                name,
                known.staff_id,
                clock.now(session),
                later_calls_to_new=later == "new",
            )
            return RedirectResponse(f"/leads/{new.id}", 303)
    except Refused as refusal:
        with transaction() as session:
            return _splitting(request, session, lead_id, name=name, later=later, error=str(refusal))


def _splitting(
    request: Request,
    session: Session,
    lead_id: int,
    chosen: list[TimelineEntry] | None = None,
    things: split.Things | None = None,
    name: str = "",
    later: str = "new",
    error: str = "",
) -> HTMLResponse:
    lead = find(session, lead_id)
    around = frame(session)
    if lead is None:
        return no_such_lead(request, around)
    return render(
        request,
        "lead_split.html",
        422 if error else 200,
        frame=around,
        lead=lead,
        history=history.to_choose_from(session, lead.id, around.times, request.state.viewer.role),
        chosen=chosen or [],
        things=things,
        name=name,
        later=later,
        error=error,
        merges=unmerge.merges(session, lead),
        told=merge.told,
    )


@router.post("/separation")
def separated(
    request: Request, lead_id: int, known: Changer, other: Annotated[int, Form()]
) -> Response:
    """Undo the merge that made `other` a part of this lead."""
    try:
        with transaction() as session:
            kept, gone = session.get(Lead, lead_id), session.get(Lead, other)
            if kept is None or gone is None:
                return no_such_lead(request, frame(session))
            unmerge.undo(session, kept, gone, known.staff_id, clock.now(session))
            return RedirectResponse(f"/leads/{gone.id}", 303)
    except Refused as refusal:
        with transaction() as session:
            return _splitting(request, session, lead_id, error=str(refusal))


@router.get("/separation")
def back_to_split(lead_id: int, known: Reader) -> Response:  # noqa: ARG001 - lets staff in
    """Somebody came back to the address of a button."""
    return RedirectResponse(f"/leads/{lead_id}/split", 303)
