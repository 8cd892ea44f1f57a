"""Whether automated texts go out at all: carriers drop those of an unregistered sender."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leads import clock
from leads.dashboard.pages.access import Admin, AdminChanger
from leads.dashboard.pages.settings.change import Entry, page, record
from leads.db import transaction
from leads.phone_number import pretty
from leads.plan import MISSED_CALL
from leads.practice import Practice
from leads.wording import render as render_text

router = APIRouter(prefix="/texting")


@router.get("")
def show(request: Request, known: Admin) -> HTMLResponse:  # noqa: ARG001 - lets admins in
    return _page(request, None)


def _page(request: Request, entry: Entry | None) -> HTMLResponse:
    with transaction() as session:
        practice = Practice.get(session)
        texts = [
            (step, render_text(step.text, practice.name, pretty(practice.phone)))
            for step in MISSED_CALL.steps
        ]
        return page(request, session, "texting", entry, texts=texts)


@router.post("/confirmation")
def confirm(
    request: Request, known: AdminChanger, registered: Annotated[str, Form()] = ""
) -> Response:
    if registered != "on":
        problem = "Tick the box when the registration is approved. Texts stay off until then."
        return _page(request, Entry(errors={"registered": problem}))
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
