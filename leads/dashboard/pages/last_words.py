"""The last that people said, or what was last noted of them: beside who rings, and who rang
without a word."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, select, true, union_all
from sqlalchemy.orm import Session

from leads.call import Call
from leads.db import among
from leads.lead import Lead
from leads.message import Message
from leads.recording import Recording
from leads.timeline import WRITTEN, TimelineEntry

THEIRS = ("text", "voicemail")


@dataclass(frozen=True)
class Words:
    kind: str  # text voicemail note
    at: datetime
    text: str


def of(session: Session, lead_ids: Collection[int]) -> dict[int, Words]:
    """By lead; none for whom there are none. What they said themselves goes before what a
    colleague noted. Of each lead's papers each index is followed from its end, to the first that
    has words: a page of people with long histories reads a few rows of each."""
    if not lead_ids:
        return {}
    text = (
        select(literal("text").label("kind"), Message.created_at.label("at"), Message.body)
        .where(Message.lead_id == Lead.id, Message.direction == "inbound", Message.body != "")
        .order_by(Message.created_at.desc())
    )
    voicemail = (
        select(literal("voicemail"), Call.started_at, Recording.transcript)
        .join(Recording, Recording.call_id == Call.id)
        .where(
            Call.lead_id == Lead.id,
            Recording.kind == "voicemail",
            Recording.transcript.is_not(None),
        )
        .order_by(Call.started_at.desc())
    )
    note = (
        select(literal("note"), TimelineEntry.at, TimelineEntry.text)
        .where(TimelineEntry.lead_id == Lead.id, TimelineEntry.kind.in_(WRITTEN))
        .order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc())
    )
    last = union_all(*(each.limit(1).correlate(Lead) for each in (text, voicemail, note))).lateral()
    said: dict[int, Words] = {}
    for lead_id, *told in session.execute(
        select(Lead.id, *last.c).join(last, true()).where(among(Lead.id, lead_ids))
    ):
        words, known = Words(*told), said.get(lead_id)
        if known is None or (words.kind in THEIRS, words.at) > (known.kind in THEIRS, known.at):
            said[lead_id] = words
    return said
