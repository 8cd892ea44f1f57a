"""Tokens of the JSON API: made here, shown once, revoked at once. Each is audited."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import api_token
from leads.dashboard.guard import address
from leads.dashboard.pages.access import Admin, AdminChanger
from leads.dashboard.pages.settings.change import Entry, page
from leads.db import changed, transaction
from leads.staff import APIToken, StaffRefused
from leads.tracking_number import NumberRefused, one_line

router = APIRouter(prefix="/tokens")
HERE = "/settings/tokens"
SCOPES = {
    "read": ("Read", "Leads, calls and texts, with names and numbers. Changes nothing."),
    "write": ("Write", "As above, and what the desk does: contacted, booked, texts, notes."),
    "admin": ("Admin", "As above, and plans."),
}
Text = Annotated[str, Form()]


@router.get("")
def show(request: Request, known: Admin) -> HTMLResponse:  # noqa: ARG001 - lets admins in
    with transaction() as session:
        return _page(request, session, None)


def _page(
    request: Request, session: Session, entry: Entry | None, *, called: str = "", token: str = ""
) -> HTMLResponse:
    tokens = session.scalars(
        select(APIToken).order_by(APIToken.revoked_at.is_not(None), APIToken.id.desc()).limit(100)
    ).all()
    facts = {"tokens": tokens, "scopes": SCOPES, "called": called, "token": token}
    return page(request, session, "tokens", entry, **facts)


@router.post("")
def create(
    request: Request, known: AdminChanger, name: Text = "", scope: Text = ""
) -> HTMLResponse:
    entry = Entry({"name": name, "scope": scope})
    entry.choice("scope", SCOPES)
    with transaction() as session:
        try:
            called = one_line(name, "a name for the token, to know it by later")
            if not entry.errors:
                made = api_token.create_token(
                    session, called, scope, staff_id=known.staff_id, address=address(request)
                )
        except (NumberRefused, StaffRefused) as refusal:
            entry.errors["name"] = str(refusal)
        if entry.errors:
            return _page(request, session, entry)
        changed(session, "settings")
        return _page(request, session, None, called=called, token=made)


@router.post("/{token_id}/revocation")
def revoke(request: Request, token_id: int, known: AdminChanger) -> Response:
    with transaction() as session:
        try:
            api_token.revoke(session, token_id, staff_id=known.staff_id, address=address(request))
        except api_token.UnknownToken as refusal:
            return _page(request, session, Entry(errors={"token": str(refusal)}))
        changed(session, "settings")
    return RedirectResponse(HERE, 303)


@router.get("/{token_id}/revocation")
def back(known: Admin) -> RedirectResponse:  # noqa: ARG001 - lets admins in
    """The address of a button, opened as a page."""
    return RedirectResponse(HERE, 303)
