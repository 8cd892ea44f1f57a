"""Texts, in and out."""

from typing import Literal

from fastapi import APIRouter, HTTPException
from sqlalchemy import select

from leads import audit, clock, desk, unknown
from leads.dashboard.api import schemas
from leads.dashboard.api.actions import Body
from leads.dashboard.api.bearer import Reader, Writer, problems
from leads.dashboard.api.paging import Id, Page, Paged
from leads.db import transaction
from leads.message import Message

router = APIRouter(tags=["messages"])

State = Literal[
    "received", "queued", "sending", "sent", "delivered", "undelivered", "failed", "unknown"
]


@router.get("/messages", responses=problems())
def list_messages(
    caller: Reader,  # noqa: ARG001 - its being there is the permission
    paging: Paged,
    lead_id: Id | None = None,
    state: State | None = None,
    direction: Literal["inbound", "outbound"] | None = None,
) -> Page[schemas.Message]:
    """Newest first."""
    chosen = select(Message)
    if lead_id is not None:
        chosen = chosen.where(Message.lead_id == lead_id)
    if state is not None:
        chosen = chosen.where(Message.state == state)
    if direction is not None:
        chosen = chosen.where(Message.direction == direction)
    with transaction() as session:
        rows, following = paging.rows(session, chosen, Message.id)
        return Page(items=[schemas.Message.of(row) for row in rows], next=following)


class Outcome(Body):
    arrived: bool


@router.post("/messages/{message_id}/outcome", responses=problems(400, 404, 409, 413))
def settle(message_id: Id, caller: Writer, outcome: Outcome) -> schemas.Message:
    """Say whether a text in the state `unknown` arrived. It is never sent again by itself."""
    with transaction() as session:
        message = session.get(Message, message_id)
        if message is None:
            raise HTTPException(404, "There is no such message.")
        now = clock.now(session)
        if not unknown.settled_by_staff(session, message_id, None, now, arrived=outcome.arrived):
            raise desk.Refused("The outcome of this text is known. Nothing was changed.")
        audit.record(
            session,
            "lead_changed",
            token_id=caller.token_id,
            lead_id=message.lead_id,
            address=caller.address,
        )
        return schemas.Message.of(message)
