"""Texts, in and out."""

from typing import Literal

from fastapi import APIRouter
from sqlalchemy import select

from leads.dashboard.api import schemas
from leads.dashboard.api.bearer import Reader, problems
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
