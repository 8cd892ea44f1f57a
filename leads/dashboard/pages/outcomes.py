"""Texts of which nobody knows whether they arrived, and what staff say of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from leads import clock, unknown
from leads.dashboard.pages.access import Changer, Reader
from leads.db import transaction
from leads.desk import Refused
from leads.lead import Lead
from leads.message import Message

router = APIRouter(prefix="/texts/{message_id}")


@dataclass(frozen=True)
class Open:
    """A text without an outcome, and whom it was for."""

    message: Message
    lead: Lead


def still_open(session: Session, now: datetime) -> list[Open]:
    messages = unknown.still_open(session, now)
    wanted = select(Lead).where(Lead.id.in_({message.lead_id for message in messages}))
    leads = {lead.id: lead for lead in session.scalars(wanted.options(selectinload(Lead.phones)))}
    return [Open(message, leads[message.lead_id]) for message in messages]


@router.post("/outcome")
def settle(message_id: int, known: Changer, arrived: Annotated[str, Form()] = "") -> Response:
    if arrived not in {"yes", "no"}:
        raise Refused("Say whether the text arrived: yes or no. Nothing was changed.")
    with transaction() as session:
        # Settled meanwhile, by the service or a colleague: the page that follows shows it.
        unknown.settled_by_staff(
            session, message_id, known.staff_id, clock.now(session), arrived=arrived == "yes"
        )
    return RedirectResponse("/follow-ups", 303)


@router.get("/outcome")
def back(message_id: int, known: Reader) -> Response:  # noqa: ARG001 - lets staff in
    """Somebody came back to the address of a button."""
    return RedirectResponse("/follow-ups", 303)
