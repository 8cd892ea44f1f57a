"""What we answer by ourselves to a text: who we are, help, and that an opt-out is in force.

Who we are, once. Help and the opt-out only where Twilio does not answer (`Practice.optout_owner`),
and the opt-out once a day, however often they change their mind.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import caps, consent, intention, outage, quiet_hours, timeline, wording
from leads.db import changed
from leads.lead import Lead
from leads.message import Message
from leads.phone import Phone
from leads.phone_number import pretty
from leads.plan import Topic
from leads.practice import Practice

# An opt-out may be confirmed right away, and is not worth waking anybody for.
CONFIRMED_WITHIN = timedelta(minutes=5)
LATER = "no allowed moment within a day. They are answered when they ask again."


def identify(
    session: Session, lead: Lead, phone: Phone, tracking_number_id: int | None, now: datetime
) -> None:
    """Say who texts them, once: an answer that was dropped counts for nothing. Needs the phone's
    lock."""
    if phone.identified_at is not None:
        return
    practice = Practice.get(session)
    body = wording.identification(practice.name, pretty(practice.phone))
    if _queue(session, lead, phone, tracking_number_id, body, "answer", now):
        phone.identified_at = now


def help_(
    session: Session,
    lead: Lead,
    phone: Phone,
    tracking_number_id: int | None,
    sid: str,
    now: datetime,
) -> None:
    """Answer HELP where Twilio does not. Their text is what allows the answer."""
    practice = Practice.get(session)
    if practice.optout_owner == "app" and phone.opted_out_at is None:
        consent.give(session, phone.id, now, "reply", sid)
        body = wording.help_text(practice.name, pretty(practice.phone))
        _queue(session, lead, phone, tracking_number_id, body, "answer", now)


def confirm_opt_out(
    session: Session, lead: Lead, phone: Phone, tracking_number_id: int | None, now: datetime
) -> None:
    """Confirm an opt-out that Twilio has not confirmed itself."""
    lately = select(Message.id).where(
        Message.phone_id == phone.id,
        Message.topic == "confirmation",
        Message.created_at > now - caps.DAY,
    )
    if session.scalar(lately.limit(1)) is not None:
        return
    body = wording.opt_out_text(Practice.get(session).name)
    _queue(session, lead, phone, tracking_number_id, body, "confirmation", now)


def _queue(
    session: Session,
    lead: Lead,
    phone: Phone,
    tracking_number_id: int | None,
    body: str,
    topic: Topic,
    now: datetime,
) -> bool:
    """Whether the answer is on its way."""
    if tracking_number_id is None:
        return False  # they wrote to a number that is not ours to send from
    if outage.before_a_restore(session, now):
        words = f"No answer to their text: {outage.MAYBE_SENT}"
        timeline.note(session, lead.id, now, "no_follow_up", words)
        return False
    message = Message.outgoing(
        body,
        now,
        lead_id=lead.id,
        phone_id=phone.id,
        tracking_number_id=tracking_number_id,
        topic=topic,
    )
    session.add(message)
    session.flush()
    timeline.note(session, lead.id, now, "text_out", body, message_id=message.id)
    return True


def still_wanted(
    session: Session,
    practice: Practice,
    phone: Phone,
    message: Message,
    left: int,
    now: datetime,
    *,
    live: bool,
) -> bool:
    """Whether this answer may go now; else it waits for the window, or is dropped with a reason.

    `left`: the seconds that the sending window stays open.
    """
    lead = session.get_one(Lead, message.lead_id)
    refusal = intention.barred(practice, lead, phone, live=live)
    if message.topic == "confirmation":
        late = now - message.created_at > CONFIRMED_WITHIN
        opted_out = phone.opted_out_at is not None
        if not opted_out or late or left < 1 or phone.untextable_at is not None:
            return _drop(session, phone, message, now, "the moment for it had passed.")
        return True
    if refusal is None and consent.last_was_no(session, phone.id):
        refusal = "they asked for no texts."
    if refusal:
        return _drop(session, phone, message, now, refusal)
    others = caps.automated_texts(session, lead.id, now - caps.WEEK, ahead_of=message.id)
    at = caps.earliest(now, "answer", others)
    zones = intention.recipient_zones(practice, phone)
    inside = quiet_hours.next_inside(at, zones, practice.window(phone.e164))
    if inside is None or inside - message.created_at > caps.DAY:
        return _drop(session, phone, message, now, LATER)
    if inside > now:
        message.due_at = inside
        message.lease_until = None
        changed(session, f"lead:{lead.id}")
        return False
    return True


def _drop(session: Session, phone: Phone, message: Message, now: datetime, words: str) -> bool:
    if phone.identified_at == message.created_at:  # it was to say who we are
        phone.identified_at = None
    timeline.note(session, message.lead_id, now, "answer_dropped", f"Answer not sent: {words}")
    session.flush()
    session.delete(message)
    return False
