"""What is done besides settling, on the desk's rows and on the pages of one person: take somebody
on, put them off, note a call."""

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from leads import attempt, claim, desk, snooze
from leads.dashboard.pages.access import Changer, Reader
from leads.dashboard.pages.lead_actions import act
from leads.lead import Lead
from leads.opening_hours import instant
from leads.practice import Practice

router = APIRouter(prefix="/leads/{lead_id}")
Text = Annotated[str, Form()]
FOR_A_WHILE = {"30m": timedelta(minutes=30), "2h": timedelta(hours=2)}


@router.post("/claim")
def claimed(request: Request, lead_id: int, known: Changer, back: Text = "") -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        claim.claim(session, lead, known.staff_id, now)

    return act(request, lead_id, "claim", {"back": back}, what)


@router.post("/claim/return")
def given_back(request: Request, lead_id: int, known: Changer, back: Text = "") -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        claim.give_back(session, lead, known.staff_id, now)

    return act(request, lead_id, "claim", {"back": back}, what)


@router.post("/attempts")
def rang(
    request: Request, lead_id: int, known: Changer, result: Text = "", back: Text = ""
) -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        wanted: attempt.Result = result  # type: ignore[assignment] # attempt.rang refuses what is none
        attempt.rang(session, lead, known.staff_id, now, wanted)

    return act(request, lead_id, "attempt", {"back": back}, what)


@router.post("/snooze")
def snoozed(
    request: Request,
    lead_id: int,
    known: Changer,
    length: Text = "",
    until: Text = "",
    back: Text = "",
) -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        at = _moment(Practice.get(session), length, until, now)
        snooze.snooze(session, lead, known.staff_id, now, at)

    return act(request, lead_id, "snooze", {"until": until, "back": back}, what)


def _moment(practice: Practice, length: str, until: str, now: datetime) -> datetime:
    """Raises Refused for half a moment."""
    if length in FOR_A_WHILE:
        return now + FOR_A_WHILE[length]
    if length == "morning":
        morning = snooze.morning_after(practice.hours, now)
        if morning is None:
            raise desk.Refused("The clinic has no opening hours: give a day and a time instead.")
        return morning
    try:
        local = datetime.fromisoformat(until)
        return instant(local.date(), local.time(), ZoneInfo(practice.zone))
    except (ValueError, OverflowError) as error:
        raise desk.Refused("Give both a day and a time. Nothing was changed yet.") from error


@router.post("/snooze/end")
def woken(request: Request, lead_id: int, known: Changer, back: Text = "") -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        snooze.wake(session, lead, known.staff_id, now)

    return act(request, lead_id, "waking", {"back": back}, what)


@router.get("/claim")
@router.get("/claim/return")
@router.get("/attempts")
@router.get("/snooze")
@router.get("/snooze/end")
def back_to_desk(lead_id: int, known: Reader) -> Response:  # noqa: ARG001 - lets staff in
    """Somebody reloaded, or came back to, the address of a form that was refused."""
    return RedirectResponse("/", 303)
