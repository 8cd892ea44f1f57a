"""Due reminders become queued texts, or move, or are cancelled with a reason: step 1 of five.

The other steps of how a text leaves are in outbox.py. Reminders are decided on in batches, because
it is the number of queries that costs time and not their size.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from leads import follow_up, intention, moment, wording
from leads.caps import Sent
from leads.case import Case, cases
from leads.db import changed
from leads.follow_up import FollowUp
from leads.installation import Installation
from leads.message import Message
from leads.phone import Phone
from leads.phone_number import pretty
from leads.plan import ENDINGS, Step
from leads.practice import Practice
from leads.reminder import Reminder
from leads.segments import segments

TURN = 0x72656D  # an arbitrary number: the advisory lock of whoever queues reminders
JITTER = timedelta(minutes=5)  # moved by less than this is no news for the timeline


def my_turn(session: Session) -> bool:
    """Whether this transaction is the one that queues reminders now. Two at once would want the
    same ones, and wait for each other instead of sending."""
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(TURN))))


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
        found = found.join(Phone, Phone.id == FollowUp.phone_id).where(
            Phone.looked_up_at.is_not(None)
        )
    return list(session.scalars(found))


def queue(session: Session, reminder_ids: Collection[int], now: datetime) -> None:
    """Decide on these reminders; harmless where another process already has."""
    phone_ids = session.scalars(
        select(FollowUp.phone_id)
        .join(Reminder, Reminder.follow_up_id == FollowUp.id)
        .where(Reminder.id.in_(reminder_ids))
    )
    Phone.locked_all(session, set(phone_ids))
    session.execute(
        select(Reminder.id)
        .where(Reminder.id.in_(reminder_ids))
        .order_by(Reminder.id)
        .with_for_update(key_share=True)
    )
    practice = Practice.get(session)
    found = cases(session, Reminder.id.in_(reminder_ids), now)
    filtered, live = _filtered(session), Installation.current(session).live
    queued: list[tuple[Case, Message]] = []
    for case in found:
        if case.reminder.state != "scheduled" or case.reminder.due_at > now:
            continue
        message = _decide(session, practice, case, filtered, now, live=live)
        if message is None:
            continue
        session.add(message)
        queued.append((case, message))
        for other in found:  # the same person's next text sees this one
            if case.lead.id == other.lead.id or case.phone.id in other.phone_ids:
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
    now: datetime,
    *,
    live: bool,
) -> Message | None:
    """The text that goes now; None when the reminder was moved or cancelled, or its run waits."""
    reminder, step, run = case.reminder, case.step, case.run
    refusal = refusal_of(practice, case, now, live=live)
    if refusal is None and run.paused_at is not None:
        return None
    body = text_of(practice, step, run.started_at, run.appointment_at, now)
    if body is None:
        refusal = refusal or "the moment that it names has passed."
    elif refusal is None and body in filtered:
        refusal = "a carrier filtered these very words before. Change the plan's text."
    texts = case.others if reminder.tries else [text for text, _ in case.texts]
    next_ = intention.next_moment(
        practice, case.phone, case.plan, step, now, run.appointment_at, texts
    )
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
    return Message(
        lead_id=case.lead.id,
        phone_id=case.phone.id,
        tracking_number_id=run.tracking_number_id,
        direction="outbound",
        body=body,
        segments=segments(body).count,
        automated=True,
        topic=case.plan.kind.topic,
        reminder_id=reminder.id,
        state="queued",
        created_at=now,
        due_at=reminder.due_at,  # the oldest promise goes first
    )


def refusal_of(practice: Practice, case: Case, now: datetime, *, live: bool) -> str | None:
    """Why this text may not go at all, at this moment; None when it may."""
    run, reminder, step = case.run, case.reminder, case.step
    if run.ended_at is not None:
        return ENDINGS[run.end_reason or "finished"]
    if case.given is None or case.revoked:
        return "there is no consent for it any more."
    if now > (reminder.stale_at or reminder.due_at + step.lateness):
        return "it was due too long ago to make sense now."
    return intention.barred(practice, case.lead, case.phone, live=live) or intention.step_barred(
        practice.consent_mode, case.lead, case.plan, step, case.given.basis
    )


def text_of(
    practice: Practice,
    step: Step,
    started_at: datetime,
    appointment_at: datetime | None,
    now: datetime,
) -> str | None:
    """The words of a step, read at `now`; None when a moment that they name is not ahead."""
    write = {"callback": moment.callback, "appointment": moment.appointment}
    filled = {}
    for name in write:
        if f"{{{name}}}" not in step.text:
            continue
        at = appointment_at
        if name == "callback":
            at = practice.hours.add_open_minutes(started_at, practice.promise_minutes)
        if at is None or at <= now:
            return None
        filled[name] = write[name](at, now, practice.zone)
    return wording.render(step.text, practice.name, pretty(practice.phone), **filled)


def _filtered(session: Session) -> set[str]:
    """The words that a carrier has filtered before."""
    rows = session.scalars(
        select(Message.body)
        .where(Message.error_code == 30007)
        .group_by(Message.body)
        .order_by(func.max(Message.id).desc())
        .limit(100)
    )
    return set(rows)
