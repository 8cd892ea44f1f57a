"""Automated texts: whether any go out, when, and what is asked and answered around them."""

from datetime import time
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from leads import caps, clock
from leads.dashboard.pages import words
from leads.dashboard.pages.access import Admin, AdminChanger
from leads.dashboard.pages.settings import meanwhile
from leads.dashboard.pages.settings.change import Entry, page, record
from leads.dashboard.security import Viewer
from leads.db import transaction
from leads.plan import MOST_STEPS
from leads.practice import OptOutOwner, Practice
from leads.quiet_hours import WEEKDAYS, Window

router = APIRouter(prefix="/texting")
MOST_HOLD_MINUTES = 120
DAYS = dict(enumerate(WEEKDAYS[:6]))  # never on Sundays


@router.get("")
def show(request: Request, known: Admin) -> HTMLResponse:  # noqa: ARG001 - lets admins in
    with transaction() as session:
        return _page(request, session, Entry())


def _page(request: Request, session: Session, entry: Entry) -> HTMLResponse:
    was = _values(Practice.get(session))
    entry.values = was | entry.values
    facts = {"days": DAYS, "most_hold": MOST_HOLD_MINUTES, "caps": caps, "steps": MOST_STEPS}
    return page(request, session, "texting", entry, was=was, **facts)


def _values(practice: Practice) -> dict[str, str]:
    return {
        **{f"day_{day}": "on" if day in practice.texting_days else "" for day in DAYS},
        "texting_from": f"{practice.texting_from:%H:%M}",
        "texting_until": f"{practice.texting_until:%H:%M}",
        "opening_hold_minutes": str(practice.opening_hold_minutes),
        "optout_owner": practice.optout_owner,
        "lookup_landlines": "on" if practice.lookup_landlines else "",
    }


@router.post("")
async def save(request: Request, known: AdminChanger) -> Response:
    typed = {key: str(value) for key, value in (await request.form()).items()}
    return await run_in_threadpool(_save, request, known, typed)


def _save(request: Request, known: Viewer, typed: dict[str, str]) -> Response:
    # A box without its tick is not sent at all.
    boxes = dict.fromkeys([*(f"day_{day}" for day in DAYS), "lookup_landlines"], "")
    entry = Entry(boxes | typed)
    with transaction() as session:
        practice = meanwhile.held(session)
        _meet(session, entry, practice)
        read = _read(entry)
        if entry.errors:
            return _page(request, session, entry)
        altered = [name for name, value in read.items() if getattr(practice, name) != value]
        for name in altered:
            setattr(practice, name, read[name])
        if altered:
            record(session, request, known, "texting", changed=altered)
    return RedirectResponse("/settings/texting", 303)


def _meet(session: Session, entry: Entry, practice: Practice) -> None:
    """What was typed, beside what a colleague may have saved meanwhile."""
    days = {f"day_{day}": "texting_days" for day in DAYS}
    meanwhile.meet(
        session,
        entry,
        "texting",
        _values(practice),
        stored=days,
        said={
            **dict.fromkeys([*days, "lookup_landlines"], meanwhile.TICK),
            "optout_owner": {key: label for key, (label, _) in words.OPT_OUT_OWNERS.items()},
        },
    )


def _read(entry: Entry) -> dict[str, Any]:
    days = [day for day in DAYS if entry.values.get(f"day_{day}") == "on"]
    if not days:
        entry.errors["texting_days"] = "Choose at least one day."
    read = {"texting_days": days, **_hours(entry)}
    minutes = entry.number("opening_hold_minutes", 0, MOST_HOLD_MINUTES, "minutes")
    return {
        **read,
        "opening_hold_minutes": minutes,
        "optout_owner": entry.choice("optout_owner", get_args(OptOutOwner)),
        "lookup_landlines": entry.values.get("lookup_landlines") == "on",
    }


def _hours(entry: Entry) -> dict[str, time]:
    hours = {}
    for name in ("texting_from", "texting_until"):
        try:
            hours[name] = time.fromisoformat(entry.values.get(name, "")).replace(tzinfo=None)
        except ValueError:
            entry.errors[name] = "Give the time of day, such as 09:00."
    if len(hours) == 2:
        try:
            Window(start=hours["texting_from"], end=hours["texting_until"])
        except ValueError as error:
            entry.errors["texting_from"] = str(error)
    return hours


@router.post("/confirmation")
def confirm(
    request: Request, known: AdminChanger, registered: Annotated[str, Form()] = ""
) -> Response:
    if registered != "on":
        problem = "Tick the box when the registration is approved. Texts stay off until then."
        with transaction() as session:
            return _page(request, session, Entry(errors={"registered": problem}))
    with transaction() as session:
        practice = Practice.get(session)
        if practice.sender_confirmed_at is None:
            practice.sender_confirmed_at = clock.now(session)
            record(session, request, known, "texting", confirmed=True)
    return RedirectResponse("/settings/texting", 303)


@router.post("/withdrawal")
def withdraw(request: Request, known: AdminChanger) -> Response:
    with transaction() as session:
        practice = Practice.get(session)
        if practice.sender_confirmed_at is not None:
            practice.sender_confirmed_at = None
            record(session, request, known, "texting", confirmed=False)
    return RedirectResponse("/settings/texting", 303)
