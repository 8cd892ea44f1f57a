"""Changing many leads at once: chosen in the list, confirmed, watched, and told in the end."""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from leads import bulk
from leads.bulk import BulkChange
from leads.dashboard.background import work
from leads.dashboard.guard import address
from leads.dashboard.pages.access import Changer, Reader
from leads.dashboard.pages.lead_list import at_the_desk
from leads.dashboard.pages.navigation import way_back
from leads.dashboard.pages.rendering import frame, render
from leads.db import among, database_time, transaction
from leads.desk import Refused
from leads.lead import Lead
from leads.lead_filter import LeadFilter, fitting

router = APIRouter(prefix="/leads/bulk")
Text = Annotated[str, Form()]
FEW = 50  # as many as one page has: whoever ticked them has seen each


@router.post("")
def change(
    request: Request,
    known: Changer,
    kind: Text = "",
    stage: Text = "",
    owner: Text = "",
    query: Text = "",
    place: Text = "",
    everybody: Text = "",
    lead: Annotated[list[int] | None, Form()] = None,
) -> Response:
    back = way_back(request, "leads", query, place)
    with transaction() as session:
        ids = _fitting(session, query) if everybody == "yes" else lead or []
        if kind not in {"stage", "owner"}:
            raise HTTPException(422)
        value = stage if kind == "stage" else owner
        asked = bulk.ask(session, known.staff_id, kind, value, ids)
        sure = everybody != "yes" and asked.count <= FEW
        if sure:
            bulk.begin(session, asked, address(request))
        change_id = asked.id
    if sure:
        work(f"bulk:{change_id}", lambda: bulk.step(change_id))
    return RedirectResponse(f"/leads/bulk/{change_id}{_query(back)}", 303)


def _query(address: str) -> str:
    """What the list's address has after the question mark: the pages of a change carry it along,
    so that they lead back to that place of the list."""
    _, _, told = address.partition("?")
    return f"?{told}" if told else ""


def _fitting(session: Session, query: str) -> list[int]:
    """Everybody who fits, as far as may be changed at once. Raises Refused."""
    chosen = LeadFilter.read(parse_qsl(query))
    fits = fitting(session, chosen)
    if chosen.problems:
        raise Refused(f"{chosen.problems[0]} Nothing was changed.")
    if fits.partial:
        raise Refused("So many people fit these words that not all were found. Type more of them.")
    wanted = select(Lead.id).where(*fits.conditions).limit(bulk.MOST + 1)
    return list(session.scalars(wanted))


@router.get("")
def back(known: Reader) -> Response:  # noqa: ARG001 - lets staff in
    return RedirectResponse("/leads", 303)


@router.get("/{change_id}")
def show(request: Request, change_id: int, known: Reader) -> HTMLResponse:
    with transaction() as session:
        change = _found(session, change_id, known.staff_id)
        refused: dict[int, str] = dict(change.refusals)
        leads = session.scalars(
            select(Lead).options(selectinload(Lead.phones)).where(among(Lead.id, refused))
        )
        return render(
            request,
            "bulk.html",
            frame=frame(session),
            change=change,
            query=_query(str(request.url)),
            stalled=change.stalled(database_time(session)),
            staff=at_the_desk(session),
            refused=[(lead, refused[lead.id]) for lead in leads],
        )


@router.post("/{change_id}")
def go_on(request: Request, change_id: int, known: Changer) -> Response:
    """Yes, or on with what stood still."""
    with transaction() as session:
        bulk.begin(session, _found(session, change_id, known.staff_id), address(request))
    work(f"bulk:{change_id}", lambda: bulk.step(change_id))
    return RedirectResponse(f"/leads/bulk/{change_id}{_query(str(request.url))}", 303)


def _found(session: Session, change_id: int, staff_id: int) -> BulkChange:
    """Raises HTTPException: of others' changes each lead's own timeline tells."""
    change = session.get(BulkChange, change_id)
    if change is None or change.staff_id != staff_id:
        raise HTTPException(404)
    return change
