"""A merge is undone: by the list of rows that it wrote down, and the row that it left as it was."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from leads import audit, split, timeline
from leads.call import Call
from leads.desk import Refused
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.merge import UNDONE, hold
from leads.message import Message
from leads.phone import LeadPhone
from leads.timeline import TimelineEntry


def undo(session: Session, kept: Lead, gone: Lead, staff_id: int | None, now: datetime) -> None:
    """Undo a merge: `gone` is a lead of its own again, with what it had then and what has come of
    that since. What was ended stays ended, so that no text begins again by itself. Raises Refused.
    """
    hold(session, kept)
    session.refresh(gone, with_for_update=True)
    entry = merged_by(session, kept, gone)
    if entry is None:
        raise Refused("They are not merged any more. Nothing was changed.")
    facts = entry.facts
    moved = facts["moved"]
    things = split.Things(
        calls=set(moved["call"]),
        clicks=set(moved["outbound_call"]),
        messages=set(moved["message"]),
        runs=set(moved["follow_up"]),
        reminders=set(moved["reminder"]),
        entries=set(moved["timeline"]),
    )
    split.complete(session, kept, things)
    gone.merged_into_id = None
    session.flush()
    split.move(session, kept, gone, things)
    _give_back_phones(session, kept, gone, facts["phones"])
    _set_back(kept, gone, facts)
    sentence = "Merge undone: the other lead stands alone."
    told_of = {"staff_id": staff_id, "to_lead_id": gone.id}
    timeline.note(session, kept.id, now, "split", sentence, **told_of)
    told_of = {"staff_id": staff_id, "from_lead_id": kept.id}
    timeline.note(session, gone.id, now, "split", "Merge with another lead undone.", **told_of)
    entry.facts = {**entry.facts, "undone": True}
    audit.record(session, "merge_undone", staff_id=staff_id, lead_id=kept.id, to_lead_id=gone.id)
    session.flush()
    session.expire(kept, ["phones"])
    session.expire(gone, ["phones"])


def merged_by(session: Session, kept: Lead, gone: Lead) -> TimelineEntry | None:
    """The line that tells how `gone` became a part of `kept`."""
    if gone.merged_into_id != kept.id:
        return None
    return session.scalars(
        select(TimelineEntry)
        .where(
            TimelineEntry.lead_id == kept.id,
            TimelineEntry.kind == "merged",
            TimelineEntry.facts["from_lead_id"].as_integer() == gone.id,
        )
        .order_by(TimelineEntry.id.desc())
        .limit(1)
    ).one_or_none()


def merges(session: Session, kept: Lead) -> list[tuple[Lead, TimelineEntry]]:
    """Who is a part of `kept`, each with the line that tells how it became so."""
    gone_id = TimelineEntry.facts["from_lead_id"].as_integer()
    found = session.execute(
        select(Lead, TimelineEntry)
        .join(TimelineEntry, gone_id == Lead.id)
        .where(
            Lead.merged_into_id == kept.id,
            TimelineEntry.lead_id == kept.id,
            TimelineEntry.kind == "merged",
        )
        .order_by(Lead.id, TimelineEntry.id)
    )
    last = {lead.id: (lead, entry) for lead, entry in found}  # it may have been undone in between
    return [*last.values()]


def _give_back_phones(
    session: Session, kept: Lead, gone: Lead, phones: Iterable[dict[str, Any]]
) -> None:
    """`gone` has its phones again; `kept` loses those that it got by the merge and never used."""
    for phone in phones:
        session.add(LeadPhone(lead_id=gone.id, phone_id=phone["id"], main=phone["main"]))
        used = (
            select(noun.id).where(noun.lead_id == kept.id, noun.phone_id == phone["id"]).limit(1)
            for noun in (Call, Message, FollowUp)
        )
        if phone["new"] and not any(session.scalar(each) for each in used):
            session.execute(
                delete(LeadPhone).where(
                    LeadPhone.lead_id == kept.id, LeadPhone.phone_id == phone["id"]
                )
            )


def _set_back(kept: Lead, gone: Lead, facts: dict[str, Any]) -> None:
    """What the merge made of `kept`'s fields, where nobody has changed it since."""
    before, after = facts["before"], facts["after"]
    still = [key for key in UNDONE if _told(getattr(kept, key)) == after[key]]
    if gone.appointment_at is not None and (
        "appointment_at" not in still and before["appointment_at"] != after["appointment_at"]
    ):
        # Moved or cancelled since: it is told on the lead on which that was done.
        gone.appointment_at = None
    elif gone.appointment_at == kept.appointment_at:
        gone.appointment_confirmed_at = kept.appointment_confirmed_at
        gone.appointment_change_asked_at = kept.appointment_change_asked_at
        if "appointment_at" in still and before["appointment_at"] != after["appointment_at"]:
            kept.appointment_confirmed_at = kept.appointment_change_asked_at = None
    if facts["waited_since"] and kept.needs_callback_since is not None:
        gone.needs_callback_since = datetime.fromisoformat(facts["waited_since"])
    for key in still:
        if before[key] != after[key]:
            at = key.endswith(("_at", "_since")) and before[key]
            setattr(kept, key, datetime.fromisoformat(before[key]) if at else before[key])
    if facts["took_name"] and kept.name == gone.name:
        kept.name = ""


def _told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
