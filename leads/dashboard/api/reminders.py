"""The texts of follow-ups: due, sent, and not sent and why."""

from collections.abc import Sequence
from typing import Literal

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads.dashboard.api import schemas
from leads.dashboard.api.bearer import Reader, problems
from leads.dashboard.api.paging import Id, Page, Paged
from leads.db import transaction
from leads.follow_up import FollowUp
from leads.reminder import Reminder

router = APIRouter(tags=["reminders"])

State = Literal["scheduled", "sending", "sent", "failed", "unknown", "cancelled"]


@router.get("/reminders", responses=problems())
def list_reminders(
    caller: Reader,  # noqa: ARG001 - its being there is the permission
    paging: Paged,
    lead_id: Id | None = None,
    state: State | None = None,
) -> Page[schemas.Reminder]:
    """Newest first."""
    chosen = select(Reminder)
    if lead_id is not None:
        chosen = chosen.where(Reminder.lead_id == lead_id)
    if state is not None:
        chosen = chosen.where(Reminder.state == state)
    with transaction() as session:
        rows, following = paging.rows(session, chosen, Reminder.id)
        return Page(items=as_told(session, rows), next=following)


def as_told(session: Session, rows: Sequence[Reminder]) -> list[schemas.Reminder]:
    wanted = select(FollowUp).where(FollowUp.id.in_({row.follow_up_id for row in rows}))
    plans = {run.id: run.plan for run in session.scalars(wanted)}
    return [schemas.Reminder.of(row, plans[row.follow_up_id]) for row in rows]
