"""Tracking numbers: the numbers that callers ring, each saying which page brought them."""

import re
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
from leads.phone_number import possible_e164
from leads.practice import PracticePhone
from leads.settings import settings
from leads.tracking_number import TrackingNumber

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
    number = possible_e164(e164)
    entry.choice("mode", MODES)
    name = entry.line("label", "where the number is shown, such as Google Ads")
    with transaction() as session:
        if number is None:
            entry.errors["e164"] = "Give the number as Twilio shows it, such as +1 425-437-9974."
        elif session.scalar(select(PracticePhone.id).where(PracticePhone.e164 == number)):
            entry.errors["e164"] = (
                "This is a phone that rings at the practice; it cannot be a tracking number too."
            )
        if entry.errors:
            return _page(request, session, entry)
        kept = TrackingNumber.find(session, number)
        if kept is None:
            kept = TrackingNumber(e164=number, source=source(name))
            session.add(kept)
        kept.label, kept.mode, kept.retired_at = name, mode, None
        session.flush()
        record(session, request, known, "numbers", added=kept.id)
    return RedirectResponse("/settings/numbers", 303)


def source(label: str) -> str:
    """`muscle-spasms-page` for `Muscle spasms page`: what reports group by."""
    return re.sub(r"[^a-z0-9]+", "-", label.casefold()).strip("-") or "number"


@router.post("/{number_id}/retirement")
def retire(request: Request, number_id: int, known: AdminChanger) -> Response:
    with transaction() as session:
        number = session.get(TrackingNumber, number_id)
        if number is not None and number.retired_at is None:
            number.retired_at = clock.now(session)
            record(session, request, known, "numbers", retired=number.id)
    return RedirectResponse("/settings/numbers", 303)
