"""The phones that ring at the practice when somebody calls, and in which order."""

from typing import Annotated, get_args

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import clock
from leads.dashboard.pages.access import Admin, AdminChanger
from leads.dashboard.pages.settings import meanwhile
from leads.dashboard.pages.settings.change import Entry, page, record
from leads.dashboard.security import Viewer
from leads.db import transaction
from leads.practice import LONGEST_WAIT, Practice, PracticePhone, RingOrder
from leads.tracking_number import NumberRefused

router = APIRouter(prefix="/phones")
Text = Annotated[str, Form()]
Was = Annotated[str | None, Form()]
KINDS = ("desk", "mobile")
SHORTEST, LONGEST = 5, 120  # seconds
TOO_LONG = (
    f"In turn, callers would wait longer than {LONGEST_WAIT // 60} minutes before anybody says a "
    "word. Let the phones ring for a shorter time, or all at once."
)


@router.get("")
def show(request: Request, known: Admin) -> HTMLResponse:  # noqa: ARG001 - lets admins in
    with transaction() as session:
        return _page(request, session, None)


def _page(
    request: Request,
    session: Session,
    entry: Entry | None,
    edited: int | None = None,
    wrong_order: str = "",
) -> HTMLResponse:
    """`edited`: the phone whose form was refused; its fields hold what was typed."""
    practice, ringing = Practice.get(session), PracticePhone.ringing(session)
    retired = session.scalars(
        select(PracticePhone)
        .where(PracticePhone.retired_at.is_not(None))
        .order_by(PracticePhone.retired_at.desc(), PracticePhone.id)
    )
    entry = entry or Entry()
    if wrong_order:
        entry.errors["ring_order"] = wrong_order
    seconds = [phone.ring_seconds for phone in ringing]
    return page(
        request,
        session,
        "phones",
        entry,
        ringing=ringing,
        values=values,
        retired=retired.all(),
        edited=edited,
        added=Entry() if edited else entry,
        ring_order=entry.values.get("ring_order") or practice.ring_order,
        wait=practice.longest_wait(ringing),
        together=max(seconds, default=0),
        in_turn=sum(seconds),
        rings_at_once=practice.ring_order == "together",
    )


def values(phone: PracticePhone) -> dict[str, str]:
    """What the form of a phone says."""
    seconds = str(phone.ring_seconds)
    return {"label": phone.label, "kind": phone.kind, "ring_seconds": seconds}


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
    seconds = entry.number("ring_seconds", SHORTEST, LONGEST, "seconds")
    entry.choice("kind", KINDS)
    with transaction() as session:
        name = _label(entry)
        number = ""
        try:
            number = PracticePhone.usable(session, e164)
        except NumberRefused as refusal:
            entry.errors["e164"] = str(refusal)
        others = [each for each in PracticePhone.ringing(session) if each.e164 != number]
        _fits(session, entry, [*(each.ring_seconds for each in others), seconds])
        if entry.errors:
            return _page(request, session, entry)
        phone = PracticePhone.add(session, number, name, kind, seconds)
        record(session, request, known, "phones", added=phone.id)
    return RedirectResponse("/settings/phones", 303)


def _label(entry: Entry) -> str:
    try:
        return PracticePhone.usable_label(entry.values["label"])
    except NumberRefused as refusal:
        entry.errors["label"] = str(refusal)
        return ""


def _fits(session: Session, entry: Entry, seconds: list[int]) -> None:
    """A caller is not made to wait for ever; all at once, no phone rings as long as that."""
    if Practice.get(session).ring_order == "in_turn" and sum(seconds) > LONGEST_WAIT:
        entry.errors.setdefault("ring_seconds", TOO_LONG)


@router.post("/order")
def order(request: Request, known: AdminChanger, ring_order: Text = "") -> Response:
    with transaction() as session:
        practice = Practice.get(session)
        wrong = ""
        if ring_order not in get_args(RingOrder):
            wrong = "Choose one of these."
        elif ring_order == "in_turn" and _in_all(session) > LONGEST_WAIT:
            wrong = TOO_LONG
        if wrong:
            return _page(request, session, Entry({"ring_order": ring_order}), wrong_order=wrong)
        if practice.ring_order != ring_order:
            practice.ring_order = ring_order
            record(session, request, known, "phones", changed=["ring_order"])
    return RedirectResponse("/settings/phones", 303)


def _in_all(session: Session) -> int:
    return sum(phone.ring_seconds for phone in PracticePhone.ringing(session))


@router.post("/{phone_id}")
def edit(
    request: Request,
    phone_id: int,
    known: AdminChanger,
    label: Text = "",
    kind: Text = "",
    ring_seconds: Text = "",
    was_label: Was = None,
    was_kind: Was = None,
    was_ring_seconds: Was = None,
) -> Response:
    """Change how a phone is called, what it is, and how long it rings; its number stays."""
    entry = Entry({"label": label, "kind": kind, "ring_seconds": ring_seconds})
    was = {"label": was_label, "kind": was_kind, "ring_seconds": was_ring_seconds}
    with transaction() as session:
        phone = session.get(PracticePhone, phone_id, with_for_update={"key_share": True})
        if phone is None:
            return RedirectResponse("/settings/phones", 303)
        kinds = {"kind": {"desk": "Desk phone", "mobile": "Mobile"}}
        now = values(phone)
        meanwhile.meet(session, entry.before(was), "phones", now, said=kinds, edited=phone_id)
        seconds = entry.number("ring_seconds", SHORTEST, LONGEST, "seconds")
        kind = entry.choice("kind", KINDS)
        name = _label(entry)
        others = [each for each in PracticePhone.ringing(session) if each is not phone]
        if phone.retired_at is None:
            _fits(session, entry, [*(each.ring_seconds for each in others), seconds])
        if entry.errors:
            return _page(request, session, entry, edited=phone_id)
        told = {"label": name, "kind": kind, "ring_seconds": seconds}
        altered = [field for field, value in told.items() if getattr(phone, field) != value]
        for field in altered:
            setattr(phone, field, told[field])
        if altered:
            record(session, request, known, "phones", edited=phone.id, changed=altered)
    return RedirectResponse("/settings/phones", 303)


@router.post("/{phone_id}/place")
def move(request: Request, phone_id: int, known: AdminChanger, by: Text = "") -> Response:
    with transaction() as session:
        phone = session.get(PracticePhone, phone_id)
        step = {"earlier": -1, "later": 1}.get(by)
        if phone is not None and step is not None and phone.move(session, step):
            record(session, request, known, "phones", moved=phone.id)
    return RedirectResponse("/settings/phones", 303)


@router.post("/{phone_id}/retirement")
def retire(request: Request, phone_id: int, known: AdminChanger) -> Response:
    with transaction() as session:
        phone = session.get(PracticePhone, phone_id)
        if phone is not None and phone.retired_at is None:
            phone.retired_at = clock.now(session)
            record(session, request, known, "phones", retired=phone.id)
    return RedirectResponse("/settings/phones", 303)


@router.post("/{phone_id}/return")
def take_back(request: Request, phone_id: int, known: AdminChanger) -> Response:
    """A retired phone rings again, after the others."""
    with transaction() as session:
        phone = session.get(PracticePhone, phone_id)
        if phone is None or phone.retired_at is None:
            return RedirectResponse("/settings/phones", 303)
        return _taken_back(request, session, known, phone)


def _taken_back(
    request: Request, session: Session, known: Viewer, phone: PracticePhone
) -> Response:
    entry = Entry()
    try:
        PracticePhone.usable(session, phone.e164)
    except NumberRefused as refusal:
        entry.errors["return"] = str(refusal)
    else:
        ringing = PracticePhone.ringing(session)
        _fits(session, entry, [*(each.ring_seconds for each in ringing), phone.ring_seconds])
        if "ring_seconds" in entry.errors:
            entry.errors["return"] = entry.errors.pop("ring_seconds")
    if entry.errors:
        return _page(request, session, entry)
    phone.go_last(session)
    phone.retired_at = None
    record(session, request, known, "phones", returned=phone.id)
    return RedirectResponse("/settings/phones", 303)


@router.get("/order")
@router.get("/{phone_id}")
@router.get("/{phone_id}/{what}")
def back(known: Admin) -> Response:  # noqa: ARG001 - lets admins in
    """Somebody reloaded the address of a form that was refused."""
    return RedirectResponse("/settings/phones", 303)
