"""Due reminders become queued texts, or move, or are cancelled with a reason: step 1 of five.

The other steps of how a text leaves are in outbox.py. Reminders are decided on in batches, because
it is the number of queries that costs time and not their size.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from leads import follow_up, intention, lookup, moment, quiet_hours
from leads.caps import Sent
from leads.case import Case, by_person, cases
from leads.db import among, changed
from leads.filling import any_moment, text_of
from leads.follow_up import FollowUp
from leads.installation import Installation
from leads.intention import Planned
from leads.message import Message
from leads.phone import Phone
from leads.plan import ENDINGS, Step
from leads.practice import Practice
from leads.reminder import Reminder
from leads.tracking_number import TrackingNumber

TURN = 0x72656D  # an arbitrary number: the advisory lock of whoever queues reminders
FILTERED = "a carrier filtered these very words before. Change the plan's text."
UNDECIDED = timedelta(minutes=10)
# A carrier needs a moment: with less time (seconds) before the window closes, a text waits for the
# next day.
LEAST_LEFT = 60
JITTER = timedelta(minutes=5)  # moved by less than this is no news for the timeline


def wait_for_turn(session: Session) -> None:
    """One transaction at a time queues reminders: two would want the same ones. Whoever waits here
    goes on with the next ones in some milliseconds, instead of at its next tick."""
    session.execute(select(func.pg_advisory_xact_lock(TURN)))


def reminders(session: Session, now: datetime, limit: int) -> list[int]:
    """The oldest due reminders; of a paused run only those that have grown stale meanwhile, and
    where numbers are looked up beforehand only those whose number was."""
    found = (
        select(Reminder.id)
        .join(FollowUp, FollowUp.id == Reminder.follow_up_id)
        .where(
            Reminder.state == "scheduled",
            Reminder.due_at <= now,
            or_(FollowUp.paused_at.is_(None), Reminder.stale_at < now),
        )
        .order_by(Reminder.due_at, Reminder.id)
        .limit(limit)
    )
    if Practice.get(session).lookup_landlines:
        found = found.join(Phone, Phone.id == FollowUp.phone_id).where(lookup.is_over(now))
    return list(session.scalars(found))


def queue(session: Session, reminder_ids: Collection[int], now: datetime) -> None:
    """Decide on these reminders; harmless where another process already has."""
    phone_ids = session.scalars(
        select(FollowUp.phone_id)
        .join(Reminder, Reminder.follow_up_id == FollowUp.id)
        .where(among(Reminder.id, reminder_ids))
    )
    Phone.locked_all(session, set(phone_ids))
    session.execute(
        select(Reminder.id)
        .where(among(Reminder.id, reminder_ids))
        .order_by(Reminder.id)
        .with_for_update(key_share=True)
    )
    practice = Practice.get(session)
    found = cases(session, among(Reminder.id, reminder_ids), now)
    filtered, live = filtered_words(session), Installation.current(session).live
    in_use = select(TrackingNumber.id).where(TrackingNumber.retired_at.is_(None))
    senders = set(session.scalars(in_use))
    of_lead, of_phone = by_person(found)
    queued: list[tuple[Case, Message]] = []
    for case in found:
        if case.reminder.state != "scheduled" or case.reminder.due_at > now:
            continue
        sender_id: int | None = case.run.tracking_number_id
        if sender_id not in senders:  # retired since
            sender_id = min(senders, default=None)
        message = _decide(session, practice, case, filtered, sender_id, now, live=live)
        if message is None:
            continue
        session.add(message)
        queued.append((case, message))
        same_person = {id(each): each for each in of_lead[case.lead.id] + of_phone[case.phone.id]}
        for other in same_person.values():  # their next text sees this one
            other.texts.append((Sent(now, case.plan.kind.topic), case.reminder.id))
    session.flush()  # one INSERT for all of them
    for case, message in queued:
        case.reminder.message_id = message.id
        case.reminder.state = "sending"
        changed(session, f"lead:{case.lead.id}")


def _decide(
    session: Session,
    practice: Practice,
    case: Case,
    filtered: Collection[str],
    sender_id: int | None,
    now: datetime,
    *,
    live: bool,
) -> Message | None:
    """The text that goes now; None when the reminder was moved or cancelled, or its run waits."""
    reminder, run = case.reminder, case.run
    refusal = refusal_of(practice, case, now, live=live)
    if refusal is None and run.paused_at is not None:
        return None
    if refusal is None and sender_id is None:
        refusal = "there is no number to text from."
    if refusal or sender_id is None:
        reminder.cancel(session, now, refusal or "")
        follow_up.finish_if_settled(session, run, now)
        return None
    step = case.step
    body = text_of(practice, step, run.started_at, run.appointment_at, now)
    if body is None:
        refusal = "the moment that it names has passed, or is not known."
    elif was_filtered(practice, step, body, filtered):
        refusal = FILTERED
    next_ = _next_moment(practice, case, now)
    if next_.due_at <= now and (closed_at := _closing(practice, case.phone, now)):
        next_ = _next_moment(practice, case, closed_at)
    refusal = refusal or next_.refusal
    if refusal or body is None:
        reminder.cancel(session, now, refusal or "")
        follow_up.finish_if_settled(session, run, now)
        return None
    if next_.due_at - now < JITTER:
        if next_.due_at > reminder.due_at and next_.due_at > now:
            reminder.due_at = next_.due_at  # the text before went seconds late
    else:
        later = moment.told(next_.due_at, practice.zone)
        words = f"Text {reminder.step} not sent yet: {next_.why}; moved to {later}."
        reminder.move(session, now, next_.due_at, words, step.lateness)
    if next_.due_at > now:
        return None
    return Message.outgoing(
        body,
        now,
        lead_id=case.lead.id,
        phone_id=case.phone.id,
        tracking_number_id=sender_id,
        topic=case.plan.kind.topic,
        reminder_id=reminder.id,
        due_at=reminder.due_at,  # the oldest promise goes first
    )


def _next_moment(practice: Practice, case: Case, at: datetime) -> Planned:
    return intention.next_moment(
        practice, case.phone, case.plan, case.step, at, case.run.appointment_at, case.others
    )


def _closing(practice: Practice, phone: Phone, now: datetime) -> datetime | None:
    """When the window has closed, if it does so before a carrier can deliver; else None."""
    zones = intention.recipient_zones(practice, phone)
    left = quiet_hours.seconds_left(now, zones, practice.window(phone.e164))
    return now + timedelta(seconds=left + 1) if 0 < left < LEAST_LEFT else None


def refusal_of(practice: Practice, case: Case, now: datetime, *, live: bool) -> str | None:
    """Why this text may not go at all, at this moment; None when it may."""
    run, reminder = case.run, case.reminder
    if run.ended_at is not None:
        return ENDINGS[run.end_reason or "finished"]
    if case.given is None or case.revoked:
        return "there is no consent for it any more."
    if reminder.step > len(case.plan.steps):
        return "the plan has no such text any more."
    step = case.step
    if now > (reminder.stale_at or reminder.due_at + step.lateness):
        return "it was due too long ago to make sense now."
    return intention.barred(practice, case.lead, case.phone, live=live) or intention.step_barred(
        practice.consent_mode, case.lead, case.plan, step, case.given.basis
    )


def was_filtered(practice: Practice, step: Step, body: str, filtered: Collection[str]) -> bool:
    """Whether a carrier has filtered these words, or the same ones but for the moment that they
    name, which is another one for each person."""
    if not filtered or body in filtered:
        return bool(filtered)
    return any(map(any_moment(practice, step).fullmatch, filtered))


def filtered_words(session: Session) -> set[str]:
    """The texts that a carrier has filtered before: never the same again."""
    rows = session.scalars(
        select(Message.body)
        .where(Message.error_code == 30007)
        .group_by(Message.body)
        .order_by(func.max(Message.id).desc())
        .limit(100)
    )
    return set(rows)


def postpone(session: Session, reminder_id: int, now: datetime) -> None:
    """Look at a reminder that could not be decided on later: it holds up no other meanwhile."""
    later = now + UNDECIDED
    session.execute(update(Reminder).where(Reminder.id == reminder_id).values(due_at=later))
