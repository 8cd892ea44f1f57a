"""Who needs a call, in the order in which to call them, each with what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from leads.call import UNANSWERED, Call
from leads.dashboard.pages import attempts, last_words, texting, words
from leads.dashboard.pages.last_words import Words
from leads.dashboard.pages.promise import Waiting, of_closed_hours, put_off, waiting
from leads.dashboard.pages.rendering import Frame
from leads.dashboard.pages.times import Times
from leads.dashboard.pages.words import State
from leads.db import among
from leads.lead import Lead
from leads.message import Message
from leads.opening_hours import OpeningHours
from leads.phone import LeadPhone, Phone
from leads.recording import Recording
from leads.tracking_number import TrackingNumber

AT_MOST = 50
# The wait begins when a call turns out unanswered; that call began a little earlier.
RING_TIME = timedelta(minutes=15)
# A call that was over before the wait began has been dealt with. Where only the telephone service
# knew its end: its clock counts whole seconds, and is not ours.
SLACK = timedelta(minutes=1)
LONGEST = timedelta(hours=4)  # of one call, at Twilio


@dataclass(frozen=True)
class Holder:
    """Who has said that they call; `until` is practice time."""

    staff_id: int
    name: str
    until: datetime


@dataclass(frozen=True)
class Waiter:
    lead: Lead
    tries: int
    returning: bool
    last_call: Call | None
    voicemail: Recording | None
    voicemail_at: datetime | None
    reply: Message | None
    unclear: list[Message]  # what may be a no: somebody has to decide
    source: str
    since: datetime  # of the wait that counts: who was put off waits since then
    waiting: Waiting
    sent: State
    tried: str | None  # how often we rang them
    holder: Holder | None
    before: Words | None  # their last words, of those who say none this time

    @property
    def told(self) -> list[str]:
        """What they told us, the newest first; none for a call without a word. What may be a no is
        told by itself, with its question."""
        replied_at = self.reply.created_at if self.reply and not self.unclear else None
        at = {"reply": replied_at, "voicemail": self.voicemail_at}
        told = sorted(((moment, kind) for kind, moment in at.items() if moment), reverse=True)
        return [kind for _, kind in told]


def rows(session: Session, around: Frame, start: int = 1) -> list[Waiter]:
    """Whose text may be a no, then replied, voicemail, tried more than once, new, and the longest
    waiting; a page of them, from the `start`th on."""
    times, practice = around.times, around.practice
    found = _in_order(session, times.now, start)
    lead_ids = [row.id for row in found]
    leads = _by_id(session, Lead, lead_ids, selectinload(Lead.phones), joinedload(Lead.claimed_by))
    wanted = [row.last_call for row in found] + [row.voicemail_call for row in found]
    calls = _by_id(session, Call, wanted)
    voicemails = {
        recording.call_id: recording
        for recording in session.scalars(
            select(Recording)
            .where(
                among(Recording.call_id, [row.voicemail_call for row in found]),
                Recording.kind == "voicemail",
            )
            .order_by(Recording.id)
        )
    }
    replies = texting.last_received(session, lead_ids)
    unclear = texting.unclear(session, [row.id for row in found if row.undecided])
    sent = texting.what_was_sent(session, lead_ids, times)
    tried = attempts.since_they_wait(session, lead_ids, times)
    numbers = {number.id: number for number in session.scalars(select(TrackingNumber))}
    labels = {number.source: number.label for number in numbers.values() if number.label}
    before = last_words.of(session, [row.id for row in found if not _says_something(row)])
    hours = practice.hours
    waiters = []
    for row in found:
        lead, call = leads[row.id], calls.get(row.last_call)
        left = calls.get(row.voicemail_call)
        since = lead.needs_callback_since
        if since is None:
            continue
        number = numbers.get(call.tracking_number_id) if call else None
        waiters.append(
            Waiter(
                lead=lead,
                tries=row.tries,
                returning=lead.created_at < since - RING_TIME,
                last_call=call,
                voicemail=voicemails.get(row.voicemail_call),
                voicemail_at=left.started_at if left else None,
                reply=replies.get(lead.id) if row.replied else None,
                unclear=unclear.get(lead.id, []),
                source=number.label if number else words.source(lead.source, labels),
                since=lead.snoozed_until or since,
                waiting=_waiting(hours, practice.promise_minutes, lead, since, times),
                sent=sent(lead, min(since, row.began or since), call),
                tried=tried.get(lead.id),
                holder=holder(lead, around),
                before=before.get(lead.id),
            )
        )
    return waiters


def _in_order(session: Session, now: datetime, start: int) -> list[Row[Any]]:
    since = Lead.needs_callback_since
    mine = and_(
        Call.lead_id == Lead.id,
        Call.started_at >= since - LONGEST,
        or_(
            Call.ended_at >= since - SLACK,
            and_(Call.ended_at.is_(None), Call.started_at >= since - RING_TIME),
        ),
        Call.outcome.in_(UNANSWERED),
        Call.direction == "inbound",
    )
    tried = (
        select(
            func.count().label("tries"),
            func.min(Call.started_at).label("began"),
            func.max(Call.id).label("last_call"),
            func.max(Call.id).filter(Call.outcome == "voicemail").label("voicemail_call"),
        )
        .where(mine)
        .correlate(Lead)
        .lateral()
    )
    undecided = (
        exists()
        .where(
            LeadPhone.lead_id == Lead.id,
            LeadPhone.phone_id == Phone.id,
            Phone.unclear_at.is_not(None),
        )
        .label("undecided")
    )
    replied = func.coalesce(Lead.last_text_in_at >= since, False)
    return list(
        session.execute(
            select(Lead.id, tried, undecided, replied.label("replied"))
            .where(Lead.waits(now))
            .order_by(
                undecided.desc(),
                replied.desc(),
                tried.c.voicemail_call.is_not(None).desc(),
                (tried.c.tries > 1).desc(),
                (Lead.created_at >= since - RING_TIME).desc(),
                since,
                Lead.id,
            )
            .offset(start - 1)
            .limit(AT_MOST)
        )
    )


def _by_id(session: Session, noun: Any, ids: list[int | None], *options: Any) -> dict[int, Any]:
    known = {each for each in ids if each is not None}
    if not known:
        return {}
    found = session.scalars(select(noun).where(among(noun.id, known)).options(*options))
    return {row.id: row for row in found}


def _says_something(row: Row[Any]) -> bool:
    return row.undecided or row.replied or row.voicemail_call is not None


def _waiting(
    hours: OpeningHours, promise_minutes: int, lead: Lead, since: datetime, times: Times
) -> Waiting:
    if lead.snoozed_until is not None:
        return put_off(hours, promise_minutes, lead.snoozed_until, times)
    together = of_closed_hours(hours, since, times)
    return together or waiting(hours, promise_minutes, since, times)


def holder(lead: Lead, around: Frame) -> Holder | None:
    """Claims are in real time; here they are told on the practice's clock."""
    if lead.claimed_by is None or lead.claimed_until is None:
        return None
    until = around.practice_time(lead.claimed_until)
    if until <= around.now:
        return None
    return Holder(lead.claimed_by.id, lead.claimed_by.name or lead.claimed_by.email, until)


def snoozed(session: Session, now: datetime) -> Sequence[Lead]:
    """Who is off the list for a while, the first to come back first; one more than are shown
    where there are more."""
    return session.scalars(
        select(Lead)
        .where(
            Lead.needs_callback_since.is_not(None),
            Lead.snoozed_until > now,
            Lead.merged_into_id.is_(None),
        )
        .options(selectinload(Lead.phones), joinedload(Lead.claimed_by))
        .order_by(Lead.snoozed_until, Lead.id)
        .limit(AT_MOST + 1)
    ).all()
