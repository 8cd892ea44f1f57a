"""What the desk does to a lead, each as a resource of it. Needs the scope `write`."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints
from sqlalchemy.orm import Session

from leads import audit, clock, desk
from leads.dashboard.api import schemas
from leads.dashboard.api.bearer import Caller, Writer, problems
from leads.dashboard.api.leads import found
from leads.dashboard.api.paging import Id
from leads.dashboard.pages.texting import caution_now
from leads.db import transaction
from leads.lead import Lead, Relation
from leads.practice import Practice

router = APIRouter(tags=["actions"])
REFUSALS = problems(400, 404, 409, 413)


def of_our_time(at: datetime) -> datetime:
    """Refuses slips of the pen, and years that a database and Python do not share."""
    if not 2000 <= at.year < 2100:
        raise ValueError("must be in this century")
    return at


Written = Annotated[str, StringConstraints(max_length=5000, pattern=r"^[^\x00]*$")]
Moment = Annotated[AwareDatetime, AfterValidator(of_our_time)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Talk(Body):
    texts_agreed: bool = False


class Booking(Body):
    appointment_at: Moment | None = None
    texts_agreed: bool = False


class Decision(Body):
    no_texts: bool


class Closing(Body):
    stage: Literal["won", "lost", "not_a_lead"]


class RelationChange(Body):
    relation: Relation


class Name(Body):
    name: Written


class Note(Body):
    text: Written


class Text(Body):
    body: Written


def change(caller: Caller, lead_id: int, act: Callable[[Session, Lead, datetime], None]) -> Lead:
    """Do `act` to the lead in one transaction, and audit it."""
    with transaction() as session:
        lead = found(session, lead_id)
        act(session, lead, clock.now(session))
        audit.record(
            session,
            "lead_changed",
            token_id=caller.token_id,
            lead_id=lead.id,
            address=caller.address,
        )
        session.flush()
        session.refresh(lead)
        schemas.Lead.of(lead)  # loads what the answer needs while there is a session
        return lead


@router.post("/leads/{lead_id}/contact", responses=REFUSALS)
def contact(lead_id: Id, caller: Writer) -> schemas.Lead:
    """Somebody spoke with them: off the list of who needs a call."""
    lead = change(caller, lead_id, lambda s, lead, now: desk.contacted(s, lead, None, now))
    return schemas.Lead.of(lead)


@router.post("/leads/{lead_id}/talk", responses=REFUSALS)
def talk(lead_id: Id, caller: Writer, told: Talk | None = None) -> schemas.Lead:
    """Somebody spoke with them, and they did not book yet: the plan for that begins."""
    agreed = told is not None and told.texts_agreed
    lead = change(
        caller, lead_id, lambda s, lead, now: desk.spoke(s, lead, None, now, texts_agreed=agreed)
    )
    return schemas.Lead.of(lead)


@router.post("/leads/{lead_id}/booking", responses=REFUSALS)
def book(lead_id: Id, caller: Writer, booking: Booking | None = None) -> schemas.Lead:
    """They booked, or moved their appointment; their follow-up ends."""
    told = booking or Booking()
    at, agreed = told.appointment_at, told.texts_agreed
    lead = change(
        caller, lead_id, lambda s, lead, now: desk.book(s, lead, None, now, at, texts_agreed=agreed)
    )
    return schemas.Lead.of(lead)


@router.delete("/leads/{lead_id}/appointment", responses=REFUSALS)
def cancel_appointment(lead_id: Id, caller: Writer) -> schemas.Lead:
    """The appointment is off; its reminders end."""
    lead = change(caller, lead_id, lambda s, lead, now: desk.cancel_appointment(s, lead, None, now))
    return schemas.Lead.of(lead)


@router.post("/leads/{lead_id}/missed-appointment", responses=REFUSALS)
def miss_appointment(lead_id: Id, caller: Writer) -> schemas.Lead:
    """They did not come: the plan for that begins, and they need a call."""
    lead = change(caller, lead_id, lambda s, lead, now: desk.miss_appointment(s, lead, None, now))
    return schemas.Lead.of(lead)


@router.post("/leads/{lead_id}/decision", responses=REFUSALS)
def decide(lead_id: Id, caller: Writer, decision: Decision) -> schemas.Lead:
    """What a text meant that might have been a no: an opt-out, or an ordinary reply."""
    no = decision.no_texts
    lead = change(
        caller, lead_id, lambda s, lead, now: desk.decide(s, lead, None, now, no_texts=no)
    )
    return schemas.Lead.of(lead)


@router.delete("/leads/{lead_id}/follow-ups", responses=REFUSALS)
def stop_follow_ups(lead_id: Id, caller: Writer) -> schemas.Lead:
    """No more texts by themselves for now; the lead may still be texted by hand."""
    lead = change(caller, lead_id, lambda s, lead, now: desk.stop_follow_ups(s, lead, None, now))
    return schemas.Lead.of(lead)


@router.post("/leads/{lead_id}/closing", responses=REFUSALS)
def close(lead_id: Id, caller: Writer, closing: Closing) -> schemas.Lead:
    """Nothing more to do. A later call opens it again."""
    stage = closing.stage
    lead = change(caller, lead_id, lambda s, lead, now: desk.close(s, lead, None, now, stage))
    return schemas.Lead.of(lead)


@router.put("/leads/{lead_id}/relation", responses=REFUSALS)
def relate(lead_id: Id, caller: Writer, told: RelationChange) -> schemas.Lead:
    """What they are to the clinic. It decides which texts they may get."""
    relation = told.relation
    lead = change(caller, lead_id, lambda s, lead, now: desk.relate(s, lead, None, now, relation))
    return schemas.Lead.of(lead)


@router.put("/leads/{lead_id}/name", responses=REFUSALS)
def rename(lead_id: Id, caller: Writer, told: Name) -> schemas.Lead:
    lead = change(caller, lead_id, lambda s, lead, now: desk.rename(s, lead, None, now, told.name))
    return schemas.Lead.of(lead)


@router.post("/leads/{lead_id}/notes", status_code=201, responses=REFUSALS)
def write_note(lead_id: Id, caller: Writer, note: Note) -> schemas.Lead:
    lead = change(
        caller, lead_id, lambda s, lead, now: desk.write_note(s, lead, None, now, note.text)
    )
    return schemas.Lead.of(lead)


@router.post("/leads/{lead_id}/messages", status_code=201, responses=REFUSALS)
def text(lead_id: Id, caller: Writer, told: Text) -> schemas.QueuedMessage:
    """Queue a text to their main phone. The answer warns where no automated one would go now."""
    queued: list[schemas.QueuedMessage] = []

    def write(session: Session, lead: Lead, now: datetime) -> None:
        message = schemas.Message.of(desk.reply(session, lead, None, now, told.body))
        warning = caution_now(Practice.get(session), lead.phone, now) if lead.phone else ""
        queued.append(schemas.QueuedMessage(**dict(message), warning=warning or None))

    change(caller, lead_id, write)
    return queued[0]


@router.post("/leads/{lead_id}/opt-out", responses=REFUSALS)
def opt_out(lead_id: Id, caller: Writer) -> schemas.Lead:
    """They want no texts: none goes out any more, to any phone of theirs."""
    lead = change(caller, lead_id, lambda s, lead, now: desk.no_more_texts(s, lead, None, now))
    return schemas.Lead.of(lead)


@router.post("/leads/{lead_id}/opt-in", responses=REFUSALS)
def opt_in(lead_id: Id, caller: Writer) -> schemas.Lead:
    """They told the clinic that texts are welcome; an opt-out of their main phone is lifted."""
    lead = change(caller, lead_id, lambda s, lead, now: desk.texts_wanted(s, lead, None, now))
    return schemas.Lead.of(lead)
