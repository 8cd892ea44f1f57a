"""Tracking numbers: the numbers that callers ring, each saying which page brought them."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import clock
from leads.dashboard.pages.access import Admin, AdminChanger
from leads.dashboard.pages.settings.change import Entry, page, record
from leads.dashboard.pages.words import MODES
from leads.db import transaction
from leads.settings import settings
from leads.tracking_number import NumberRefused, TrackingNumber

router = APIRouter(prefix="/numbers")
Text = Annotated[str, Form()]


@router.get("")
def show(request: Request, known: Admin) -> HTMLResponse:  # noqa: ARG001 - lets admins in
    with transaction() as session:
        return _page(request, session, None)


def _page(request: Request, session: Session, entry: Entry | None) -> HTMLResponse:
    numbers = session.scalars(
        select(TrackingNumber).order_by(TrackingNumber.retired_at.is_not(None), TrackingNumber.id)
    ).all()
    public = settings().public_url.rstrip("/")
    return page(request, session, "numbers", entry, numbers=numbers, public_url=public)


@router.post("")
def add(
    request: Request,
    known: AdminChanger,
    e164: Text = "",
    label: Text = "",
    mode: Text = "",
) -> Response:
    entry = Entry({"e164": e164, "label": label, "mode": mode})
    entry.choice("mode", MODES)
    with transaction() as session:
        try:
            name = TrackingNumber.usable_label(label)
        except NumberRefused as refusal:
            entry.errors["label"] = str(refusal)
        try:
            number = TrackingNumber.usable(session, e164)
        except NumberRefused as refusal:
            entry.errors["e164"] = str(refusal)
        if entry.errors:
            return _page(request, session, entry)
        kept = TrackingNumber.add(session, number, name, mode)
        record(session, request, known, "numbers", added=kept.id)
    return RedirectResponse("/settings/numbers", 303)


@router.post("/{number_id}/retirement")
def retire(request: Request, number_id: int, known: AdminChanger) -> Response:
    with transaction() as session:
        number = session.get(TrackingNumber, number_id)
        if number is not None and number.retired_at is None:
            number.retired_at = clock.now(session)
            record(session, request, known, "numbers", retired=number.id)
    return RedirectResponse("/settings/numbers", 303)
