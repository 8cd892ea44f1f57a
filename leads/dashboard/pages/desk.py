"""The first page: who needs a call, who comes back later, and who called without a number."""

from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from leads import snooze, unknown
from leads.dashboard.pages import promise, queue, withheld
from leads.dashboard.pages.access import Reader
from leads.dashboard.pages.rendering import frame, render
from leads.db import transaction

router = APIRouter()
BACK = "desk"  # what a form of the desk says of where it came from; a number after it is its page
LARGEST = 1_000_000  # nobody waits as the millionth


@dataclass(frozen=True)
class Refusal:
    """What was refused on a row: which form, why, and what had been typed into it."""

    lead_id: int = 0
    form: str = ""
    error: str = ""
    values: dict[str, str] = field(default_factory=dict)


@router.get("/")
def desk(request: Request, known: Reader, start: int = 1) -> HTMLResponse:  # noqa: ARG001 - lets staff in
    with transaction() as session:
        return show(request, session, start=start)


def show(
    request: Request,
    session: Session,
    *,
    start: int = 1,
    refused: Refusal | None = None,
    status_code: int = 200,
) -> HTMLResponse:
    """The desk, from the `start`th who waits on; with what was refused beside its row."""
    around = frame(session)
    practice, times = around.practice, around.times
    start = max(1, start) if start <= around.waiting else 1
    rows = queue.rows(session, around, start)
    away = queue.snoozed(session, around.now)
    without_outcome = len(unknown.still_open(session, around.now))
    return render(
        request,
        "desk.html",
        status_code,
        frame=around,
        rows=rows,
        start=start,
        together=promise.from_closed_hours(
            practice.hours,
            [row.since for row in rows if row.lead.snoozed_until is None],
            times,
            more=around.waiting > len(rows),
        ),
        away=away[: queue.AT_MOST],
        holders={lead.id: queue.holder(lead, around) for lead in away},
        more_away=len(away) > queue.AT_MOST,
        withheld=withheld.today(session, times),
        without_outcome=min(without_outcome, unknown.MOST),
        more_without_outcome=without_outcome > unknown.MOST,
        morning=snooze.morning_after(practice.hours, around.now),
        refused=refused or Refusal(),
        shown_at=address(start),
        back=BACK if start == 1 else f"{BACK}{start}",
    )


def address(start: int) -> str:
    return "/" if start == 1 else f"/?start={start}"


def came_from(back: str) -> int | None:
    """Which page of the desk a form came from, by its first number; None for another page."""
    if not back.startswith(BACK):
        return None
    start = back.removeprefix(BACK)
    return min(int(start), LARGEST) if start.isdecimal() and start.isascii() else 1
