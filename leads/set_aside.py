"""A text that came and cannot be kept here, however often it is tried: a person reads it."""

from sqlalchemy.orm import Session

from leads import follow_up, timeline
from leads.call import is_ours
from leads.lead import Lead
from leads.listed import ListedText
from leads.phone import Phone
from leads.phone_number import parse_e164

WORDS = (
    "A text of theirs could not be added here. It may mean that they want no more texts: please "
    "read it in Twilio's console ({sid}) and decide. No text goes to them by itself until then."
)


def text(session: Session, listed: ListedText) -> None:
    """Hold every text that would go to its sender by itself, as for one that may be a no. None of
    what failed is done here. Practice time."""
    number = parse_e164(listed.from_raw)
    if number is None or is_ours(session, number):
        return
    phone, at = Phone.of(session, number), listed.created_at
    phone.unclear_at = phone.unclear_at or at
    follow_up.pause(session, at, phone.id)
    lead = Lead.last_of(session, phone.id)
    if lead is not None:
        timeline.note(session, lead.id, at, "unclear", WORDS.format(sid=listed.sid))
        lead.needs_callback(session, at)
