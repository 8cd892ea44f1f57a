"""Call back by click: one's own phone rings first, then the lead's."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from leads import audit, call_back, outbound_call
from leads.dashboard.guard import address
from leads.dashboard.pages import desk as desk_page
from leads.dashboard.pages.access import Changer, Reader
from leads.dashboard.pages.lead import find, no_such_lead
from leads.dashboard.pages.lead_actions import Act, act
from leads.dashboard.pages.rendering import frame, render
from leads.dashboard.security import Viewer
from leads.db import transaction
from leads.lead import Lead
from leads.outbound_call import ChoosePhone
from leads.practice import PracticePhone
from leads.staff import Staff

router = APIRouter(prefix="/leads/{lead_id}/call")
Text = Annotated[str, Form()]


@router.post("")
def called(
    request: Request, lead_id: int, known: Changer, phone: Text = "", back: Text = ""
) -> Response:
    wanted = int(phone) if phone.isascii() and phone.isdigit() and len(phone) < 9 else None
    try:
        return act(request, lead_id, "call", {"back": back}, _ring(request, known, wanted))
    except ChoosePhone:
        came_from = f"?back={back}" if desk_page.came_from(back) else ""
        return RedirectResponse(f"/leads/{lead_id}/call{came_from}", 303)


def _ring(request: Request, known: Viewer, phone_id: int | None) -> Act:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        me = session.get_one(Staff, known.staff_id)
        before = me.rings_on_id
        outbound_call.ask(session, lead, known.staff_id, now, phone_id)
        if me.rings_on_id != before:
            audit.record(
                session,
                "account_changed",
                staff_id=known.staff_id,
                address=address(request),
                changed=["rings_on_id"],
            )

    return what


@router.post("/mailbox")
def was_mailbox(request: Request, lead_id: int, known: Changer, back: Text = "") -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        call_back.was_mailbox(session, lead, known.staff_id, now)

    return act(request, lead_id, "call", {"back": back}, what)


@router.get("/mailbox")
def back_to_lead(lead_id: int, known: Reader) -> Response:  # noqa: ARG001 - lets staff in
    """Somebody reloaded the address of a form that was refused."""
    return RedirectResponse(f"/leads/{lead_id}", 303)


@router.get("")
def choose(request: Request, lead_id: int, known: Reader, back: str = "") -> Response:  # noqa: ARG001 - lets staff in
    """Which of the clinic's phones is one's own; also where a reload of a refused form leads."""
    with transaction() as session:
        lead = find(session, lead_id)
        if lead is None:
            return no_such_lead(request, frame(session))
        return render(
            request,
            "call_back.html",
            frame=frame(session),
            lead=lead,
            phones=PracticePhone.ringing(session),
            back=back if desk_page.came_from(back) else "",
        )
