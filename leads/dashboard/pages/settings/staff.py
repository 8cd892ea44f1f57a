"""Who may sign in, and as what. People are added without a password: they get a link that works
once. A change of role, and an end, hold from the next click on; one admin always stays."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import roster, sign_in
from leads.dashboard.pages.access import Admin, AdminChanger
from leads.dashboard.pages.settings.change import Entry, page, record
from leads.dashboard.pages.words import ROLES
from leads.db import transaction
from leads.staff import Staff, StaffRefused, UnknownStaff, add_staff

router = APIRouter(prefix="/staff")
HERE = "/settings/staff"
Text = Annotated[str, Form()]


@router.get("")
def show(request: Request, known: Admin) -> HTMLResponse:  # noqa: ARG001 - lets admins in
    with transaction() as session:
        return _page(request, session, None)


def _page(
    request: Request,
    session: Session,
    entry: Entry | None,
    *,
    who: str = "",
    link: str = "",
    refused: tuple[int, str] = (0, ""),
) -> HTMLResponse:
    """`refused`: who could not be changed, and why."""
    members = session.scalars(
        select(Staff).order_by(Staff.disabled_at.is_not(None), Staff.name, Staff.email)
    ).all()
    return page(
        request,
        session,
        "staff",
        entry,
        members=members,
        signed_in=roster.sessions(session),
        who=who,
        link=link,
        refused=refused,
    )


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


@router.post("/{staff_id}")
def change(
    request: Request, staff_id: int, known: AdminChanger, name: Text = "", role: Text = ""
) -> Response:
    with transaction() as session:
        try:
            altered = roster.change(session, staff_id, name, role)
        except StaffRefused as refusal:
            return _refused(request, session, staff_id, refusal)
        if altered:
            record(session, request, known, "staff", changed=altered, member=staff_id, role=role)
    # Whoever has just given the settings away cannot look at them any more.
    return RedirectResponse("/" if staff_id == known.staff_id and role != "admin" else HERE, 303)


@router.post("/{staff_id}/disabling")
def disable(request: Request, staff_id: int, known: AdminChanger) -> Response:
    with transaction() as session:
        try:
            roster.disable(session, staff_id)
        except StaffRefused as refusal:
            return _refused(request, session, staff_id, refusal)
        record(session, request, known, "staff", disabled=staff_id)
    return RedirectResponse(HERE, 303)


@router.post("/{staff_id}/enabling")
def enable(request: Request, staff_id: int, known: AdminChanger) -> Response:
    with transaction() as session:
        try:
            roster.enable(session, staff_id)
        except StaffRefused as refusal:
            return _refused(request, session, staff_id, refusal)
        record(session, request, known, "staff", enabled=staff_id)
    return RedirectResponse(HERE, 303)


@router.post("/{staff_id}/sign-out")
def sign_out_everywhere(request: Request, staff_id: int, known: AdminChanger) -> Response:
    """But for the browser in which it was pressed, where it is one's own."""
    with transaction() as session:
        ended = sign_in.end_sessions(session, staff_id, known.session_digest)
        record(session, request, known, "staff", signed_out=staff_id, browsers=ended)
    return RedirectResponse(HERE, 303)


@router.post("/{staff_id}/link")
def new_link(request: Request, staff_id: int, known: AdminChanger) -> Response:
    with transaction() as session:
        member = session.get(Staff, staff_id)
        if member is None or member.disabled_at is not None:
            refusal = UnknownStaff("They may not sign in: let them in again first.")
            return _refused(request, session, staff_id, refusal)
        record(session, request, known, "staff", linked=member.id)
        return _with_link(request, session, member)


def _refused(
    request: Request, session: Session, staff_id: int, refusal: StaffRefused
) -> HTMLResponse:
    answer = _page(request, session, None, refused=(staff_id, str(refusal)))
    answer.status_code = 422
    return answer


def _with_link(request: Request, session: Session, member: Staff) -> HTMLResponse:
    """The link is shown here once: only its digest is kept."""
    link = sign_in.link_address(sign_in.create_sign_in_link(session, member.id))
    return _page(request, session, None, who=member.name or member.email, link=link)


def back() -> RedirectResponse:
    """The address of a button, opened as a page."""
    return RedirectResponse(HERE, 303)


for each in ("", "/disabling", "/enabling", "/sign-out", "/link"):
    router.add_api_route("/{staff_id}" + each, back, methods=["GET"])
