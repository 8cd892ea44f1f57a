"""Saved views of the lists: kept, renamed, shared and deleted."""

from typing import Annotated, get_args
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from leads import audit, saved_view
from leads.dashboard.guard import address
from leads.dashboard.pages.access import Changer, Reader
from leads.dashboard.pages.navigation import way_back
from leads.dashboard.security import Viewer
from leads.db import transaction
from leads.saved_view import List, SavedView

router = APIRouter(prefix="/views")
Text = Annotated[str, Form()]


@router.post("")
def save(
    request: Request,
    known: Changer,
    of: Text = "",
    name: Text = "",
    query: Text = "",
    shared: Text = "",
) -> Response:
    if of not in get_args(List):
        raise HTTPException(422)
    of_list: List = "leads" if of == "leads" else "calls"
    way_back(request, of, query)
    with transaction() as session:
        view = saved_view.save(
            session, known.staff_id, of_list, name, query, shared=shared == "yes"
        )
        _audit(session, request, known, "view_saved", view)
        return RedirectResponse(view.href, 303)


@router.post("/{view_id}/name")
def rename(
    request: Request, view_id: int, known: Changer, name: Text = "", shared: Text = ""
) -> Response:
    with transaction() as session:
        view = _found(session, view_id, known)
        way_back(request, view.list, view.query)
        admin = known.role == "admin"
        saved_view.rename(session, view, known.staff_id, name, shared=shared == "yes", admin=admin)
        _audit(session, request, known, "view_renamed", view)
        return RedirectResponse(view.href, 303)


@router.post("/{view_id}/deletion")
def delete(request: Request, view_id: int, known: Changer) -> Response:
    with transaction() as session:
        view = _found(session, view_id, known)
        way_back(request, view.list, view.query)
        _audit(session, request, known, "view_deleted", view)
        saved_view.delete(session, view, known.staff_id, admin=known.role == "admin")
        return RedirectResponse(f"/{view.list}", 303)


@router.get("")
@router.get("/{view_id}/name")
@router.get("/{view_id}/deletion")
def back(known: Reader) -> Response:  # noqa: ARG001 - lets staff in
    """Somebody reloaded the address of a form that was refused."""
    return RedirectResponse("/leads", 303)


def _found(session: Session, view_id: int, known: Viewer) -> SavedView:
    """Raises HTTPException: others' own views are as if they were not there."""
    view = session.get(SavedView, view_id)
    if view is None or (view.staff_id != known.staff_id and not view.shared):
        raise HTTPException(404)
    return view


def _audit(session: Session, request: Request, known: Viewer, action: str, view: SavedView) -> None:
    audit.record(
        session,
        action,
        staff_id=known.staff_id,
        address=address(request),
        view=view.id,
        list=view.list,
        shared=view.shared,
        # Which fields it narrows by: what is in them may be a name or a number.
        fields=sorted({name for name, _ in parse_qsl(view.query)}),
    )
