"""A due reminder becomes a queued text, or moves, or is cancelled with a reason: step 1 of five.

The other steps of how a text leaves are in outbox.py.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import caps, consent, follow_up, intention, quiet_hours, wording
from leads.db import changed
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.message import Message
from leads.phone import Phone
from leads.phone_number import pretty
from leads.plan import PLANS
from leads.practice import Practice
from leads.reminder import Reminder
from leads.segments import segments

JITTER = timedelta(minutes=5)  # moved by less than this is no news for the timeline


def reminders(session: Session, now: datetime, limit: int) -> list[int]:
    return list(
        session.scalars(
            select(Reminder.id)
            .where(Reminder.state == "scheduled", Reminder.due_at <= now)
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
    step = PLANS[run.plan].step(reminder.step)
    refusal = refusal_of(session, practice, lead, phone, run, reminder, now)
    if refusal:
        reminder.cancel(session, now, refusal)
        follow_up.finish_if_settled(session, run, now)
        return
    zones = intention.recipient_zones(practice, phone)
    texts = caps.automated_texts(session, lead.id, now - caps.WEEK)
    at = intention.spaced(practice, phone, step, now, texts)
    inside = intention.allowed(practice, phone, step, at)
    if inside is None:
        reminder.cancel(session, now, "no moment within 7 days is allowed; call instead.")
        follow_up.finish_if_settled(session, run, now)
        return
    if inside - now < JITTER:
        reminder.due_at = max(reminder.due_at, inside)  # the text before went seconds late
    else:
        why = (
            "one automated text in 24 hours, three in 7 days"
            if at > now
            else quiet_hours.why_not(now, zones, practice.window(phone.e164))
        )
        reminder.move(session, now, inside, f"Text {reminder.step} moved to later: {why}.")
    if inside > now:
        return
    body = wording.render(step.text, practice.name, pretty(practice.phone))
    message = Message(
        lead_id=lead.id,
        phone_id=phone.id,
        tracking_number_id=run.tracking_number_id,
        direction="outbound",
        body=body,
        segments=segments(body).count,
        automated=True,
        state="queued",
        created_at=now,
        due_at=now,
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
    reminder: Reminder,
    now: datetime,
) -> str | None:
    """Why this text may not go at all, at this moment; None when it may."""
    if run.ended_at is not None:
        return follow_up.ENDINGS[run.end_reason or "finished"]
    given = session.get(consent.Consent, reminder.consent_id) if reminder.consent_id else None
    if given is None or not consent.still_good(session, given):
        return "there is no consent for it any more."
    step = PLANS[run.plan].step(reminder.step)
    if now > reminder.due_at + step.lateness:
        return "it was due too long ago to make sense now."
    return intention.barred(session, practice, lead, phone) or intention.step_barred(
        practice.consent_mode, lead, step, given.basis
    )
