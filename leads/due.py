"""A due reminder becomes a queued text, or moves, or is cancelled with a reason: step 1 of five.

The other steps of how a text leaves are in outbox.py.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from leads import caps, consent, follow_up, intention, moment, wording
from leads.db import changed
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.message import Message
from leads.phone import Phone
from leads.phone_number import pretty
from leads.plan import ENDINGS, Plan, Step
from leads.practice import Practice
from leads.reminder import Reminder
from leads.segments import segments

JITTER = timedelta(minutes=5)  # moved by less than this is no news for the timeline


def reminders(session: Session, now: datetime, limit: int) -> list[int]:
    """The oldest due reminders; of a paused run only those that have grown stale meanwhile."""
    return list(
        session.scalars(
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
    )


def queue(session: Session, reminder_id: int, now: datetime) -> None:
    """Decide on one due reminder; harmless when another process already has."""
    run = session.scalars(select(FollowUp).join(Reminder).where(Reminder.id == reminder_id)).one()
    phone = Phone.locked(session, run.phone_id)
    reminder = session.get_one(Reminder, reminder_id, with_for_update=True)
    session.refresh(run)
    if reminder.state != "scheduled" or reminder.due_at > now:
        return
    lead = session.get_one(Lead, run.lead_id)
    practice = Practice.get(session)
    plan = run.steps(session)
    step = plan.step(reminder.step)
    refusal = refusal_of(session, practice, lead, phone, run, plan, reminder, now)
    if refusal is None and run.paused_at is not None:
        return
    body = text_of(practice, step, run.started_at, run.appointment_at, now)
    if body is None:
        refusal = refusal or "the moment that it names has passed."
    elif refusal is None and was_filtered(session, body):
        refusal = "a carrier filtered these very words before. Change the plan's text."
    texts = caps.automated_texts(
        session, lead.id, now - caps.WEEK, but_reminder=reminder.id if reminder.tries else None
    )
    appointment_at = run.appointment_at
    next_ = intention.next_moment(practice, phone, plan, step, now, appointment_at, texts)
    refusal = refusal or next_.refusal
    if refusal or body is None:
        reminder.cancel(session, now, refusal or "")
        follow_up.finish_if_settled(session, run, now)
        return
    if next_.due_at - now < JITTER:
        reminder.due_at = max(reminder.due_at, next_.due_at)  # the text before went seconds late
    else:
        told = practice_time(practice, next_.due_at)
        words = f"Text {reminder.step} not sent yet: {next_.why}; moved to {told}."
        reminder.move(session, now, next_.due_at, words, step.lateness)
    if next_.due_at > now:
        return
    message = Message(
        lead_id=lead.id,
        phone_id=phone.id,
        tracking_number_id=run.tracking_number_id,
        direction="outbound",
        body=body,
        segments=segments(body).count,
        automated=True,
        topic=plan.kind.topic,
        reminder_id=reminder.id,
        state="queued",
        created_at=now,
        due_at=reminder.due_at,  # the oldest promise goes first
    )
    session.add(message)
    session.flush()
    reminder.message_id = message.id
    reminder.state = "sending"
    changed(session, f"lead:{lead.id}")


def refusal_of(
    session: Session,
    practice: Practice,
    lead: Lead,
    phone: Phone,
    run: FollowUp,
    plan: Plan,
    reminder: Reminder,
    now: datetime,
) -> str | None:
    """Why this text may not go at all, at this moment; None when it may."""
    if run.ended_at is not None:
        return ENDINGS[run.end_reason or "finished"]
    given = session.get(consent.Consent, reminder.consent_id) if reminder.consent_id else None
    if given is None or not consent.still_good(session, given):
        return "there is no consent for it any more."
    step = plan.step(reminder.step)
    if now > (reminder.stale_at or reminder.due_at + step.lateness):
        return "it was due too long ago to make sense now."
    return intention.barred(session, practice, lead, phone) or intention.step_barred(
        practice.consent_mode, lead, plan, step, given.basis
    )


def text_of(
    practice: Practice,
    step: Step,
    started_at: datetime,
    appointment_at: datetime | None,
    now: datetime,
) -> str | None:
    """The words of a step, read at `now`; None when a moment that they name is not ahead."""
    moments = {
        "callback": practice.hours.add_open_minutes(started_at, practice.promise_minutes),
        "appointment": appointment_at,
    }
    write = {"callback": moment.callback, "appointment": moment.appointment}
    filled = {}
    for name, at in moments.items():
        if f"{{{name}}}" not in step.text:
            continue
        if at is None or at <= now:
            return None
        filled[name] = write[name](at, now, practice.zone)
    return wording.render(step.text, practice.name, pretty(practice.phone), **filled)


def practice_time(practice: Practice, at: datetime) -> str:
    """A moment as the timeline says it, on the clinic's clock: `Monday, Jan 4, 09:00`."""
    local = at.astimezone(ZoneInfo(practice.zone))
    return f"{local:%A, %b} {local.day}, {local:%H:%M}"


def was_filtered(session: Session, body: str) -> bool:
    """Whether a carrier has filtered these very words before."""
    same = select(Message.id).where(
        Message.error_code == 30007,
        func.md5(Message.body) == func.md5(body),
        Message.body == body,
    )
    return session.scalar(same.limit(1)) is not None
