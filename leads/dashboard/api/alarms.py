"""What is wrong with sending as a whole, until somebody says that it is mended."""

from fastapi import APIRouter, HTTPException
from sqlalchemy import select

from leads import alarm, audit, clock
from leads.dashboard.api import schemas
from leads.dashboard.api.bearer import Reader, Writer, problems
from leads.dashboard.api.paging import Id, Page, Paged
from leads.db import transaction

router = APIRouter(tags=["alarms"])


@router.get("/alarms", responses=problems())
def list_alarms(
    caller: Reader,  # noqa: ARG001 - its being there is the permission
    paging: Paged,
) -> Page[schemas.Alarm]:
    """Those that are not cleared, newest first."""
    chosen = select(alarm.Alarm).where(alarm.Alarm.cleared_at.is_(None))
    with transaction() as session:
        rows, following = paging.rows(session, chosen, alarm.Alarm.id)
        return Page(items=[schemas.Alarm.of(row) for row in rows], next=following)


@router.post("/alarms/{alarm_id}/clearing", responses=problems(404))
def clear(alarm_id: Id, caller: Writer) -> schemas.Alarm:
    """It is mended: sending is tried again. One that is cleared already stays as it is."""
    with transaction() as session:
        found = session.get(alarm.Alarm, alarm_id, with_for_update=True)
        if found is None:
            raise HTTPException(404, "There is no such alarm.")
        if found.cleared_at is None:
            alarm.clear(session, found, clock.now(session), None)
            audit.record(
                session,
                "alarm_cleared",
                token_id=caller.token_id,
                address=caller.address,
                alarm_id=found.id,
                kind=found.kind,
            )
        return schemas.Alarm.of(found)
