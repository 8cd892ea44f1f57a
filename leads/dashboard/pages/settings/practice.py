"""The clinic itself: its name, hours, promise and consent mode."""

from typing import Any, get_args

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from leads import clock
from leads.dashboard.pages import words
from leads.dashboard.pages.access import Admin, AdminChanger
from leads.dashboard.pages.settings import hours_text, meanwhile, practice_changes
from leads.dashboard.pages.settings.change import Entry, page, record
from leads.dashboard.security import Viewer
from leads.db import transaction
from leads.opening_hours import DAYS, OpeningHours, zone_info
from leads.phone_number import possible_e164, pretty
from leads.practice import ConsentMode, Practice

router = APIRouter()
ZONES = (
    "America/Los_Angeles",
    "America/Denver",
    "America/Phoenix",
    "America/Chicago",
    "America/New_York",
    "America/Anchorage",
    "Pacific/Honolulu",
)
DAY_NAMES = dict(
    zip(
        DAYS,
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)


@router.get("/practice")
def show(request: Request, known: Admin) -> HTMLResponse:  # noqa: ARG001 - lets admins in
    with transaction() as session:
        return _page(request, session, Entry(_values(Practice.get(session))))


def _page(
    request: Request, session: Session, entry: Entry, changes: list[str] | None = None
) -> HTMLResponse:
    """`changes`: what saving would do; None where nobody has asked."""
    practice, now = Practice.get(session), clock.now(session)
    return page(
        request,
        session,
        "practice",
        entry,
        zones=ZONES,
        day_names=DAY_NAMES,
        changes=changes,
        was=_values(practice),
        holidays=practice_changes.holidays(practice, now),
    )


def _values(practice: Practice) -> dict[str, str]:
    return {
        "name": practice.name,
        "phone": pretty(practice.phone) if practice.phone else "",
        "zone": practice.zone,
        "promise_minutes": str(practice.promise_minutes),
        "consent_mode": practice.consent_mode,
        "transcribe_voicemail": "on" if practice.transcribe_voicemail else "",
        "closed_days": hours_text.shown_days(practice.closed_days),
        **{day: hours_text.shown(practice.weekly_hours.get(day, ())) for day in DAYS},
    }


@router.post("/practice")
async def save(request: Request, known: AdminChanger) -> Response:
    return await run_in_threadpool(_save, request, known, await _typed(request))


@router.post("/practice/preview")
async def preview(request: Request, known: AdminChanger) -> Response:  # noqa: ARG001 - lets admins in
    return await run_in_threadpool(_preview, request, await _typed(request))


@router.get("/practice/preview")
def back(known: Admin) -> RedirectResponse:  # noqa: ARG001 - lets admins in
    """The address of a button, opened as a page."""
    return RedirectResponse("/settings/practice", 303)


async def _typed(request: Request) -> dict[str, str]:
    """The fields; the holidays that were ticked stand among the closed days."""
    form = await request.form()
    typed = {key: str(value) for key, value in form.items() if key != "holiday"}
    ticked = [str(day) for day in form.getlist("holiday")]
    typed["closed_days"] = "\n".join([typed.get("closed_days", "").strip(), *ticked]).strip()
    return typed


def _met(session: Session, typed: dict[str, str]) -> tuple[Entry, dict[str, Any]]:
    """What was typed, beside what a colleague may have saved meanwhile, and as it is read."""
    entry = Entry(typed)
    meanwhile.meet(
        session,
        entry,
        "practice",
        _values(meanwhile.held(session)),
        stored=dict.fromkeys(DAYS, "weekly_hours"),
        said={
            "consent_mode": {key: label for key, (label, _) in words.CONSENT_MODES.items()},
            "transcribe_voicemail": meanwhile.TICK,
        },
    )
    return entry, _read(entry)


def _preview(request: Request, typed: dict[str, str]) -> Response:
    with transaction() as session:
        entry, read = _met(session, typed)
        changes = None
        if not entry.errors:
            practice, now = Practice.get(session), clock.now(session)
            changes = practice_changes.sentences(session, practice, read, now)
        return _page(request, session, entry, changes)


def _save(request: Request, known: Viewer, typed: dict[str, str]) -> Response:
    with transaction() as session:
        entry, read = _met(session, typed)
        if entry.errors:
            return _page(request, session, entry)
        practice = Practice.get(session)
        altered = [name for name, value in read.items() if getattr(practice, name) != value]
        for name in altered:
            setattr(practice, name, read[name])
        if altered:
            record(session, request, known, "practice", changed=altered)
    return RedirectResponse("/settings/practice", 303)


def _read(entry: Entry) -> dict[str, Any]:
    values, errors = entry.values, entry.errors
    phone = possible_e164(values.get("phone", ""))
    if phone is None:
        errors["phone"] = "Give the number that patients know, such as 425-437-9974."
    zone = values.get("zone", "")
    try:
        zone_info(zone)
    except ValueError as error:
        errors["zone"] = str(error)
    weekly: dict[str, list[list[str]]] = {}
    for day, name in DAY_NAMES.items():
        try:
            weekly[day] = hours_text.read(values.get(day, ""))
            OpeningHours.from_json({day: weekly[day]}, "UTC")
        except ValueError as error:
            errors[day] = str(error).replace(f"On {day},", f"On {name},")
    closed: dict[str, Any] = {}
    try:
        closed = hours_text.read_days(values.get("closed_days", ""))
        OpeningHours.from_json({"closed": closed}, "UTC")
    except ValueError as error:
        errors["closed_days"] = str(error)
    return {
        "name": entry.line("name", "the clinic's name, as texts and greetings say it"),
        "phone": phone,
        "zone": zone,
        "weekly_hours": weekly,
        "closed_days": closed,
        "promise_minutes": entry.number("promise_minutes", 5, 480, "minutes"),
        "consent_mode": entry.choice("consent_mode", get_args(ConsentMode)),
        "transcribe_voicemail": values.get("transcribe_voicemail") == "on",
    }
