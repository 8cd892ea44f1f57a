"""The first page: who is ringing, who needs a call, and who called without a number."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from leads import unknown
from leads.dashboard.pages import queue
from leads.dashboard.pages.access import Reader
from leads.dashboard.pages.rendering import frame, render
from leads.db import transaction

router = APIRouter()


@router.get("/")
def desk(request: Request, known: Reader) -> HTMLResponse:  # noqa: ARG001 - lets staff in
    with transaction() as session:
        around = frame(session)
        return render(
            request,
            "desk.html",
            frame=around,
            rows=queue.rows(session, around.practice, around.times),
            withheld=queue.withheld(session, around.times),
            without_outcome=len(unknown.still_open(session, around.now)),
        )
