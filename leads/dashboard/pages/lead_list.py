"""Every lead: filtered, searched and sorted by what stands in the address."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from leads import audit, saved_view, search
from leads.dashboard.guard import address
from leads.dashboard.pages import words
from leads.dashboard.pages.access import Reader
from leads.dashboard.pages.chips import lead_chips, tab
from leads.dashboard.pages.ordering import Order, Page, page
from leads.dashboard.pages.rendering import frame, render, sources
from leads.dashboard.security import LIVE_HEADER
from leads.db import transaction
from leads.details import OWNERS
from leads.filtering import query
from leads.lead import Lead
from leads.lead_filter import COUNTED, Fitting, LeadFilter, count, fitting
from leads.list_indexes import BY_NAME
from leads.staff import Staff

router = APIRouter()
ORDERS = {
    "heard": Order("Last heard of", Lead.last_activity_at, down=True),
    "first": Order("First heard of", Lead.created_at, down=True),
    "name": Order("Name", BY_NAME, down=False, maybe=True),
    "waiting": Order("Waiting longest", Lead.needs_callback_since, down=False, maybe=True),
}
USUAL = "heard"


@router.get("/leads")
def lead_list(request: Request, known: Reader, sort: str = USUAL, after: str = "") -> HTMLResponse:
    chosen = LeadFilter.read(request.query_params.multi_items())
    sort = sort if sort in ORDERS else USUAL
    with transaction() as session:
        if chosen.q and LIVE_HEADER not in request.headers:
            audit.record(session, "searched", staff_id=known.staff_id, address=address(request))
        fits = fitting(session, chosen)
        shown = _page(session, fits, sort, after)
        leads = [row.Lead for row in shown.rows]
        staff, labels = at_the_desk(session), sources(session)
        return render(
            request,
            "leads.html",
            frame=frame(session),
            leads=leads,
            matches=_matches(session, chosen, leads),
            chosen=chosen,
            chips=lead_chips(chosen, sort, staff, labels),
            partial=fits.partial,
            total=count(session, fits),
            counted=COUNTED,
            sources=labels,
            staff=staff,
            sort=sort,
            usual=USUAL,
            orders=ORDERS,
            tabs=_tabs(chosen, sort),
            place=query([("sort", "" if sort == USUAL else sort), ("after", after)]),
            views=saved_view.seen_by(session, known.staff_id, "leads"),
            first_page=not after,
            next=_next(chosen, sort, shown),
        )


def _page(session: Session, fits: Fitting, sort: str, after: str) -> Page:
    wanted = (
        select(Lead)
        .options(selectinload(Lead.phones), selectinload(Lead.owner))
        .where(*fits.conditions)
    )
    return page(session, wanted, ORDERS[sort], Lead.id, after)


def _matches(session: Session, chosen: LeadFilter, leads: list[Lead]) -> dict[int, search.Match]:
    """Nothing of what a confidential person wrote or said is shown in a list."""
    if not chosen.q or chosen.problems:
        return {}
    open_ones = [lead.id for lead in leads if lead.confidential_at is None]
    return search.matches(session, chosen.q, open_ones)


def _next(chosen: LeadFilter, sort: str, shown: Page) -> str:
    if not shown.next:
        return ""
    told = "" if sort == USUAL else sort
    return f"/leads?{query([*chosen.pairs, ('sort', told), ('after', shown.next)])}"


def _tabs(chosen: LeadFilter, sort: str) -> dict[str, str]:
    """By stage, and for all of them: the list of that stage, narrowed and sorted as it is."""
    told = "" if sort == USUAL else sort
    return {key: tab("/leads", chosen.pairs, told, "stage", key) for key in ("", *words.STAGES)}


def at_the_desk(session: Session) -> dict[str, str]:
    """Who may own a lead: their names by id."""
    found = session.execute(
        select(Staff.id, Staff.name, Staff.email)
        .where(Staff.disabled_at.is_(None), Staff.role.in_(OWNERS))
        .order_by(Staff.name, Staff.email)
    )
    return {str(staff_id): name or email for staff_id, name, email in found}
