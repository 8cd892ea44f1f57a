"""A text from our numbers that is not among ours, such as one of the time before a restore: what
its failure says of the phone that it went to is true all the same."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from leads import delivery, opt_out
from leads.consent import Consent
from leads.delivery_errors import error_of
from leads.lead import Lead
from leads.listed import ListedText
from leads.message import FAILED, Message
from leads.opt_out_words import Meaning, classify
from leads.phone import Phone
from leads.phone_number import is_toll_free, parse_e164


def is_telling(listed: ListedText) -> bool:
    """Whether it failed for a reason that lies with the phone."""
    telling = error_of(listed.error_code).kind in {"opt_out", "number"}
    return telling and listed.status in FAILED


def learn(session: Session, listed: ListedText) -> bool:
    """Opt the phone out, or text it no more, as its carrier says; whether that is news. Practice
    time."""
    number, error, at = parse_e164(listed.to_raw), error_of(listed.error_code), listed.updated_at
    phone_id = session.scalar(select(Phone.id).where(Phone.e164 == number))
    if phone_id is None:
        return False
    phone = Phone.locked(session, phone_id)
    if error.kind == "opt_out":
        if phone.opted_out_at is not None or _wanted_since(session, phone, listed):
            return False
        opt_out.record(session, phone.id, at, "carrier", listed.sid)
        return True
    lead = Lead.last_of(session, phone.id)
    if lead is None or phone.untextable_at is not None:
        return False
    delivery.untextable(session, phone, lead.id, at, error.words)
    return True


def _wanted_since(session: Session, phone: Phone, listed: ListedText) -> bool:
    """They have asked for texts again since, or this was learnt before and lifted then."""
    lines = select(Consent.id).where(
        Consent.phone_id == phone.id,
        or_(
            Consent.evidence == listed.sid,
            (Consent.at > listed.updated_at)
            & (Consent.kind == "given")
            & Consent.basis.in_(("staff", "form")),
        ),
    )
    if session.scalar(lines.limit(1)) is not None:
        return True
    since = select(Message.body).where(
        Message.phone_id == phone.id,
        Message.direction == "inbound",
        Message.created_at > listed.updated_at,
    )
    lifting = {Meaning.OPT_IN}
    if not is_toll_free(listed.from_raw):  # there Twilio means nothing by YES
        lifting.add(Meaning.YES)
    return any(classify(body) in lifting for body in session.scalars(since))
