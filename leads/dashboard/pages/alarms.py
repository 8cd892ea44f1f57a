"""The bar that stands on top of every page while something is wrong with sending as a whole."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leads import alarm, audit, clock
from leads.dashboard.guard import address
from leads.dashboard.pages.access import Mender
from leads.dashboard.pages.rendering import frame, render
from leads.dashboard.security import Viewer, viewer
from leads.db import transaction

router = APIRouter(prefix="/alarms")
BY_A_SCRIPT = "HX-Request"


@router.get("")
def bar(request: Request, known: Annotated[Viewer, Depends(viewer)]) -> Response:  # noqa: ARG001 - lets staff in
    """The bar alone, for a page that is already there."""
    if BY_A_SCRIPT not in request.headers:
        return RedirectResponse("/", 303)
    return _bar(request)


def _bar(request: Request) -> HTMLResponse:
    with transaction() as session:
        return render(request, "alarms.html", frame=frame(session))


@router.post("/{alarm_id}/clearing")
def clear(
    request: Request, alarm_id: int, known: Mender, back: Annotated[str, Form()] = ""
) -> Response:
    with transaction() as session:
        found = session.get(alarm.Alarm, alarm_id, with_for_update=True)
        # One that goes by itself has no button.
        if found and found.cleared_at is None and found.kind not in alarm.BY_ITSELF:
            alarm.clear(session, found, clock.now(session), known.staff_id)
            audit.record(
                session,
                "alarm_cleared",
                staff_id=known.staff_id,
                address=address(request),
                alarm_id=found.id,
                kind=found.kind,
            )
    if BY_A_SCRIPT in request.headers:
        return _bar(request)
    # Only a path of our own: what is typed into a form could send people anywhere.
    ours = back.startswith("/") and not back.startswith(("//", "/\\"))
    return RedirectResponse(back if ours else "/", 303)
