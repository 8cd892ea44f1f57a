"""No means no: at once, for the whole clinic, until they say START or staff record a new yes.

A bare YES lifts only what Twilio itself blocks, and unblocks at a YES: an opt-out that began with
one of its own words, or that it told us of.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import consent, follow_up, timeline
from leads.consent import Basis
from leads.phone import LeadPhone, Phone

# How they opted out, where the block is Twilio's own.
AT_TWILIO = {"stop_word", "carrier"}


def record(
    session: Session,
    phone_id: int,
    now: datetime,
    how: str,
    evidence: str,
    *,
    ending: str = "opted_out",
) -> None:
    """Opt this phone out, in this transaction. `how`: stop_word (a text that Twilio itself takes
    for a no), text, key, carrier or staff."""
    phone = Phone.locked(session, phone_id)
    phone.unclear_at = None
    consent.revoke(session, phone.id, now, "text" if how == "stop_word" else how, evidence)
    if phone.opted_out_at is None:
        phone.opted_out_at = now
        phone.opted_out_how = how
        for lead_id in _leads(session, phone.id):
            timeline.note(session, lead_id, now, "opted_out", "Opted out of texts.", how=how)
    elif phone.opted_out_how in AT_TWILIO and how not in AT_TWILIO:
        phone.opted_out_how = how  # a no that no YES to Twilio takes back
    follow_up.end(session, now, ending, phone_id=phone.id)


def lift(
    session: Session, phone_id: int, now: datetime, evidence: str, by: Basis = "reply"
) -> None:
    """They want texts again, by START or as they told staff: a new line in the ledger lifts the
    opt-out, and nobody has to decide any more what an earlier text meant."""
    phone = Phone.locked(session, phone_id)
    consent.give(session, phone.id, now, by, evidence)
    if phone.unclear_at is not None:
        phone.unclear_at = None
        follow_up.end(session, now, "replied", phone_id=phone.id)
    if phone.opted_out_at is not None:
        phone.opted_out_at = None
        phone.opted_out_how = None
        for lead_id in _leads(session, phone.id):
            timeline.note(session, lead_id, now, "opted_in", "Asked for texts again.")


def _leads(session: Session, phone_id: int) -> list[int]:
    return list(session.scalars(select(LeadPhone.lead_id).where(LeadPhone.phone_id == phone_id)))
