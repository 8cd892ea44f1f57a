"""The phones that ring at the practice when somebody calls."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import clock
from leads.dashboard.pages.access import Admin, AdminChanger
from leads.dashboard.pages.settings.change import Entry, page, record
from leads.db import transaction
from leads.practice import PracticePhone
from leads.tracking_number import NumberRefused

router = APIRouter(prefix="/phones")
Text = Annotated[str, Form()]


@router.get("")
def show(request: Request, known: Admin) -> HTMLResponse:  # noqa: ARG001 - lets admins in
    with transaction() as session:
        return _page(request, session, None)


def _page(request: Request, session: Session, entry: Entry | None) -> HTMLResponse:
    phones = session.scalars(
        select(PracticePhone).order_by(PracticePhone.retired_at.is_not(None), PracticePhone.id)
    ).all()
    return page(request, session, "phones", entry, phones=phones)


@router.post("")
def add(
    request: Request,
    known: AdminChanger,
    e164: Text = "",
    label: Text = "",
    kind: Text = "",
    ring_seconds: Text = "",
) -> Response:
    entry = Entry({"e164": e164, "label": label, "kind": kind, "ring_seconds": ring_seconds})
    seconds = entry.number("ring_seconds", 5, 120, "seconds")
    entry.choice("kind", ("desk", "mobile"))
    with transaction() as session:
        try:
            name = PracticePhone.usable_label(label)
        except NumberRefused as refusal:
            entry.errors["label"] = str(refusal)
        try:
            number = PracticePhone.usable(session, e164)
        except NumberRefused as refusal:
            entry.errors["e164"] = str(refusal)
        if entry.errors:
            return _page(request, session, entry)
        phone = PracticePhone.add(session, number, name, kind, seconds)
        record(session, request, known, "phones", added=phone.id)
    return RedirectResponse("/settings/phones", 303)


@router.post("/{phone_id}/retirement")
def retire(request: Request, phone_id: int, known: AdminChanger) -> Response:
    with transaction() as session:
        phone = session.get(PracticePhone, phone_id)
        if phone is not None and phone.retired_at is None:
            phone.retired_at = clock.now(session)
            record(session, request, known, "phones", retired=phone.id)
    return RedirectResponse("/settings/phones", 303)
