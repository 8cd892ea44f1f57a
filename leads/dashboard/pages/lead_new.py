"""A call or a visit that the telephone did not bring: a new lead, or a line on one."""

from datetime import datetime
from typing import Annotated, get_args

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from leads import clock, desk, walk_in
from leads.dashboard.pages.access import Changer, Reader
from leads.dashboard.pages.lead_actions import act, back_to_lead
from leads.dashboard.pages.rendering import frame, render, sources
from leads.db import transaction
from leads.lead import Lead
from leads.walk_in import How, Told

router = APIRouter()
ELSEWHERE = {
    "walk-in": "Walk-in",
    "referral": "Referral",
    "another-line": "Another phone line",
    "event": "Event",
}


class Log(BaseModel):
    """What was typed. `person`: the lead with this number whom it is about, or `new`; empty until
    somebody has to choose."""

    number: str = ""
    name: str = ""
    source: str = ""
    how: str = "called"
    words: str = ""
    needs_call: str = ""
    person: str = ""

    def told(self, e164: str = "") -> Told:
        """Raises Refused."""
        how = next((each for each in get_args(How) if each == self.how), None)
        if how is None:
            raise desk.Refused("Say whether they called or walked in.")
        return Told(how, self.words, self.needs_call == "yes", e164, self.name, self.source)


@router.get("/leads/new")
def new_page(request: Request, known: Reader) -> HTMLResponse:  # noqa: ARG001 - lets staff in
    with transaction() as session:
        return _show(request, session, Log(source="walk-in"))


@router.post("/leads/new")
def create(request: Request, known: Changer, form: Annotated[Log, Form()]) -> Response:
    """Write it down; where somebody has the number already, ask whether it is they, first."""
    field = "number"
    try:
        with transaction() as session:
            e164 = walk_in.read_number(session, form.number)
            people = walk_in.known(session, e164)
            if people and not form.person:
                return _show(request, session, form, {}, people)
            field = "words" if form.name.strip() or e164 else "name"
            now = clock.now(session)
            lead = next((one for one in people if str(one.id) == form.person), None)
            if lead is not None:
                walk_in.log(session, lead, form.told(), known.staff_id, now)
            else:
                lead = walk_in.new(session, form.told(e164), known.staff_id, now)
            return RedirectResponse(f"/leads/{lead.id}", 303)
    except desk.Refused as refusal:
        with transaction() as session:
            return _show(request, session, form, {field: str(refusal)})


def _show(
    request: Request,
    session: Session,
    form: Log,
    errors: dict[str, str] | None = None,
    people: list[Lead] | None = None,
) -> HTMLResponse:
    return render(
        request,
        "lead_new.html",
        200 if errors is None else 422,
        frame=frame(session),
        entry=form.model_dump(),
        errors=errors or {},
        people=people or [],
        sources=ELSEWHERE | sources(session),
    )


@router.post("/leads/{lead_id}/log")
def log(request: Request, lead_id: int, known: Changer, form: Annotated[Log, Form()]) -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        walk_in.log(session, lead, form.told(), known.staff_id, now)

    return act(request, lead_id, "log", form.model_dump(), what)


router.add_api_route("/leads/{lead_id}/log", back_to_lead, methods=["GET"])
