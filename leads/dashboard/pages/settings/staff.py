"""Who may sign in. People are added without a password: they get a link that works once."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import sign_in
from leads.dashboard.pages.access import Admin, AdminChanger
from leads.dashboard.pages.settings.change import Entry, page, record
from leads.dashboard.pages.words import ROLES
from leads.db import transaction
from leads.staff import Staff, StaffRefused, add_staff

router = APIRouter(prefix="/staff")
Text = Annotated[str, Form()]


@router.get("")
def show(request: Request, known: Admin) -> HTMLResponse:  # noqa: ARG001 - lets admins in
    with transaction() as session:
        return _page(request, session, None)


def _page(
    request: Request, session: Session, entry: Entry | None, *, who: str = "", link: str = ""
) -> HTMLResponse:
    members = session.scalars(
        select(Staff).order_by(Staff.disabled_at.is_not(None), Staff.name, Staff.email)
    ).all()
    return page(request, session, "staff", entry, members=members, who=who, link=link)


@router.post("")
def add(
    request: Request, known: AdminChanger, name: Text = "", email: Text = "", role: Text = ""
) -> Response:
    entry = Entry({"name": name, "email": email, "role": role})
    entry.choice("role", ROLES)
    with transaction() as session:
        if not entry.errors:
            try:
                member = add_staff(session, email, role, name=" ".join(name.split())[:100])
            except StaffRefused as refusal:
                entry.errors["email"] = str(refusal)
        if entry.errors:
            return _page(request, session, entry)
        record(session, request, known, "staff", added=member.id, role=role)
        return _with_link(request, session, member)


@router.post("/{staff_id}/link")
def new_link(request: Request, staff_id: int, known: AdminChanger) -> Response:
    with transaction() as session:
        member = session.get(Staff, staff_id)
        if member is None or member.disabled_at is not None:
            return _page(request, session, Entry(errors={"email": "They may not sign in."}))
        record(session, request, known, "staff", linked=member.id)
        return _with_link(request, session, member)


def _with_link(request: Request, session: Session, member: Staff) -> HTMLResponse:
    """The link is shown here once: only its digest is kept."""
    link = sign_in.link_address(sign_in.create_sign_in_link(session, member.id))
    return _page(request, session, None, who=member.name or member.email, link=link)
