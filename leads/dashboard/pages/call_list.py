"""Every call: filtered and sorted by what stands in the address."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import case, select
from sqlalchemy.orm import Session, selectinload

from leads import audit, saved_view
from leads.call import UNANSWERED, Call
from leads.call_filter import LENGTHS, CallFilter, fitting
from leads.dashboard.guard import address
from leads.dashboard.pages.access import Reader
from leads.dashboard.pages.chips import call_chips, tab
from leads.dashboard.pages.ordering import Order, Page, page
from leads.dashboard.pages.rendering import frame, render
from leads.dashboard.security import LIVE_HEADER
from leads.db import among, transaction
from leads.filtering import query
from leads.lead import Lead
from leads.lead_filter import Fitting
from leads.practice import PracticePhone
from leads.recording import Recording
from leads.tracking_number import TrackingNumber

router = APIRouter()
ORDERS = {
    "when": Order("Newest", Call.started_at, down=True),
    "oldest": Order("Oldest", Call.started_at, down=False),
    "length": Order("Longest", Call.talk_seconds, down=True, maybe=True),
}
USUAL = "when"
QUICK = {
    "All": (),
    "Not answered": UNANSWERED,
    "Answered": ("answered",),
    "Voicemail": ("voicemail",),
}


@router.get("/calls")
def call_list(request: Request, known: Reader, sort: str = USUAL, after: str = "") -> HTMLResponse:
    chosen = CallFilter.read(request.query_params.multi_items())
    sort = sort if sort in ORDERS else USUAL
    with transaction() as session:
        if chosen.q and LIVE_HEADER not in request.headers:
            audit.record(session, "searched", staff_id=known.staff_id, address=address(request))
        fits = fitting(session, chosen)
        shown = _page(session, fits, sort, after)
        numbers, phones = _numbers(session), _phones(session)
        return render(
            request,
            "calls.html",
            frame=frame(session),
            overflow=_overflow(session),
            calls=shown.rows,
            voicemails=_voicemails(session, [row.Call.id for row in shown.rows]),
            chosen=chosen,
            chips=call_chips(chosen, sort, numbers, phones),
            partial=fits.partial,
            numbers=numbers,
            phones=phones,
            lengths=LENGTHS,
            tabs=_tabs(chosen, sort),
            place=query([("sort", "" if sort == USUAL else sort), ("after", after)]),
            sort=sort,
            usual=USUAL,
            orders=ORDERS,
            views=saved_view.seen_by(session, known.staff_id, "calls"),
            first_page=not after,
            next=_next(chosen, sort, shown),
        )


def _page(session: Session, fits: Fitting, sort: str, after: str) -> Page:
    wanted = (
        select(Call, Lead, TrackingNumber)
        .outerjoin(Lead, Lead.id == Call.lead_id)
        .outerjoin(TrackingNumber, TrackingNumber.id == Call.tracking_number_id)
        .options(selectinload(Lead.phones))
        .where(*fits.conditions)
    )
    return page(session, wanted, ORDERS[sort], Call.id, after)


def _voicemails(session: Session, call_ids: list[int]) -> dict[int, Recording]:
    found = session.scalars(
        select(Recording).where(among(Recording.call_id, call_ids), Recording.kind == "voicemail")
    )
    return {recording.call_id: recording for recording in found}


def _overflow(session: Session) -> list[str]:
    """The labels of numbers on which the carrier keeps answered calls to itself."""
    wanted = select(TrackingNumber.label).where(
        TrackingNumber.mode == "overflow", TrackingNumber.retired_at.is_(None)
    )
    return list(session.scalars(wanted.order_by(TrackingNumber.id)))


def _numbers(session: Session) -> dict[str, str]:
    """Every number that people call or have called, by id."""
    found = session.execute(
        select(TrackingNumber.id, TrackingNumber.label, TrackingNumber.e164).order_by(
            case((TrackingNumber.retired_at.is_(None), 0), else_=1), TrackingNumber.id
        )
    )
    return {str(number_id): label or e164 for number_id, label, e164 in found}


def _phones(session: Session) -> dict[str, str]:
    """Every phone that rings at the practice, or did, by id."""
    found = session.execute(
        select(PracticePhone.id, PracticePhone.label, PracticePhone.e164).order_by(PracticePhone.id)
    )
    return {str(phone_id): label or e164 for phone_id, label, e164 in found}


def _tabs(chosen: CallFilter, sort: str) -> list[tuple[str, str, bool]]:
    """Label, address and whether it is this one: narrowed and sorted as the list is."""
    told = "" if sort == USUAL else sort
    return [
        (
            label,
            tab("/calls", chosen.pairs, told, "outcome", *outcomes),
            set(chosen.outcomes) == set(outcomes),
        )
        for label, outcomes in QUICK.items()
    ]


def _next(chosen: CallFilter, sort: str, shown: Page) -> str:
    if not shown.next:
        return ""
    told = "" if sort == USUAL else sort
    return f"/calls?{query([*chosen.pairs, ('sort', told), ('after', shown.next)])}"
