"""The clinic itself: its name, hours, promise and consent mode."""

from typing import Any, get_args

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from leads.dashboard.pages.access import Admin, AdminChanger
from leads.dashboard.pages.settings import hours_text
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
        entry = Entry(_values(Practice.get(session)))
        return page(request, session, "practice", entry, zones=ZONES, day_names=DAY_NAMES)


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
    typed = {key: str(value) for key, value in (await request.form()).items()}
    return await run_in_threadpool(_save, request, known, typed)


def _save(request: Request, known: Viewer, typed: dict[str, str]) -> Response:
    entry = Entry(typed)
    read = _read(entry)
    with transaction() as session:
        if entry.errors:
            return page(request, session, "practice", entry, zones=ZONES, day_names=DAY_NAMES)
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
    closed: dict[str, str] = {}
    try:
        closed = hours_text.read_days(values.get("closed_days", ""))
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
