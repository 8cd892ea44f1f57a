"""What an incoming text means for the lead, its follow-up and our right to text."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from leads import consent, follow_up, opt_out, timeline
from leads.call import is_ours
from leads.lead import Lead
from leads.message import Message
from leads.opt_out_words import Meaning, classify
from leads.phone import Phone
from leads.phone_number import parse_e164
from leads.segments import segments
from leads.tracking_number import TrackingNumber

# Twilio says so itself where Advanced Opt-Out is on; it knows languages that we do not.
FROM_TWILIO = {"STOP": Meaning.OPT_OUT, "START": Meaning.OPT_IN, "HELP": Meaning.HELP}


def text_received(
    session: Session,
    *,
    sid: str,
    from_raw: str,
    to_raw: str,
    body: str,
    media_count: int,
    opt_out_type: str,
    now: datetime,
) -> None:
    """Keep the text and do what it asks for. Short codes and withheld senders have no lead;
    their text stays in the log of what was received."""
    number = parse_e164(from_raw)
    if number is None or is_ours(session, number):
        return
    phone = Phone.of(session, number)
    tracking_number = TrackingNumber.find(session, to_raw)
    source = tracking_number.source if tracking_number else ""
    lead, _ = Lead.of(session, phone, now, source)
    number_id = tracking_number.id if tracking_number else None
    if not keep(session, sid, lead, phone, number_id, body, media_count, now):
        return
    meaning = FROM_TWILIO.get(opt_out_type) or classify(body)
    if meaning in {Meaning.OPT_OUT, Meaning.WRONG_NUMBER}:
        opt_out.record(session, phone.id, now, "text", sid)
        if meaning is Meaning.WRONG_NUMBER:
            timeline.note(session, lead.id, now, "wrong_number", "Says it is a wrong number.")
        return
    # Twilio lifts its own block at YES too, but to a person who never opted out it is an answer.
    if meaning is Meaning.OPT_IN or (meaning is Meaning.YES and phone.opted_out_at is not None):
        opt_out.lift(session, phone.id, now, sid)
        return
    if meaning is Meaning.HELP:
        return  # Twilio answers it
    lead.last_text_in_at = now
    consent.give(session, phone.id, now, "reply", sid)
    follow_up.end(session, now, "replied", lead_id=lead.id)
    lead.needs_callback(session, now)


def keep(
    session: Session,
    sid: str,
    lead: Lead,
    phone: Phone,
    tracking_number_id: int | None,
    body: str,
    media_count: int,
    now: datetime,
) -> bool:
    """Store an incoming text; False when this MessageSid is already here."""
    message_id = session.scalar(
        insert(Message)
        .values(
            sid=sid,
            lead_id=lead.id,
            phone_id=phone.id,
            tracking_number_id=tracking_number_id,
            direction="inbound",
            body=body,
            media_count=media_count,
            segments=segments(body).count,
            automated=False,
            attempts=0,
            state="received",
            created_at=now,
            due_at=now,
        )
        .on_conflict_do_nothing()
        .returning(Message.id)
    )
    if message_id is None:
        return False
    lead.heard_of(session, now)
    timeline.note(session, lead.id, now, "text_in", body, message_id=message_id)
    return True
