"""What staff say of calls that were found afterwards: whether somebody took them."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from leads import clock, review
from leads.call import Call
from leads.dashboard.pages.access import Changer, Reader
from leads.db import transaction
from leads.desk import Refused

router = APIRouter(prefix="/calls/{call_id}")
Text = Annotated[str, Form()]


@router.post("/review")
def decide(call_id: int, known: Changer, answered: Text = "", back: Text = "") -> Response:
    if answered not in {"yes", "no"}:
        raise Refused("Say whether somebody took the call: yes or no. Nothing was changed.")
    with transaction() as session:
        # Decided meanwhile by a colleague: the page that follows shows it.
        review.decide(
            session, call_id, known.staff_id, clock.now(session), answered=answered == "yes"
        )
        call = session.get(Call, call_id)
        lead_id = call.lead_id if call else None
    return RedirectResponse(f"/leads/{lead_id}" if back == "lead" and lead_id else "/calls", 303)


@router.get("/review")
def back(call_id: int, known: Reader) -> Response:  # noqa: ARG001 - lets staff in
    """Somebody came back to the address of a button."""
    return RedirectResponse("/calls", 303)
