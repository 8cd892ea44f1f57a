"""What staff do to a lead, each as a resource of its own. Forms post here and are sent back."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute
from sqlalchemy.orm import Session

from leads import claim, clock, desk
from leads.dashboard.pages import desk as desk_page
from leads.dashboard.pages import inbox as inbox_page
from leads.dashboard.pages.access import Changer, Reader
from leads.dashboard.pages.lead import Typed, find, no_such_lead, same, show
from leads.dashboard.pages.rendering import frame
from leads.db import transaction
from leads.lead import Lead, Stage
from leads.opening_hours import instant
from leads.practice import Practice

router = APIRouter(prefix="/leads/{lead_id}")
Text = Annotated[str, Form()]
Act = Callable[[Session, Lead, datetime], object]


def act(request: Request, lead_id: int, form: str, values: dict[str, str], what: Act) -> Response:
    """Do it in one transaction and go back; refused, show why beside the form, as it was typed.
    What the desk's rows send comes back to the desk, where the row is settled in place, and what a
    conversation sends to that."""
    back = values.get("back", "")
    start, conversation = desk_page.came_from(back), inbox_page.came_from(back)
    try:
        with transaction() as session:
            lead = find(session, lead_id)
            if lead is None:
                return no_such_lead(request, frame(session))
            same(lead, lead_id)
            what(session, lead, clock.now(session))
    except desk.Refused as refusal:
        with transaction() as session:
            lead = find(session, lead_id)
            if lead is None:
                return no_such_lead(request, frame(session))
            if start is not None:
                on_row = desk_page.Refusal(lead_id, form, str(refusal), values)
                return desk_page.show(
                    request, session, start=start, refused=on_row, status_code=422
                )
            typed = Typed(form, str(refusal), values)
            if conversation is not None:
                return inbox_page.view(
                    request, session, lead, conversation, typed=typed, status_code=422
                )
            return show(request, session, lead, typed=typed, status_code=422)
    if conversation is not None:
        onward = f"/inbox/{lead_id}{inbox_page.query_of(conversation)}"
    else:
        onward = f"/leads/{lead_id}" if start is None else desk_page.address(start)
    return RedirectResponse(onward, 303)


@router.post("/contact")
def contacted(request: Request, lead_id: int, known: Changer, back: Text = "") -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        desk.contacted(session, lead, known.staff_id, now)

    return act(request, lead_id, "contact", {"back": back}, what)


@router.post("/talk")
def spoke(request: Request, lead_id: int, known: Changer, texts_agreed: Text = "") -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        desk.spoke(session, lead, known.staff_id, now, texts_agreed=texts_agreed == "on")

    return act(request, lead_id, "talk", {"texts_agreed": texts_agreed}, what)


@router.post("/call-back")
def needs_a_call(request: Request, lead_id: int, known: Changer) -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        desk.needs_a_call(session, lead, known.staff_id, now)

    return act(request, lead_id, "call-back", {}, what)


@router.post("/booking")
def booked(
    request: Request,
    lead_id: int,
    known: Changer,
    day: Text = "",
    at: Text = "",
    texts_agreed: Text = "",
    back: Text = "",
) -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        moment = appointment(day, at, Practice.get(session).zone)
        agreed = texts_agreed == "on"
        desk.book(session, lead, known.staff_id, now, moment, texts_agreed=agreed)

    typed = {"day": day, "at": at, "texts_agreed": texts_agreed, "back": back}
    return act(request, lead_id, "booking", typed, what)


def appointment(day: str, at: str, zone: str) -> datetime | None:
    """The moment of an appointment on the practice's clock. Raises Refused for half of one."""
    if not day and not at:
        return None
    try:
        return instant(date.fromisoformat(day), time.fromisoformat(at), ZoneInfo(zone))
    except (ValueError, OverflowError) as error:
        raise desk.Refused(
            "Give the appointment both a day and a time, or leave both empty. "
            "Nothing was changed yet."
        ) from error


@router.post("/cancellation")
def cancelled(request: Request, lead_id: int, known: Changer) -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        desk.cancel_appointment(session, lead, known.staff_id, now)

    return act(request, lead_id, "appointment", {}, what)


@router.post("/missed-appointment")
def did_not_come(request: Request, lead_id: int, known: Changer) -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        desk.miss_appointment(session, lead, known.staff_id, now)

    return act(request, lead_id, "appointment", {}, what)


@router.post("/decision")
def decided(
    request: Request, lead_id: int, known: Changer, no_texts: Text = "", back: Text = ""
) -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        if no_texts not in {"yes", "no"}:
            raise desk.Refused("Say what their text meant: yes or no. Nothing was changed.")
        desk.decide(session, lead, known.staff_id, now, no_texts=no_texts == "yes")

    return act(request, lead_id, "decision", {"no_texts": no_texts, "back": back}, what)


@router.post("/follow-up-ending")
def stopped(request: Request, lead_id: int, known: Changer) -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        desk.stop_follow_ups(session, lead, known.staff_id, now)

    return act(request, lead_id, "follow-up", {}, what)


@router.post("/closing")
def closed(
    request: Request, lead_id: int, known: Changer, stage: Text = "", back: Text = ""
) -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        wanted: Stage = stage  # type: ignore[assignment] # desk.close refuses what is none
        desk.close(session, lead, known.staff_id, now, wanted)

    return act(request, lead_id, "closing", {"stage": stage, "back": back}, what)


@router.post("/notes")
def noted(request: Request, lead_id: int, known: Changer, text: Text = "") -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        desk.write_note(session, lead, known.staff_id, now, text)

    return act(request, lead_id, "note", {"text": text}, what)


@router.post("/texts")
def replied(
    request: Request, lead_id: int, known: Changer, body: Text = "", back: Text = ""
) -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        claim.take(session, lead, known.staff_id)  # a colleague may be on the phone with them
        # Forms send line ends as two characters; each would be paid for.
        desk.reply(session, lead, known.staff_id, now, body.replace("\r\n", "\n"))

    return act(request, lead_id, "text", {"body": body, "back": back}, what)


@router.post("/opt-out")
def opted_out(request: Request, lead_id: int, known: Changer) -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        desk.no_more_texts(session, lead, known.staff_id, now)

    return act(request, lead_id, "opt-out", {}, what)


@router.post("/opt-in")
def opted_in(request: Request, lead_id: int, known: Changer, back: Text = "") -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        desk.texts_wanted(session, lead, known.staff_id, now)

    return act(request, lead_id, "opt-in", {"back": back}, what)


def back_to_lead(lead_id: int, known: Reader) -> Response:  # noqa: ARG001 - lets staff in
    """Somebody reloaded, or came back to, the address of a form that was refused."""
    return RedirectResponse(f"/leads/{lead_id}", 303)


for route in list(router.routes):
    if isinstance(route, APIRoute):
        action = route.path.removeprefix(router.prefix)
        router.add_api_route(action, back_to_lead, methods=["GET"])
