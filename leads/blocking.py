"""Numbers whose calls are turned away: marked, never deleted, and taken back in one click.

A call from one is rejected and kept; texts are kept without a word to anybody, and a STOP counts.
"""

import hashlib
import hmac
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from leads import desk, follow_up, timeline
from leads.call import is_ours
from leads.db import among, changed
from leads.lead import Lead
from leads.phone import LeadPhone, Phone
from leads.phone_number import is_withheld, parse_e164
from leads.settings import settings

REASONS = {
    "spam": "Spam or sales",
    "abuse": "Abuse",
    "machine": "A fax or another machine",
    "other": "Another reason",
}
OURS = "This is one of the clinic's own numbers: blocking it would turn your own calls away."


def block_lead(
    session: Session, lead: Lead, staff_id: int | None, now: datetime, why: str
) -> list[int]:
    """Block every number of this lead; the ids of its phones. Raises desk.Refused."""
    phone_ids = list(
        session.scalars(select(LeadPhone.phone_id).where(LeadPhone.lead_id == lead.id))
    )
    if not phone_ids:
        raise desk.Refused("This lead has no number to block. Nothing was changed.")
    _block(session, phone_ids, staff_id, now, why)
    return phone_ids


def block_number(session: Session, raw: str, staff_id: int | None, now: datetime, why: str) -> int:
    """Block this number, whether it has ever called or not; its phone's id. Raises desk.Refused."""
    if is_withheld(raw):
        raise desk.Refused("A withheld number is nobody's: it cannot be blocked.")
    e164 = parse_e164(raw)
    if e164 is None:
        raise desk.Refused("This is no phone number: write it as 425-555-0142 or +14255550142.")
    phone = Phone.of(session, e164)
    _block(session, [phone.id], staff_id, now, why)
    return phone.id


def _block(
    session: Session, phone_ids: Collection[int], staff_id: int | None, now: datetime, why: str
) -> None:
    if why not in REASONS:
        raise desk.Refused("Choose why the number is blocked. Nothing was changed.")
    phones, leads = _hold(session, phone_ids)
    if any(is_ours(session, phone.e164) for phone in phones):
        raise desk.Refused(f"{OURS} Nothing was changed.")
    fresh = [phone for phone in phones if phone.blocked_at is None]
    for phone in fresh:
        phone.blocked_at, phone.blocked_by_id, phone.blocked_why = now, staff_id, why
        follow_up.end(session, now, "blocked", phone_id=phone.id)
    if not fresh:
        return
    for lead in leads:
        words = f"Number blocked ({REASONS[why].casefold()}): its calls are turned away."
        # Who has another number is still to be called back on that.
        if all(phone.blocked_at is not None for phone in lead.phones):
            lead.off_the_list(session)
            if lead.stage == "new":
                lead.stage = "not_a_lead"
                words += " Closed as not a lead."
        told = {"staff_id": staff_id, "phone_ids": [phone.id for phone in fresh]}
        timeline.note(session, lead.id, now, "blocked", words, **told)
    changed(session, "blocked")


def unblock(session: Session, phone_id: int, staff_id: int | None, now: datetime) -> bool:
    """Take it back: their next call rings. Calls that were turned away stay as they are; False
    when the number is not blocked."""
    phones, leads = _hold(session, [phone_id])
    if not phones or phones[0].blocked_at is None:
        return False
    phone = phones[0]
    phone.blocked_at = phone.blocked_by_id = phone.blocked_why = None
    for lead in leads:
        words = "Number unblocked: their next call rings."
        timeline.note(session, lead.id, now, "unblocked", words, staff_id=staff_id)
    changed(session, "blocked")
    return True


def _hold(session: Session, phone_ids: Collection[int]) -> tuple[Sequence[Phone], Sequence[Lead]]:
    """These phones and everybody's they are, locked as `desk.hold` does: all phones, then leads."""
    theirs = select(LeadPhone.lead_id).where(among(LeadPhone.phone_id, phone_ids))
    with_theirs = select(LeadPhone.phone_id).where(LeadPhone.lead_id.in_(theirs))
    Phone.locked_all(session, {*phone_ids, *session.scalars(with_theirs)})
    phones = session.scalars(select(Phone).where(among(Phone.id, phone_ids)).order_by(Phone.id))
    leads = session.scalars(
        select(Lead)
        .where(Lead.id.in_(theirs), Lead.merged_into_id.is_(None))
        .order_by(Lead.id)
        .with_for_update(key_share=True, of=Lead)
        .options(selectinload(Lead.phones))
        .execution_options(populate_existing=True)
    )
    return phones.all(), leads.all()


def digest(e164: str) -> str:
    """A number as it is remembered outside the database: to be compared, and not to be read."""
    key = settings().secret_key.get_secret_value() or settings().twilio_account_sid
    return hmac.new(key.encode(), f"blocked {e164}".encode(), hashlib.sha256).hexdigest()[:32]


def digests(session: Session) -> list[str]:
    """Of every blocked number, for those who answer while the database is away."""
    blocked = session.scalars(select(Phone.e164).where(Phone.blocked_at.is_not(None)))
    return sorted(digest(e164) for e164 in blocked)
