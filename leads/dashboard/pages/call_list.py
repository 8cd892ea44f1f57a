"""Every call, the newest first."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session, selectinload

from leads.call import UNANSWERED, Call
from leads.dashboard.pages.access import Reader
from leads.dashboard.pages.paging import PER_PAGE, cursor, read_cursor
from leads.dashboard.pages.rendering import frame, render
from leads.db import transaction
from leads.lead import Lead
from leads.recording import Recording
from leads.tracking_number import TrackingNumber

router = APIRouter()
SHOWN = {
    "": ("All", ()),
    "unanswered": ("Not answered", UNANSWERED),
    "answered": ("Answered", ("answered",)),
    "voicemail": ("Voicemail", ("voicemail",)),
}


@router.get("/calls")
def call_list(
    request: Request,
    known: Reader,  # noqa: ARG001 - lets staff in
    show: str = "",
    after: str = "",
) -> HTMLResponse:
    show = show if show in SHOWN else ""
    with transaction() as session:
        found = session.execute(_calls(show, after)).all()
        more = found[PER_PAGE:]
        found = found[:PER_PAGE]
        call_ids = [row.Call.id for row in found]
        voicemails = session.scalars(
            select(Recording).where(Recording.call_id.in_(call_ids), Recording.kind == "voicemail")
        )
        return render(
            request,
            "calls.html",
            frame=frame(session),
            overflow=_overflow(session),
            calls=found,
            voicemails={recording.call_id: recording for recording in voicemails},
            show=show,
            shown={key: label for key, (label, _) in SHOWN.items()},
            first_page=not after,
            next=cursor(found[-1].Call.started_at, found[-1].Call.id) if more else "",
        )


def _overflow(session: Session) -> list[str]:
    """The labels of numbers on which the carrier keeps answered calls to itself."""
    wanted = select(TrackingNumber.label).where(
        TrackingNumber.mode == "overflow", TrackingNumber.retired_at.is_(None)
    )
    return list(session.scalars(wanted.order_by(TrackingNumber.id)))


def _calls(show: str, after: str) -> Select[Call, Lead, TrackingNumber]:
    wanted = (
        select(Call, Lead, TrackingNumber)
        .outerjoin(Lead, Lead.id == Call.lead_id)
        .outerjoin(TrackingNumber, TrackingNumber.id == Call.tracking_number_id)
        .options(selectinload(Lead.phones))
        .where(Call.from_raw.is_not(None))
        .order_by(Call.started_at.desc(), Call.id.desc())
        .limit(PER_PAGE + 1)
    )
    if show:
        wanted = wanted.where(Call.outcome.in_(SHOWN[show][1]))
    if at := read_cursor(after):
        wanted = wanted.where(tuple_(Call.started_at, Call.id) < at)
    return wanted
