"""What stands on the side of a lead's page, saved in one form: who it is and where it stands."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from leads import audit, desk, details, tag
from leads.dashboard.guard import address
from leads.dashboard.pages.access import Changer
from leads.dashboard.pages.lead_actions import act, back_to_lead
from leads.lead import Lead, Relation

router = APIRouter(prefix="/leads/{lead_id}")


class Details(BaseModel):
    """The form on the side of the page: each field, and what it said when the page was made. Only
    what was changed there is saved, so that two people do not undo each other's changes."""

    name: str = ""
    was_name: str = ""
    relation: str = ""
    was_relation: str = ""
    stage: str = ""
    was_stage: str = ""
    owner: str = ""
    was_owner: str = ""
    value: str = ""
    was_value: str = ""
    tags: str = ""
    was_tags: str = ""

    def changed(self) -> list[str]:
        """The fields, in the order in which they are saved: the stage may end follow-ups."""
        fields = ("name", "owner", "value", "tags", "relation", "stage")
        return [each for each in fields if getattr(self, each) != getattr(self, f"was_{each}")]


@router.post("/details")
def detailed(
    request: Request, lead_id: int, known: Changer, form: Annotated[Details, Form()]
) -> Response:
    typed = form.model_dump()

    def what(session: Session, lead: Lead, now: datetime) -> None:
        for each in form.changed():
            typed["wrong"] = each
            SAVE[each](session, lead, known.staff_id, now, typed[each])
        audit.record(
            session,
            "lead_changed",
            staff_id=known.staff_id,
            lead_id=lead.id,
            address=address(request),
            fields=form.changed(),
        )

    return act(request, lead_id, "details", typed, what)


def _relate(
    session: Session, lead: Lead, staff_id: int | None, now: datetime, relation: str
) -> None:
    relations: dict[str, Relation] = {
        "prospect": "prospect",
        "patient": "patient",
        "other": "other",
    }
    if relation not in relations:
        raise desk.Refused("Choose prospect, patient or other. Nothing was changed.")
    desk.relate(session, lead, staff_id, now, relations[relation])


def _assign(session: Session, lead: Lead, staff_id: int | None, now: datetime, owner: str) -> None:
    details.assign(session, lead, staff_id, now, int(owner) if owner.isdecimal() else None)


def _price(session: Session, lead: Lead, staff_id: int | None, now: datetime, value: str) -> None:
    details.price(session, lead, staff_id, now, details.read_dollars(value))


def _tag(session: Session, lead: Lead, staff_id: int | None, now: datetime, tags: str) -> None:
    details.tag(session, lead, staff_id, now, tag.read(tags))


SAVE: dict[str, Callable[[Session, Lead, int | None, datetime, str], None]] = {
    "name": desk.rename,
    "owner": _assign,
    "value": _price,
    "tags": _tag,
    "relation": _relate,
    "stage": details.set_stage,
}


@router.post("/confidence")
def confidential(
    request: Request, lead_id: int, known: Changer, confidential: Annotated[str, Form()] = ""
) -> Response:
    def what(session: Session, lead: Lead, now: datetime) -> None:
        wanted = confidential == "yes"
        details.keep_confidential(session, lead, known.staff_id, now, confidential=wanted)
        audit.record(
            session,
            "lead_made_confidential" if wanted else "lead_made_open",
            staff_id=known.staff_id,
            lead_id=lead.id,
            address=address(request),
        )

    return act(request, lead_id, "confidence", {}, what)


for path in ("/details", "/confidence"):
    router.add_api_route(path, back_to_lead, methods=["GET"])
