"""Tracking numbers: the numbers that callers ring, each saying which page brought them."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import clock, greeting
from leads.dashboard.pages.access import Admin, AdminChanger
from leads.dashboard.pages.settings import meanwhile
from leads.dashboard.pages.settings.change import Entry, page, record
from leads.dashboard.pages.words import MODES
from leads.db import transaction
from leads.practice import Practice
from leads.settings import settings
from leads.tracking_number import NumberRefused, TrackingNumber, source_of

router = APIRouter(prefix="/numbers")
Text = Annotated[str, Form()]
Was = Annotated[str | None, Form()]
SLOWEST, FASTEST = 1, 100  # texts a second, as Twilio allows a sender


@router.get("")
def show(request: Request, known: Admin) -> HTMLResponse:  # noqa: ARG001 - lets admins in
    with transaction() as session:
        return _page(request, session, None)


def _page(
    request: Request, session: Session, entry: Entry | None, edited: int | None = None
) -> HTMLResponse:
    """`edited`: the number whose form was refused; its fields hold what was typed."""
    numbers = session.scalars(
        select(TrackingNumber).order_by(TrackingNumber.retired_at.is_not(None), TrackingNumber.id)
    ).all()
    public = settings().public_url.rstrip("/")
    entry = entry or Entry()
    return page(
        request,
        session,
        "numbers",
        entry,
        numbers=numbers,
        in_use=sum(number.retired_at is None for number in numbers),
        values=values,
        public_url=public,
        edited=edited,
        added=Entry() if edited else entry,
        longest=greeting.LONGEST,
    )


def values(number: TrackingNumber) -> dict[str, str]:
    """What the form of a number says."""
    return {
        "label": number.label,
        "mode": number.mode,
        "source": number.source,
        "own_greeting": number.greeting,
        "texts_per_second": str(int(number.texts_per_second)),
    }


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
        name = _label(entry)
        number = ""
        try:
            number = TrackingNumber.usable(session, e164)
        except NumberRefused as refusal:
            entry.errors["e164"] = str(refusal)
        if entry.errors:
            return _page(request, session, entry)
        kept = TrackingNumber.add(session, number, name, mode)
        record(session, request, known, "numbers", added=kept.id)
    return RedirectResponse("/settings/numbers", 303)


def _label(entry: Entry) -> str:
    try:
        return TrackingNumber.usable_label(entry.values["label"])
    except NumberRefused as refusal:
        entry.errors["label"] = str(refusal)
        return ""


@router.post("/{number_id}")
def edit(
    request: Request,
    number_id: int,
    known: AdminChanger,
    label: Text = "",
    mode: Text = "",
    source: Text = "",
    own_greeting: Text = "",
    texts_per_second: Text = "",
    was_label: Was = None,
    was_mode: Was = None,
    was_source: Was = None,
    was_own_greeting: Was = None,
    was_texts_per_second: Was = None,
) -> Response:
    entry = Entry(
        {
            "label": label,
            "mode": mode,
            "source": source,
            "own_greeting": own_greeting,
            "texts_per_second": texts_per_second,
        }
    )
    was = {
        "label": was_label,
        "mode": was_mode,
        "source": was_source,
        "own_greeting": was_own_greeting,
        "texts_per_second": was_texts_per_second,
    }
    with transaction() as session:
        number = session.get(TrackingNumber, number_id, with_for_update={"key_share": True})
        if number is None:
            return RedirectResponse("/settings/numbers", 303)
        meanwhile.meet(
            session,
            entry.before(was),
            "numbers",
            values(number),
            stored={"own_greeting": "greeting"},
            said={"mode": {key: label for key, (label, _) in MODES.items()}},
            edited=number_id,
        )
        mode = entry.choice("mode", MODES)
        name = _label(entry)
        pace = entry.number("texts_per_second", SLOWEST, FASTEST, "texts a second")
        source = entry.values["source"]
        words = greeting.one_paragraph(entry.values["own_greeting"])
        clinic = Practice.get(session).name
        for finding in greeting.lint(words, clinic, names_clinic=False):
            if finding.level == "error":
                entry.errors.setdefault("own_greeting", finding.message)
        if entry.errors:
            return _page(request, session, entry, edited=number_id)
        told = {
            "label": name,
            "mode": mode,
            "source": source_of(source) if source.strip() else source_of(name),
            "greeting": words,
            "texts_per_second": float(pace),
        }
        altered = [field for field, value in told.items() if getattr(number, field) != value]
        for field in altered:
            setattr(number, field, told[field])
        if altered:
            record(session, request, known, "numbers", edited=number.id, changed=altered)
    return RedirectResponse("/settings/numbers", 303)


@router.post("/{number_id}/retirement")
def retire(request: Request, number_id: int, known: AdminChanger) -> Response:
    with transaction() as session:
        number = session.get(TrackingNumber, number_id)
        if number is not None and number.retired_at is None:
            number.retired_at = clock.now(session)
            record(session, request, known, "numbers", retired=number.id)
    return RedirectResponse("/settings/numbers", 303)


@router.post("/{number_id}/return")
def take_back(request: Request, number_id: int, known: AdminChanger) -> Response:
    with transaction() as session:
        number = session.get(TrackingNumber, number_id)
        if number is not None and number.retired_at is not None:
            try:
                TrackingNumber.usable(session, number.e164)
            except NumberRefused as refusal:
                return _page(request, session, Entry(errors={"return": str(refusal)}))
            number.retired_at = None
            record(session, request, known, "numbers", returned=number.id)
    return RedirectResponse("/settings/numbers", 303)


@router.get("/{number_id}")
@router.get("/{number_id}/{what}")
def back(known: Admin) -> Response:  # noqa: ARG001 - lets admins in
    """Somebody reloaded the address of a form that was refused."""
    return RedirectResponse("/settings/numbers", 303)
