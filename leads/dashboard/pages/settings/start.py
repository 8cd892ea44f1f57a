"""The first-run guide: from an empty installation to a tested call, one step after the other.

What is done is read from the data itself, so nothing has to be ticked off, and what was done by a
command counts as well.
"""

from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import errand
from leads.call import Call, CallLeg
from leads.dashboard.pages.access import Admin, AdminChanger
from leads.dashboard.pages.settings.change import page, record
from leads.db import database_time, transaction
from leads.guide import guide, last_call
from leads.practice import PracticePhone
from leads.settings import settings
from leads.tracking_number import TrackingNumber

router = APIRouter(prefix="/start")
KINDS = {"check": "numbers_check", "setting": "numbers_set"}


class Step(NamedTuple):
    name: str  # of the field of Guide
    title: str
    why: str
    needed: bool = True


STEPS = (
    Step("practice", "Your clinic", "Texts and greetings say its name and number."),
    Step("hours", "Opening hours", "While you are open, your phones ring; else callers hear that."),
    Step("phones", "Phones that ring", "A desk phone connects on pick-up; a mobile asks for 1."),
    Step("numbers", "Your number", "The number that callers ring leads here."),
    Step("called", "A test call", "Ring your number: the call appears here within a second."),
    Step("staff", "Your colleagues", "Each signs in by themselves.", needed=False),
    Step("texting", "Texts", "Carriers want the sender registered first.", needed=False),
)


@router.get("")
def show(request: Request, known: Admin) -> HTMLResponse:  # noqa: ARG001 - lets admins in
    with transaction() as session:
        done = guide(session)
        call = last_call(session)
        asked = [errand.latest(session, kind) for kind in KINDS.values()]
        return page(
            request,
            session,
            "start",
            guide=done,
            steps=[(step, getattr(done, step.name)) for step in STEPS],
            next_step=next(
                (step.name for step in STEPS if step.needed and not getattr(done, step.name)), ""
            ),
            phones=PracticePhone.ringing(session),
            numbers=session.scalars(
                select(TrackingNumber)
                .where(TrackingNumber.retired_at.is_(None))
                .order_by(TrackingNumber.id)
            ).all(),
            call=call,
            took=_who_took(session, call) if call else None,
            public_url=settings().public_url.rstrip("/"),
            account=bool(settings().twilio_auth_token.get_secret_value()),
            asked=max(filter(None, asked), key=lambda one: one.id, default=None),
            real=database_time(session),
        )


def _who_took(session: Session, call: Call) -> PracticePhone | None:
    """The phone that accepted the call."""
    return session.scalars(
        select(PracticePhone)
        .join(CallLeg, CallLeg.practice_phone_id == PracticePhone.id)
        .where(CallLeg.call_sid == call.sid, CallLeg.accepted_at.is_not(None))
        .limit(1)
    ).one_or_none()


@router.post("/numbers/check")
def check_numbers(request: Request, known: AdminChanger) -> RedirectResponse:
    """A worker asks Twilio where the numbers lead; nothing is changed there."""
    return _ask(request, known, "check")


@router.post("/numbers/setting")
def set_numbers(request: Request, known: AdminChanger) -> RedirectResponse:
    """A worker gives the numbers their addresses at Twilio."""
    return _ask(request, known, "setting")


def _ask(request: Request, known: AdminChanger, what: str) -> RedirectResponse:
    with transaction() as session:
        errand.ask(session, KINDS[what], known.staff_id)
        record(session, request, known, "start", numbers=what)
    return RedirectResponse("/settings/start", 303)


@router.get("/numbers/{what}")
def back(known: Admin, what: str) -> RedirectResponse:  # noqa: ARG001 - lets admins in
    """The address of a button, opened as a page."""
    return RedirectResponse("/settings/start", 303)
