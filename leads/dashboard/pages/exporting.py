"""Leads and calls as CSV: streamed, audited, and nothing of who is confidential."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse
from sqlalchemy.orm import Session

from leads import audit, clock, export
from leads.call_filter import CallFilter
from leads.dashboard.guard import address, is_https
from leads.dashboard.pages.access import Changer, Reader
from leads.dashboard.pages.navigation import way_back
from leads.dashboard.security import Viewer
from leads.db import transaction
from leads.desk import Refused
from leads.lead_filter import LeadFilter

router = APIRouter()
Text = Annotated[str, Form()]
BEGUN = "ringback_download"
Pieces = Callable[[Session], Iterator[str]]


@router.post("/leads/export")
def export_leads(
    request: Request,
    known: Changer,
    query: Text = "",
    lead: Annotated[list[int] | None, Form()] = None,
    everybody: Text = "",
    chosen: Text = "",
    place: Text = "",
) -> Response:
    """Those that are ticked, or all that fit; the button for the ticked alone tells `chosen`."""
    way_back(request, "leads", query, place)
    if chosen and not lead and everybody != "yes":
        raise Refused("No lead is chosen. Choose some first; nothing was exported.")
    fits = LeadFilter.read(parse_qsl(query))
    ids = [] if everybody == "yes" else lead or []
    return _stream(request, known, "leads", fits, lambda s: export.leads(s, fits, ids))


@router.post("/calls/export")
def export_calls(request: Request, known: Changer, query: Text = "", place: Text = "") -> Response:
    way_back(request, "calls", query, place)
    chosen = CallFilter.read(parse_qsl(query))
    return _stream(request, known, "calls", chosen, lambda s: export.calls(s, chosen))


@router.get("/leads/export")
def back_to_leads(known: Reader) -> Response:  # noqa: ARG001 - lets staff in
    return RedirectResponse("/leads", 303)


@router.get("/calls/export")
def back_to_calls(known: Reader) -> Response:  # noqa: ARG001 - lets staff in
    return RedirectResponse("/calls", 303)


def _stream(
    request: Request, known: Viewer, what: str, chosen: LeadFilter | CallFilter, pieces: Pieces
) -> Response:
    """Audited before the first row leaves, in a transaction of its own: also what was broken
    off has been seen."""
    opened = ExitStack()
    session = opened.enter_context(transaction())
    try:
        written = pieces(session)
        with transaction() as told:
            day = clock.now(told).date().isoformat()
            audit.record(
                told,
                "exported",
                staff_id=known.staff_id,
                address=address(request),
                what=what,
                fields=sorted({name for name, _ in chosen.pairs}),
            )
    except BaseException as error:
        opened.__exit__(type(error), error, error.__traceback__)
        raise

    def sent() -> Iterator[str]:
        with opened:
            yield from written

    headers = {"Content-Disposition": f'attachment; filename="{what}-{day}.csv"'}
    answer = StreamingResponse(sent(), media_type="text/csv; charset=utf-8", headers=headers)
    # A download leaves the page as it is: by this the page knows that it has begun (progress.js).
    answer.set_cookie(BEGUN, "1", max_age=20, path="/", secure=is_https(), samesite="strict")
    return answer
