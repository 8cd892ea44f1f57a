"""Calls, those of withheld callers included."""

from collections.abc import Sequence

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads.call import Call, Outcome
from leads.dashboard.api import schemas
from leads.dashboard.api.bearer import Reader, problems
from leads.dashboard.api.paging import Id, Page, Paged
from leads.db import transaction
from leads.tracking_number import TrackingNumber

router = APIRouter(tags=["calls"])


@router.get("/calls", responses=problems())
def list_calls(
    caller: Reader,  # noqa: ARG001 - its being there is the permission
    paging: Paged,
    lead_id: Id | None = None,
    outcome: Outcome | None = None,
) -> Page[schemas.Call]:
    """Newest first."""
    chosen = select(Call)
    if lead_id is not None:
        chosen = chosen.where(Call.lead_id == lead_id)
    if outcome is not None:
        chosen = chosen.where(Call.outcome == outcome)
    with transaction() as session:
        rows, following = paging.rows(session, chosen, Call.id)
        return Page(items=as_told(session, rows), next=following)


def as_told(session: Session, rows: Sequence[Call]) -> list[schemas.Call]:
    # A clinic has a handful of numbers: cheaper to read them all than to join.
    numbers = {row.id: row.e164 for row in session.scalars(select(TrackingNumber))}
    return [schemas.Call.of(row, numbers.get(row.tracking_number_id or 0)) for row in rows]
