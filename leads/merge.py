"""Two leads that are one person become one. Nothing that happened to either is lost.

Calls, texts, reminders and the timeline move; the other lead's row stays as it was, points here,
and is what a merge is undone from (see unmerge.py). Stops and consents are the phones' own, and
move with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, selectinload

from leads import audit, claim, follow_up, timeline
from leads.call import Call
from leads.desk import Refused
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.message import Message
from leads.outbound_call import OutboundCall
from leads.phone import LeadPhone, Phone
from leads.phone_number import pretty
from leads.plan import KINDS
from leads.reminder import Reminder
from leads.timeline import TimelineEntry

# The timeline last: whoever holds a reminder's row may still be writing a line about it.
MOVED: tuple[Any, ...] = (Reminder, FollowUp, Message, OutboundCall, Call, TimelineEntry)
# The further one holds; and whoever is to get fewer texts, gets fewer.
STAGES = ("not_a_lead", "lost", "new", "contacted", "booked", "won")
RELATIONS = ("prospect", "patient", "other")
# What undoing a merge sets back, where nobody has changed it since.
UNDONE = (
    *("stage", "relation", "source", "owner_id", "value_cents", "tags", "needs_callback_since"),
    *("appointment_at", "confidential_at", "created_at"),
)


@dataclass(frozen=True)
class Result:
    """What a merge makes of the two: the fields of the one that is kept, and the runs that end."""

    values: dict[str, Any]
    ending: list[tuple[FollowUp, str]]


def merge(
    session: Session, kept: Lead, gone: Lead, staff_id: int | None, now: datetime
) -> TimelineEntry:
    """Make `gone` a part of `kept`. Raises Refused when that cannot be, and says why."""
    if kept.id == gone.id:
        raise Refused("That is the same lead. Nothing was merged.")
    hold(session, kept, gone)
    claim.unite(session, kept, gone, staff_id)
    result = look(session, kept, gone, now)
    for run, reason in result.ending:
        follow_up.end_one(session, run, now, reason)
    session.flush()
    facts = {
        "from_lead_id": gone.id,
        "staff_id": staff_id,
        "waited_since": _told(gone.needs_callback_since),
        "took_name": not kept.name,
        "before": {key: _told(getattr(kept, key)) for key in UNDONE},
        "after": {key: _told(result.values[key]) for key in UNDONE},
    }
    who = gone.name or (pretty(gone.phone.e164) if gone.phone else "a lead without a name")
    who = "a confidential lead" if gone.confidential_at else who
    phones = _take_phones(session, kept, gone)
    moved = {noun.__tablename__: _take(session, noun, kept, gone) for noun in MOVED}
    for key, value in result.values.items():
        setattr(kept, key, value)
    if kept.relation == "patient":
        follow_up.shorten(session, now, kept.id, 1, "patients get the first text only.")
    gone.merged_into_id = kept.id
    gone.needs_callback_since = gone.snoozed_until = None
    gone.claimed_by_id = gone.claimed_until = None
    entry = timeline.note(
        session,
        kept.id,
        now,
        "merged",
        f"Merged with {who}: {told(len(moved['call']), len(moved['message']))} came along.",
        **facts,
        moved=moved,
        phones=phones,
    )
    audit.record(session, "leads_merged", staff_id=staff_id, lead_id=kept.id, from_lead_id=gone.id)
    session.flush()
    session.expire(kept, ["phones"])
    session.expire(gone, ["phones"])
    return entry


def hold(session: Session, *leads: Lead) -> None:
    """Lock these leads, all their phones first, each in the one order. Raises Refused for a lead
    that was merged, or that got another phone while we waited."""
    lead_ids = [lead.id for lead in leads]
    phone_ids = _phone_ids(session, lead_ids)
    Phone.locked_all(session, phone_ids)
    for lead in sorted(leads, key=lambda each: each.id):
        # All of the row: a note that somebody is just writing about it has to come along.
        session.refresh(lead, with_for_update=True)
    if any(lead.merged_into_id is not None for lead in leads) or (
        _phone_ids(session, lead_ids) - phone_ids
    ):
        raise Refused("One of them was changed meanwhile. Nothing was done; look again.")


def _phone_ids(session: Session, lead_ids: Sequence[int]) -> set[int]:
    """Their phones, and those of their open runs."""
    theirs = select(LeadPhone.phone_id).where(LeadPhone.lead_id.in_(lead_ids))
    runs = select(FollowUp.phone_id).where(
        FollowUp.lead_id.in_(lead_ids), FollowUp.ended_at.is_(None)
    )
    return set(session.scalars(theirs.union(runs)))


def look(session: Session, kept: Lead, gone: Lead, now: datetime) -> Result:
    """What the merge would make of them, changing nothing. Raises Refused."""
    ahead = [
        lead.appointment_at
        for lead in (kept, gone)
        if lead.appointment_at and lead.appointment_at > now
    ]
    if len(ahead) == 2 and ahead[0] != ahead[1]:
        raise Refused(
            "Both have an appointment ahead, and a lead has one. Cancel one of them first. "
            "Nothing was merged."
        )
    values = _values(kept, gone)
    return Result(values, _ending(session, kept, gone, values))


def _values(kept: Lead, gone: Lead) -> dict[str, Any]:
    """The fields of the merged lead: nothing that is known of either is forgotten."""
    older = min((kept, gone), key=lambda lead: (lead.created_at, lead.id))
    read = [lead.texts_read_at for lead in (kept, gone) if lead.last_text_in_at is not None]
    values = {
        "name": kept.name or gone.name,
        "stage": max(kept.stage, gone.stage, key=STAGES.index),
        "relation": max(kept.relation, gone.relation, key=RELATIONS.index),
        "source": older.source or kept.source or gone.source,
        "owner_id": kept.owner_id or gone.owner_id,
        "value_cents": gone.value_cents if kept.value_cents is None else kept.value_cents,
        "tags": kept.tags + [tag for tag in gone.tags if tag not in kept.tags],
        "created_at": older.created_at,
        "last_activity_at": max(kept.last_activity_at, gone.last_activity_at),
        "needs_callback_since": _first(kept.needs_callback_since, gone.needs_callback_since),
        "last_text_in_at": _last(kept.last_text_in_at, gone.last_text_in_at),
        # What one of them wrote and nobody has read is unread.
        "texts_read_at": None if None in read else min(filter(None, read), default=None),
        "confidential_at": _first(kept.confidential_at, gone.confidential_at),
        "snoozed_until": _snoozed(kept, gone),
    }
    from_gone = gone.appointment_at is not None and (
        kept.appointment_at is None or kept.appointment_at < gone.appointment_at
    )
    appointed = gone if from_gone else kept
    for key in ("appointment_at", "appointment_confirmed_at", "appointment_change_asked_at"):
        values[key] = getattr(appointed, key)
    return values


def _snoozed(kept: Lead, gone: Lead) -> datetime | None:
    """Until when the merged lead rests: only if each of them that waits does."""
    waits = [lead for lead in (kept, gone) if lead.needs_callback_since is not None]
    until = [lead.snoozed_until for lead in waits]
    return None if None in until else min(filter(None, until), default=None)


def _ending(
    session: Session, kept: Lead, gone: Lead, values: dict[str, Any]
) -> list[tuple[FollowUp, str]]:
    """One person has one run of a plan, and one about an inquiry: the newest goes on. A stage or
    relation that would have ended a run ends it."""
    runs = session.scalars(
        select(FollowUp)
        .where(FollowUp.lead_id.in_((kept.id, gone.id)), FollowUp.ended_at.is_(None))
        .order_by(FollowUp.started_at.desc(), FollowUp.id.desc())
    ).all()
    by_stage = {"won": "won", "lost": "closed", "not_a_lead": "closed", "booked": "booked"}
    reasons = [by_stage.get(values["stage"]), "relation" if values["relation"] == "other" else None]
    seen: set[str] = set()
    ending = []
    for run in runs:
        kind = KINDS[run.plan]
        group = "inquiry" if kind.topic == "inquiry" else run.plan
        forbidden = next((why for why in reasons if why in kind.endings), None)
        if forbidden or group in seen:
            ending.append((run, forbidden or "superseded"))
        else:
            seen.add(group)
    return ending


def _take_phones(session: Session, kept: Lead, gone: Lead) -> list[dict[str, Any]]:
    """Give `kept` the phones of `gone`; what has to be known to give them back."""
    mine = set(session.scalars(select(LeadPhone.phone_id).where(LeadPhone.lead_id == kept.id)))
    links = session.scalars(select(LeadPhone).where(LeadPhone.lead_id == gone.id)).all()
    phones = [
        {"id": link.phone_id, "main": link.main, "new": link.phone_id not in mine} for link in links
    ]
    session.execute(delete(LeadPhone).where(LeadPhone.lead_id == gone.id))
    for phone in phones:
        if phone["new"]:
            # The number that stands beside the name stays the one that stood there.
            main = bool(phone["main"]) and not mine
            session.add(LeadPhone(lead_id=kept.id, phone_id=phone["id"], main=main))
    session.flush()
    return phones


def _take(session: Session, noun: Any, kept: Lead, gone: Lead) -> list[int]:
    moving = update(noun).where(noun.lead_id == gone.id).values(lead_id=kept.id)
    return sorted(session.scalars(moving.returning(noun.id)))


def told(calls: int, texts: int) -> str:
    """`2 calls and 1 text`."""
    return f"{calls} call{'' if calls == 1 else 's'} and {texts} text{'' if texts == 1 else 's'}"


def _told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _first(*moments: datetime | None) -> datetime | None:
    return min((at for at in moments if at is not None), default=None)


def _last(*moments: datetime | None) -> datetime | None:
    return max((at for at in moments if at is not None), default=None)


def candidates(session: Session, lead: Lead) -> list[Lead]:
    """Who may be the same person: who shares a phone with them, or has the same name."""
    shares = select(LeadPhone.lead_id).where(
        LeadPhone.phone_id.in_(select(LeadPhone.phone_id).where(LeadPhone.lead_id == lead.id))
    )
    found = set(session.scalars(shares))
    if lead.name:
        found |= set(session.scalars(select(Lead.id).where(Lead.name == lead.name).limit(20)))
    return list(
        session.scalars(
            select(Lead)
            .where(Lead.id.in_(found - {lead.id}), Lead.merged_into_id.is_(None))
            .options(selectinload(Lead.phones))
            .order_by(Lead.last_activity_at.desc(), Lead.id.desc())
            .limit(20)
        )
    )
