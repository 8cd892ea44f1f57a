"""A text that is done only now, because it waited in a spool, failed at first, or was found at the
telephone service: as a live one, at its own time, except that what came after it stands."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import consent, conversation, opt_out
from leads.call import is_ours
from leads.consent import Consent
from leads.lead import Lead
from leads.listed import ListedText
from leads.message import Message
from leads.opt_out_words import Meaning, classify
from leads.phone import Phone
from leads.phone_number import parse_e164
from leads.picture import Sent
from leads.tracking_number import TrackingNumber


def received(
    session: Session, listed: ListedText, opt_out_type: str = "", media: Sequence[Sent] = ()
) -> bool:
    """Keep the text and do what it asks for; False when it is here already, or has no lead.
    Times are practice times. `opt_out_type`: what Twilio made of it, which no list tells, just as
    no list tells where the pictures are (`media`)."""
    at, number = listed.created_at, parse_e164(listed.from_raw)
    if number is None or is_ours(session, number):
        return False
    phone = Phone.of(session, number)
    if session.scalar(select(Message.id).where(Message.sid == listed.sid)) is not None:
        return False
    lead = Lead.last_of(session, phone.id)
    last_text_in_at = lead.last_text_in_at if lead else None
    no = _last_no(session, phone.id)
    meaning = conversation.meaning_of(listed.body, opt_out_type)
    # An answer after an opt-out is the last line of the ledger, and lifts nothing.
    said_no = [no.at if no else at, phone.opted_out_at or at]
    if meaning in {Meaning.OPT_IN, Meaning.YES} and max(said_no) > at:
        _keep(session, listed, phone, media)
    else:
        conversation.text_received(
            session,
            sid=listed.sid,
            from_raw=listed.from_raw,
            to_raw=listed.to_raw,
            body=listed.body,
            media_count=listed.media_count,
            opt_out_type=opt_out_type,
            now=at,
            late=True,
            media=media,
        )
    if lead is not None and last_text_in_at is not None:
        lead.last_text_in_at = max(last_text_in_at, lead.last_text_in_at or at)
    if no is not None and no.at > at and not consent.last_was_no(session, phone.id):
        # What they wrote before their no is no yes: the ledger goes by its order.
        consent.revoke(session, phone.id, no.at, no.basis, no.evidence)
    if meaning is Meaning.OPT_OUT:
        _wanted_again(session, phone, at)
    return True


def _last_no(session: Session, phone_id: int) -> Consent | None:
    """The last line of this phone's ledger, if it is a no."""
    last = session.scalars(
        select(Consent).where(Consent.phone_id == phone_id).order_by(Consent.id.desc()).limit(1)
    ).first()
    return last if last is not None and last.kind == "revoked" else None


def _keep(session: Session, listed: ListedText, phone: Phone, media: Sequence[Sent]) -> None:
    """A START that their next text has overtaken changes nothing."""
    number = TrackingNumber.find(session, listed.to_raw)
    source = number.source if number else ""
    lead = Lead.last_of(session, phone.id)
    if phone.blocked_at is None:
        lead, _ = Lead.of(session, phone, listed.created_at, source)
    if lead is None:
        return
    number_id = number.id if number else None
    conversation.keep(
        session, listed.sid, lead, phone, number_id, listed.body, listed.media_count,
        listed.created_at, media,
    )  # fmt: skip


def _wanted_again(session: Session, phone: Phone, at: datetime) -> None:
    """The START that came after this STOP, and before the news of it."""
    for text in session.scalars(
        select(Message)
        .where(
            Message.phone_id == phone.id, Message.direction == "inbound", Message.created_at > at
        )
        .order_by(Message.created_at.desc(), Message.id.desc())
    ):
        meaning = classify(text.body)
        if meaning is Meaning.OPT_IN and text.sid is not None:
            opt_out.lift(session, phone.id, text.created_at, text.sid)
        if meaning in {Meaning.OPT_IN, Meaning.OPT_OUT}:
            return  # the last such word stands
