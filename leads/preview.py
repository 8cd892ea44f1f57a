"""What a plan would do for somebody at some moment, by the code that does it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import follow_up
from leads.consent import Basis
from leads.filling import text_of
from leads.intention import intend
from leads.lead import Lead, Relation
from leads.phone import Phone
from leads.phone_number import parse_e164
from leads.plan import Plan
from leads.practice import Practice


class PreviewRefused(Exception):
    """There is nothing to preview; the text says why and what to type instead."""


@dataclass(frozen=True)
class PreviewText:
    """One text: its words at `due_at`, or why it does not go (`refusal`). `why` says what moved
    it from the moment that the plan names; `capped` that it was the limit on how many."""

    number: int
    text: str
    due_at: datetime
    refusal: str | None
    why: str
    capped: bool


@dataclass(frozen=True)
class Preview:
    """`refusal`: why nothing goes at all. `known`: the number is one we have heard from, so its
    own texts, opt-out and relation count."""

    refusal: str | None
    texts: list[PreviewText]
    known: bool


def preview(
    session: Session,
    plan: Plan,
    *,
    number: str,
    trigger_at: datetime,
    appointment_at: datetime | None,
    basis: Basis,
    relation: Relation = "prospect",
) -> Preview:
    """Every text of `plan`, were it begun at `trigger_at` for this caller. Writes nothing.

    Raises PreviewRefused for what is no telephone number, or a plan that lacks its appointment.
    """
    e164 = parse_e164(number)
    if e164 is None:
        raise PreviewRefused("This is no telephone number. Give one such as 425-555-0142.")
    if plan.kind.anchor == "appointment" and appointment_at is None:
        raise PreviewRefused("Give the appointment's day and time as well.")
    phone = session.scalars(select(Phone).where(Phone.e164 == e164)).one_or_none()
    lead = Lead.last_of(session, phone.id) if phone is not None else None
    known = phone is not None and lead is not None
    with session.no_autoflush:
        intention = intend(
            session,
            Plan(plan.name, plan.steps),  # switched off or not: this is what it would do
            lead=lead or Lead(relation=relation),
            phone=phone or Phone(e164=e164),
            basis=basis,
            declined=False,
            now=trigger_at,
            appointment_at=appointment_at,
        )
    if lead is not None and follow_up.open_run(session, lead.id, plan.name):
        words = "this plan is under way for them: it goes on, and nothing new begins."
        return Preview(words, [], known)
    practice = Practice.get(session)
    texts = []
    for item in intention.planned:
        text = text_of(practice, item.step, trigger_at, appointment_at, item.due_at)
        texts.append(
            PreviewText(
                item.step.number,
                text or item.step.text,
                item.due_at,
                item.refusal,
                item.why,
                item.capped,
            )
        )
    return Preview(intention.refusal, texts, known)
