"""A lead's timeline, told for people: one item a call, one bubble a text, quiet lines between."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import inbox, split
from leads.call import Call
from leads.dashboard.pages import texting, words
from leads.dashboard.pages.recording import may_hear
from leads.dashboard.pages.times import Times
from leads.lead import Lead
from leads.message import Message
from leads.picture import Picture
from leads.recording import Recording
from leads.reminder import Reminder
from leads.staff import Staff
from leads.timeline import TimelineEntry
from leads.tracking_number import TrackingNumber

PER_PAGE = 100
MOST_CHOICES = 200
# Told by the item itself: a call by its outcome, a reminder by its run, a text by its state.
TOLD_ELSEWHERE = {
    "call_answered",
    "call_missed",
    "call_abandoned",
    "call_voicemail",
    "reminder_scheduled",
}
# What is more than a line.
KINDS = {"call": "call", "text_in": "text", "text_out": "text", "note": "note", "logged": "note"}
ICONS = {
    "lead_created": "person",
    "contacted": "check",
    "booked": "calendar",
    "closed": "check",
    "reopened": "phone",
    "relation": "person",
    "renamed": "pencil",
    "follow_up_started": "follow-ups",
    "follow_up_ended": "follow-ups",
    "follow_up_joined": "follow-ups",
    "reminder_cancelled": "cross",
    "reminder_moved": "clock",
    "no_follow_up": "no-texts",
    "opted_out": "no-texts",
    "opted_in": "text",
    "declined": "no-texts",
    "wrong_number": "alert",
    "untextable": "alert",
    "text_failed": "alert",
    "text_unknown": "alert",
    "unclear": "alert",
    "decided": "check",
    "agreed": "text",
    "stopped": "no-texts",
    "follow_up_paused": "pause",
    "answer_dropped": "cross",
    "unknown_settled": "check",
    "needs_callback": "phone",
    "appointment_confirmed": "check",
    "appointment_change": "calendar",
    "appointment_cancelled": "calendar",
    "appointment_missed": "calendar",
    "needs_review": "alert",
    "blocked": "block",
    "unblocked": "check",
    "reviewed": "check",
    "call_out": "phone",
    "call_out_answered": "answered",
    "call_out_no_answer": "missed",
    "call_out_failed": "alert",
    "call_out_unknown": "alert",
    "stage": "pencil",
    "owner": "person",
    "value": "pencil",
    "tags": "pencil",
    "confidential": "withheld",
    "logged": "pencil",
    "rang": "phone",
    "snoozed": "clock",
    "merged": "people",
    "split": "people",
}
TONES = {
    "booked": "good",
    "opted_out": "bad",
    "untextable": "bad",
    "text_failed": "bad",
    "text_unknown": "bad",
    "wrong_number": "bad",
    "blocked": "bad",
    "unclear": "bad",
    "appointment_confirmed": "good",
    "appointment_change": "bad",
    "appointment_missed": "bad",
    "needs_review": "bad",
    "call_out_answered": "good",
    "call_out_failed": "bad",
    "call_out_unknown": "bad",
}
QUIET = {
    "claimed",
    "snoozed",
    "call_out",
    "lead_created",
    "follow_up_started",
    "follow_up_ended",
    "follow_up_joined",
    "reminder_cancelled",
    "reminder_moved",
    "follow_up_paused",
    "answer_dropped",
    "renamed",
    "owner",
    "value",
    "tags",
}


@dataclass(frozen=True)
class Item:
    """`kind`: call, text, note or line; the other fields are those that the kind shows."""

    entry: TimelineEntry
    kind: str
    icon: str
    tone: str
    quiet: bool
    by: str
    call: Call | None = None
    number: TrackingNumber | None = None
    recordings: list[Recording] = field(default_factory=list)
    message: Message | None = None
    pictures: list[Picture] = field(default_factory=list)
    may_try_again: bool = False
    state: words.State | None = None
    planned: list[Reminder] = field(default_factory=list)
    held: list[int] = field(default_factory=list)  # the steps that a run's end kept back
    other: Lead | None = None  # whom a split, or the end of a merge, is about besides


@dataclass(frozen=True)
class History:
    days: list[tuple[str, list[Item]]]  # the newest first
    earlier: int | None  # what to ask for to see more


def of(session: Session, lead_id: int, times: Times, before: int | None, role: str) -> History:
    """A page of it, the newest first. `role`: whose eyes and ears it is for."""
    wanted = select(TimelineEntry).where(
        TimelineEntry.lead_id == lead_id, TimelineEntry.kind.not_in(TOLD_ELSEWHERE)
    )
    if before is not None:
        wanted = wanted.where(TimelineEntry.id < before)
    # By id: entries of one transaction share their moment, and were written in order.
    found = list(session.scalars(wanted.order_by(TimelineEntry.id.desc()).limit(PER_PAGE + 1)))
    more = len(found) > PER_PAGE
    found = found[:PER_PAGE]
    items = _items(session, found, role)
    days = [
        (times.heading(next_day[0].entry.at), next_day) for _, next_day in _by_day(items, times)
    ]
    return History(days, found[-1].id if more else None)


def to_choose_from(session: Session, lead_id: int, times: Times, role: str) -> History:
    """The calls, texts and notes that may go to another person: the latest `MOST_CHOICES`."""
    found = session.scalars(
        select(TimelineEntry)
        .where(
            TimelineEntry.lead_id == lead_id,
            TimelineEntry.kind.in_(split.CHOSEN_FROM),
            ~TimelineEntry.facts.has_key("reminder_id"),
        )
        .order_by(TimelineEntry.id.desc())
        .limit(MOST_CHOICES)
    )
    items = _items(session, list(found), role)
    return History(
        [(times.heading(each[0].entry.at), each) for _, each in _by_day(items, times)], None
    )


def _by_day(items: Iterable[Item], times: Times) -> Iterable[tuple[date, list[Item]]]:
    for day, group in groupby(items, key=lambda item: times.local(item.entry.at).date()):
        yield day, list(group)


def _items(session: Session, entries: list[TimelineEntry], role: str) -> list[Item]:
    calls = _known(session, Call, _ids(entries, "call_id"))
    numbers = _known(session, TrackingNumber, {call.tracking_number_id for call in calls.values()})
    messages = _known(session, Message, _ids(entries, "message_id"))
    pictures = texting.pictures(session, messages.values())
    again = inbox.to_try_again(messages.values())
    staff = _known(session, Staff, _ids(entries, "staff_id"))
    recordings = _recordings(session, calls, role)
    planned: dict[int, list[Reminder]] = {}
    for reminder in session.scalars(
        select(Reminder)
        .where(Reminder.follow_up_id.in_(_ids(entries, "follow_up_id")))
        .order_by(Reminder.step)
    ):
        planned.setdefault(reminder.follow_up_id, []).append(reminder)

    held = _held(entries)
    splits = [entry for entry in entries if entry.kind == "split"]
    others = _known(session, Lead, _ids(splits, "to_lead_id") | _ids(splits, "from_lead_id"))

    def item(entry: TimelineEntry) -> Item:
        facts = entry.facts
        message = messages.get(facts.get("message_id"))
        member = staff.get(facts.get("staff_id"))
        kind = KINDS.get(entry.kind, "line")
        call = calls.get(facts.get("call_id")) if kind == "call" else None
        return Item(
            entry=entry,
            kind=kind,
            icon=words.OUTCOMES[call.outcome][1] if call else ICONS.get(entry.kind, "dot"),
            tone=_call_tone(call) if call else TONES.get(entry.kind, ""),
            quiet=entry.kind in QUIET,
            by=(member.name or member.email) if member else "",
            call=call,
            number=numbers.get(call.tracking_number_id) if call else None,
            recordings=recordings.get(call.id, []) if call else [],
            message=message,
            pictures=pictures.get(message.id, []) if message and kind == "text" else [],
            may_try_again=message is not None and kind == "text" and message.id in again,
            state=words.delivery(message) if message else None,
            planned=planned.get(facts["follow_up_id"], [])
            if entry.kind == "follow_up_started"
            else [],
            held=held.get(entry.at, []) if entry.kind == "follow_up_ended" else [],
            other=others.get(facts.get("to_lead_id") or facts.get("from_lead_id")),
        )

    return [
        item(entry)
        for entry in entries
        if entry.kind != "reminder_cancelled" or entry.at not in held
    ]


def _recordings(session: Session, calls: dict[int, Call], role: str) -> dict[int, list[Recording]]:
    """What was recorded of each call, and this role may play."""
    found: dict[int, list[Recording]] = {}
    wanted = select(Recording).where(Recording.call_id.in_(calls)).order_by(Recording.id)
    for recording in session.scalars(wanted):
        if may_hear(role, recording):
            found.setdefault(recording.call_id, []).append(recording)
    return found


def _held(entries: list[TimelineEntry]) -> dict[datetime, list[int]]:
    """The steps that were kept back by a run's end, by its moment: they are told with it."""
    held: dict[datetime, list[int]] = {
        entry.at: [] for entry in entries if entry.kind == "follow_up_ended"
    }
    for entry in entries:
        if entry.kind == "reminder_cancelled" and entry.at in held:
            held[entry.at].append(entry.facts["step"])
    return held


def _call_tone(call: Call) -> str:
    return {"answered": "good", "missed": "bad", "abandoned": "bad"}.get(call.outcome, "")


def _ids(entries: list[TimelineEntry], fact: str) -> set[int]:
    return {entry.facts[fact] for entry in entries if entry.facts.get(fact) is not None}


def _known(session: Session, noun: Any, ids: set[Any]) -> dict[Any, Any]:
    ids.discard(None)
    if not ids:
        return {}
    return {row.id: row for row in session.scalars(select(noun).where(noun.id.in_(ids)))}
