"""What callers hear in the clinic's own words, beside what is always said."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from leads import clock, greeting, spoken
from leads.dashboard.pages.access import Admin, AdminChanger
from leads.dashboard.pages.settings import meanwhile
from leads.dashboard.pages.settings.change import Entry, page, record
from leads.dashboard.security import Viewer
from leads.db import transaction
from leads.practice import Practice
from leads.spoken import FIELDS
from leads.wording import Finding

router = APIRouter(prefix="/greetings")
# By field: what it is, when it is said, and whether it has to name the clinic.
GREETINGS = {
    "greeting_open": (
        "Before the phones ring",
        (
            "While you are open, before anything rings. Empty: callers hear ringing at once. With "
            "words, they are connected, and paid for, from the first word on."
        ),
        False,
    ),
    "greeting_missed": (
        "When nobody picks up",
        "The first words after the phones have rung in vain.",
        True,
    ),
    "greeting_closed": (
        "While you are closed",
        "The first words outside opening hours, and on closed days.",
        True,
    ),
    "greeting_voicemail": ("Before the tone", "The last words before a message is left.", False),
}


@router.get("")
def show(request: Request, known: Admin) -> HTMLResponse:  # noqa: ARG001 - lets admins in
    with transaction() as session:
        return _page(request, session, Entry(_values(Practice.get(session))))


def _values(practice: Practice) -> dict[str, str]:
    return {name: getattr(practice, name) for name in FIELDS}


def _page(
    request: Request, session: Session, entry: Entry, *, unsaved: bool = False
) -> HTMLResponse:
    practice = Practice.get(session)
    own = {name: greeting.one_paragraph(entry.values[name]) for name in FIELDS}
    findings = {name: _lint(practice, name, own[name]) for name in FIELDS}
    return page(
        request,
        session,
        "greetings",
        entry,
        greetings=GREETINGS,
        ours=spoken.ours(practice.name or "us"),
        warnings={
            name: [one.message for one in found if one.level == "warning"]
            for name, found in findings.items()
        },
        hearings=[] if entry.errors else spoken.hear(session, own, clock.now(session)),
        longest=greeting.LONGEST,
        unsaved=unsaved,
        was=_values(practice),
    )


def _lint(practice: Practice, name: str, words: str) -> list[Finding]:
    return greeting.lint(words, practice.name, names_clinic=GREETINGS[name][2])


@router.post("")
async def save(request: Request, known: AdminChanger) -> Response:
    return await run_in_threadpool(_save, request, known, await _typed(request))


@router.post("/preview")
async def preview(request: Request, known: AdminChanger) -> Response:  # noqa: ARG001 - lets admins in
    return await run_in_threadpool(_preview, request, await _typed(request))


async def _typed(request: Request) -> dict[str, str]:
    form = await request.form()
    was = {key: str(value) for key, value in form.items() if key.startswith("was_")}
    return {name: str(form.get(name, "")) for name in FIELDS} | was


def _checked(session: Session, typed: dict[str, str]) -> Entry:
    entry, practice = Entry(typed), meanwhile.held(session)
    meanwhile.meet(session, entry, "greetings", _values(practice))
    for name in FIELDS:
        for finding in _lint(practice, name, greeting.one_paragraph(entry.values[name])):
            if finding.level == "error":
                entry.errors.setdefault(name, finding.message)
    return entry


def _preview(request: Request, typed: dict[str, str]) -> HTMLResponse:
    with transaction() as session:
        return _page(request, session, _checked(session, typed), unsaved=True)


def _save(request: Request, known: Viewer, typed: dict[str, str]) -> Response:
    with transaction() as session:
        entry = _checked(session, typed)
        if entry.errors:
            return _page(request, session, entry)
        practice = Practice.get(session)
        told = {name: greeting.one_paragraph(entry.values[name]) for name in FIELDS}
        altered = [name for name in FIELDS if getattr(practice, name) != told[name]]
        for name in altered:
            setattr(practice, name, told[name])
        if altered:
            record(session, request, known, "greetings", changed=altered)
    return RedirectResponse("/settings/greetings", 303)


@router.get("/preview")
def back(known: Admin) -> Response:  # noqa: ARG001 - lets admins in
    """Somebody reloaded a preview: what was typed into it is not kept."""
    return RedirectResponse("/settings/greetings", 303)
