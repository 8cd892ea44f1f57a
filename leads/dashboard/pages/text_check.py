"""For a text that is being written: what the linter says of it, and the saved replies.

Staff are told, and not prevented: they know whom they write to. Only an opt-out prevents a text.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import clock, saved_reply, wording
from leads.dashboard.pages import texting
from leads.dashboard.pages.access import Changer, Reader
from leads.db import transaction
from leads.lead import Lead
from leads.message import FAILED, Message
from leads.phone import Phone
from leads.practice import Practice

router = APIRouter(prefix="/texts")
HINT_LASTS = timedelta(days=30)
LONGEST = 1600  # characters


@router.post("/check")
def check(
    known: Changer,  # noqa: ARG001 - lets staff in
    body: Annotated[str, Form()] = "",
    lead_id: Annotated[int, Form()] = 0,
    window: Annotated[str, Form()] = "",
) -> dict[str, list[str]]:
    """`window`: say also whether it is a quiet hour for them, where the page does not."""
    body = body.replace("\r\n", "\n").strip()[:LONGEST]
    if not body:
        return {"warnings": []}
    with transaction() as session:
        practice, lead = Practice.get(session), session.get(Lead, lead_id)
        phone = lead.phone if lead else None
        quiet = texting.caution_now(practice, phone, clock.now(session)) if window and phone else ""
        found = wording.lint(
            body,
            practice.name,
            first_text=phone is not None and _is_first(session, phone),
            clinic_registered_name=practice.name,
            by_hand=True,
        )
    unfilled = [
        f"{{{field}}} goes out as it stands: write it out."
        for field in ("clinic", "phone")
        if f"{{{field}}}" in body
    ]
    # Nothing is filled in here: what a plan writes as a field is written out.
    said = [finding.message.replace("{clinic}", practice.name) for finding in found]
    return {"warnings": [quiet] * bool(quiet) + unfilled + said}


def _is_first(session: Session, phone: Phone) -> bool:
    """Whether they have had no text in 30 days that says how to stop."""
    told = select(Message.id).where(
        Message.phone_id == phone.id,
        Message.direction == "outbound",
        Message.state.not_in(FAILED),
        Message.created_at >= clock.now(session) - HINT_LASTS,
        Message.body.icontains("stop"),
    )
    return session.scalar(told.limit(1)) is None


@router.get("/replies/{lead_id}")
def replies(lead_id: int, known: Reader) -> dict[str, list[dict[str, str]]]:  # noqa: ARG001 - lets staff in
    """The saved replies, filled for this person. Of who is confidential no name: the desk and the
    inbox put it beside “Confidential”, where colleagues look on."""
    with transaction() as session:
        lead, practice = session.get(Lead, lead_id), Practice.get(session)
        name = lead.name if lead and lead.confidential_at is None else ""
        return {
            "replies": [
                {"title": row.title, "text": saved_reply.filled(row.body, practice, name)}
                for row in saved_reply.every(session)
            ]
        }
