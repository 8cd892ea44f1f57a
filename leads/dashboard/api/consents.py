"""What allows the clinic to text somebody, and what ended it."""

from fastapi import APIRouter
from sqlalchemy import select

from leads.consent import Consent
from leads.dashboard.api import schemas
from leads.dashboard.api.bearer import Reader, problems
from leads.dashboard.api.leads import found
from leads.dashboard.api.paging import Id, Page, Paged
from leads.db import transaction

router = APIRouter(tags=["consents"])


@router.get("/leads/{lead_id}/consents", responses=problems(404))
def list_consents(
    lead_id: Id,
    caller: Reader,  # noqa: ARG001 - its being there is the permission
    paging: Paged,
) -> Page[schemas.Consent]:
    """The ledger of all the lead's phones, newest first."""
    with transaction() as session:
        phones = {phone.id: phone.e164 for phone in found(session, lead_id).phones}
        chosen = select(Consent).where(Consent.phone_id.in_(list(phones)))
        rows, following = paging.rows(session, chosen, Consent.id)
        items = [schemas.Consent.of(row, phones[row.phone_id]) for row in rows]
        return Page(items=items, next=following)
