"""One lead that is two people becomes two.

What is chosen moves to the other lead with all that belongs to it: a call with its voicemail and
the follow-up that it began, a follow-up with its reminders, a reminder with its texts. Nothing is
copied, so nothing goes out twice; the phones, their stops and consents serve both.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from leads import audit, timeline
from leads.call import UNANSWERED, Call
from leads.db import changed
from leads.desk import Refused
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.merge import hold, told
from leads.message import Message
from leads.outbound_call import OutboundCall
from leads.phone import LeadPhone
from leads.reminder import Reminder
from leads.timeline import TimelineEntry

CHOSEN_FROM = ("call", "call_out", "text_in", "text_out", "note", "logged")
MOMENT = timedelta(microseconds=1)


@dataclass
class Things:
    """Rows of a lead, by their ids, that move together."""

    calls: set[int] = field(default_factory=set)
    clicks: set[int] = field(default_factory=set)  # call-backs that staff asked for
    messages: set[int] = field(default_factory=set)
    runs: set[int] = field(default_factory=set)
    reminders: set[int] = field(default_factory=set)
    entries: set[int] = field(default_factory=set)


def split(
    session: Session,
    lead: Lead,
    entry_ids: Collection[int],
    name: str,
    staff_id: int | None,
    now: datetime,
    *,
    later_calls_to_new: bool = True,
) -> Lead:
    """A new lead of these calls, texts and notes, given by their lines of the timeline.

    Whoever calls from a shared phone later is taken for the one heard of last: the new one, or
    with `later_calls_to_new` false this one. Raises Refused when that makes no two people.
    """
    hold(session, lead)
    things, chosen = look(session, lead, entry_ids)
    new = Lead(
        name=" ".join(name.split())[:200],
        created_at=min(entry.at for entry in chosen),
        last_activity_at=now,
        source=_source(session, lead, things),
        confidential_at=lead.confidential_at,
    )
    session.add(new)
    session.flush()
    for phone_id in sorted(_phones_of(session, things) or _main_phone(lead)):
        session.add(LeadPhone(lead_id=new.id, phone_id=phone_id))
    _waits(session, lead, new, things)
    move(session, lead, new, things)
    _texts_in(session, lead, new)
    heard = min(max(entry.at for entry in chosen), now - MOMENT)
    if later_calls_to_new:
        lead.last_activity_at = min(lead.last_activity_at, now - MOMENT)
    else:
        new.last_activity_at, lead.last_activity_at = heard, now
    words = told(len(things.calls), len(things.messages))
    told_of = {"staff_id": staff_id, "calls": len(things.calls), "messages": len(things.messages)}
    # No names: these lines stay when one of the two becomes confidential. The ids tell who.
    sentence = f"Split: {words} went to another lead, on the same phone."
    timeline.note(session, lead.id, now, "split", sentence, to_lead_id=new.id, **told_of)
    sentence = f"Split from another lead, with {words}."
    timeline.note(session, new.id, now, "split", sentence, from_lead_id=lead.id, **told_of)
    audit.record(session, "lead_split", staff_id=staff_id, lead_id=lead.id, to_lead_id=new.id)
    session.flush()
    session.expire(new, ["phones"])
    return new


def look(
    session: Session, lead: Lead, entry_ids: Collection[int]
) -> tuple[Things, list[TimelineEntry]]:
    """What would move, changing nothing. Raises Refused."""
    chosen = list(
        session.scalars(
            select(TimelineEntry).where(
                TimelineEntry.lead_id == lead.id, TimelineEntry.id.in_(entry_ids)
            )
        )
    )
    if not entry_ids:
        raise Refused("Choose what belongs to the other person. Nothing was changed.")
    if len(chosen) != len(set(entry_ids)) or any(not may_choose(entry) for entry in chosen):
        raise Refused("Something of this is not here any more. Nothing was changed; look again.")
    things = Things(
        calls={entry.facts["call_id"] for entry in chosen if "call_id" in entry.facts},
        messages={entry.facts["message_id"] for entry in chosen if "message_id" in entry.facts},
        entries={entry.id for entry in chosen},
    )
    complete(session, lead, things)
    rest = select(TimelineEntry.id).where(
        TimelineEntry.lead_id == lead.id,
        TimelineEntry.kind.in_(CHOSEN_FROM),
        TimelineEntry.id.not_in(things.entries),
    )
    if session.scalar(rest.limit(1)) is None:
        raise Refused("That is all of it. Change the name instead; nothing was split.")
    return things, chosen


def may_choose(entry: TimelineEntry) -> bool:
    """A call, a text or a note. Texts of a reminder go with what began their follow-up."""
    return entry.kind in CHOSEN_FROM and "reminder_id" not in entry.facts


def complete(session: Session, lead: Lead, things: Things) -> None:
    """Add whatever of this lead's belongs to them."""
    sids = select(Call.sid).where(Call.id.in_(things.calls))
    things.clicks |= set(session.scalars(select(OutboundCall.id).where(OutboundCall.sid.in_(sids))))
    mine = FollowUp.lead_id == lead.id
    things.runs |= set(
        session.scalars(select(FollowUp.id).where(mine, FollowUp.call_id.in_(things.calls)))
    )
    things.reminders |= set(
        session.scalars(select(Reminder.id).where(Reminder.follow_up_id.in_(things.runs)))
    )
    things.messages |= set(
        session.scalars(select(Message.id).where(Message.reminder_id.in_(things.reminders)))
    )
    facts = TimelineEntry.facts
    things.entries |= set(
        session.scalars(
            select(TimelineEntry.id).where(
                TimelineEntry.lead_id == lead.id,
                TimelineEntry.kind.not_in(("merged", "split")),
                or_(
                    facts["call_id"].as_integer().in_(things.calls),
                    facts["message_id"].as_integer().in_(things.messages),
                    facts["follow_up_id"].as_integer().in_(things.runs),
                    facts["reminder_id"].as_integer().in_(things.reminders),
                ),
            )
        )
    )


def move(session: Session, source: Lead, target: Lead, things: Things) -> None:
    """Make them the other lead's. Needs the locks of `merge.hold`."""
    for noun, ids in (
        (Reminder, things.reminders),
        (FollowUp, things.runs),
        (Message, things.messages),
        (OutboundCall, things.clicks),
        (Call, things.calls),
        (TimelineEntry, things.entries),
    ):
        one: Any = noun
        session.execute(
            update(one).where(one.id.in_(ids), one.lead_id == source.id).values(lead_id=target.id)
        )
    changed(session, f"lead:{source.id}")
    changed(session, f"lead:{target.id}")


def _source(session: Session, lead: Lead, things: Things) -> str:
    """Where the new lead comes from: the number that it called first."""
    first = session.scalars(
        select(Call).where(Call.id.in_(things.calls)).order_by(Call.started_at).limit(1)
    ).one_or_none()
    number = first.tracking_number if first else None
    return number.source if number else lead.source


def _phones_of(session: Session, things: Things) -> set[int]:
    called = select(Call.phone_id).where(Call.id.in_(things.calls), Call.phone_id.is_not(None))
    texted = select(Message.phone_id).where(Message.id.in_(things.messages))
    return {phone_id for phone_id in session.scalars(called.union(texted)) if phone_id}


def _main_phone(lead: Lead) -> Iterable[int]:
    return [lead.phone.id] if lead.phone else []


def _waits(session: Session, lead: Lead, new: Lead, things: Things) -> None:
    """Who waited goes on waiting: the one who got in touch since, or both. Nobody is dropped."""
    since = lead.needs_callback_since
    if since is None:
        return
    began = since - timedelta(minutes=15)  # the wait begins when a call turns out unanswered
    called = select(Call.id).where(
        Call.lead_id == lead.id, Call.started_at >= began, Call.outcome.in_(UNANSWERED)
    )
    wrote = select(Message.id).where(
        Message.lead_id == lead.id, Message.direction == "inbound", Message.created_at >= began
    )
    calls, texts = set(session.scalars(called)), set(session.scalars(wrote))
    if not (calls & things.calls or texts & things.messages):
        return
    new.needs_callback_since = since
    if not (calls - things.calls or texts - things.messages):
        lead.needs_callback_since = lead.snoozed_until = None


def _texts_in(session: Session, lead: Lead, new: Lead) -> None:
    """The text that waits for an answer is the last of each one's own."""
    if lead.last_text_in_at is None:
        return
    last = select(func.max(Message.created_at)).where(
        Message.direction == "inbound", Message.created_at <= lead.last_text_in_at
    )
    new.last_text_in_at = session.scalar(last.where(Message.lead_id == new.id))
    lead.last_text_in_at = session.scalar(last.where(Message.lead_id == lead.id))
    new.texts_read_at = lead.texts_read_at
