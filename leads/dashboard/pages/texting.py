"""What passed in texts with people on a list: the last they wrote, the last we sent, or why not."""

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from leads import intention, quiet_hours
from leads.call import Call
from leads.dashboard.pages.times import Times
from leads.dashboard.pages.words import State, delivery
from leads.db import among
from leads.lead import Lead
from leads.message import Message
from leads.phone import LeadPhone, Phone
from leads.picture import Picture
from leads.practice import Practice
from leads.reminder import Reminder
from leads.timeline import TimelineEntry

REFUSALS = ("no_follow_up", "reminder_cancelled", "untextable")


def last_received(session: Session, lead_ids: Collection[int]) -> dict[int, Message]:
    # STOP after an answer is none itself: the answer before it is what waits.
    return _last(session, lead_ids, "inbound", Message.created_at <= Lead.last_text_in_at)


def _last(
    session: Session, lead_ids: Collection[int], direction: str, *more: ColumnElement[bool]
) -> dict[int, Message]:
    if not lead_ids:
        return {}
    found = session.scalars(
        select(Message)
        .ext(distinct_on(Message.lead_id))
        .join(Lead, Lead.id == Message.lead_id)
        .where(among(Message.lead_id, lead_ids), Message.direction == direction, *more)
        .order_by(Message.lead_id, Message.created_at.desc(), Message.id.desc())
    )
    return {message.lead_id: message for message in found}


def unclear(session: Session, lead_ids: Collection[int]) -> dict[int, list[Message]]:
    """The texts since the one that may be a no, oldest first, of those on whom staff have to
    decide. By phone: people share phones, and the no is the phone's."""
    if not lead_ids:
        return {}
    found = session.execute(
        select(LeadPhone.lead_id, Message)
        .join(Phone, Phone.id == LeadPhone.phone_id)
        .join(Message, Message.phone_id == Phone.id)
        .where(
            among(LeadPhone.lead_id, lead_ids),
            Message.direction == "inbound",
            Message.created_at >= Phone.unclear_at,
        )
        .order_by(Message.id)
    )
    texts: dict[int, list[Message]] = {}
    for lead_id, message in found:
        texts.setdefault(lead_id, []).append(message)
    return texts


def what_was_sent(
    session: Session, lead_ids: Collection[int], times: Times
) -> Callable[[Lead, datetime, Call | None], State]:
    """For each lead what we texted it since a moment, in words: sent, planned, or why neither.
    The call is their last."""
    sent = _last(session, lead_ids, "outbound")
    planned = {
        reminder.lead_id: reminder
        for reminder in session.scalars(
            select(Reminder)
            .ext(distinct_on(Reminder.lead_id))
            .where(among(Reminder.lead_id, lead_ids), Reminder.state == "scheduled")
            .order_by(Reminder.lead_id, Reminder.due_at)
        )
    }
    refused = {
        entry.lead_id: entry
        for entry in session.scalars(
            select(TimelineEntry)
            .ext(distinct_on(TimelineEntry.lead_id))
            .where(among(TimelineEntry.lead_id, lead_ids), TimelineEntry.kind.in_(REFUSALS))
            .order_by(TimelineEntry.lead_id, TimelineEntry.at.desc(), TimelineEntry.id)
        )
    }

    def state(lead: Lead, since: datetime, call: Call | None) -> State:
        phone = lead.phone
        if phone is not None and phone.opted_out_at is not None:
            return State("Opted out: no texts", "no-texts", "bad")
        message, reminder, entry = sent.get(lead.id), planned.get(lead.id), refused.get(lead.id)
        declined_at = call.text_declined_at if call else None
        if declined_at and (message is None or message.created_at < declined_at):
            return State("Asked for no texts", "no-texts", "")
        if message is not None and message.created_at >= since:
            return _sent(message, times)
        if reminder is not None:
            return State(f"We text them {times.when(reminder.due_at)}", "clock", "")
        if entry is not None and entry.at >= since:
            return State(entry.text, "no-texts", "")
        return State("No text from us yet", "text", "")

    return state


def _sent(message: Message, times: Times) -> State:
    said = delivery(message)
    who = "Our text" if message.automated else "Your text"
    at = times.when(message.sent_at or message.created_at)
    if said.tone == "bad":
        return State(f"{who} {at}: {said.words[0].lower()}{said.words[1:]}", said.icon, said.tone)
    return State(f"{who} {at}: {said.words.lower()}", said.icon, said.tone)


def pictures(session: Session, messages: Collection[Message]) -> dict[int, list[Picture]]:
    """What came with these texts besides words, by text."""
    ids = [message.id for message in messages if message.media_count]
    found: dict[int, list[Picture]] = {}
    if ids:
        wanted = select(Picture).where(Picture.message_id.in_(ids)).order_by(Picture.place)
        for picture in session.scalars(wanted):
            found.setdefault(picture.message_id, []).append(picture)
    return found


def caution_now(practice: Practice, phone: Phone, now: datetime) -> str:
    """Why no automated text would go to them now, with their time and ours; staff are warned, not
    prevented. Empty inside the window."""
    window, here = practice.window(phone.e164), Times(now, practice.zone).clock(now)
    for zone in sorted(intention.recipient_zones(practice, phone)):
        if why := quiet_hours.why_not(now, [zone], window):
            there = Times(now, zone).clock(now)
            both = "" if there == here else f" ({there} there, {here} here)"
            return f"It is {why}{both}. A text would go now; automated ones wait."
    return ""
