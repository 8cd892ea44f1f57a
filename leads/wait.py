"""The wait for a call, and how it goes on where what had ended it came to nothing.

Whatever takes somebody off the list writes on the timeline since when they had waited: the promise
counts from then again, and what they told us since then has not been dealt with.
"""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, select
from sqlalchemy.orm import Session

from leads import hindsight
from leads.lead import Lead
from leads.message import FAILED, Message
from leads.timeline import TimelineEntry

FACT = "waited_since"
MISTAKEN = timedelta(hours=1)  # so soon a click is taken back; later, it is about something else
CLICKS = ("contacted", "booked", "closed", "appointment_cancelled", "rang")


def told(lead: Lead) -> dict[str, str]:
    """Since when they wait, as a fact of the timeline entry of what settles it."""
    since = lead.needs_callback_since
    return {FACT: since.isoformat()} if since is not None else {}


def text_failed(session: Session, text: Message, now: datetime) -> None:
    """Writing to them had settled the call-back, and they have heard nothing. Whom somebody has
    been in touch with since, closed or blocked, needs no call."""
    lead = session.get_one(Lead, text.lead_id)
    blocked = lead.phones and all(phone.blocked_at is not None for phone in lead.phones)
    if blocked or hindsight.in_touch_since(session, lead.id, text.created_at):
        return
    since = _before_texts(session, lead) or now
    lead.needs_callback(session, since)
    lead.needs_callback_since = min(lead.needs_callback_since or since, since)


def _before_texts(session: Session, lead: Lead) -> datetime | None:
    """Since when they had waited before the texts of which none arrived, where nobody has been in
    touch with them since."""
    entry = session.scalars(
        select(TimelineEntry)
        .join(Message, Message.id == TimelineEntry.facts["message_id"].astext.cast(BigInteger))
        .where(
            TimelineEntry.lead_id == lead.id,
            TimelineEntry.kind == "text_out",
            TimelineEntry.facts.op("?")(FACT),
            Message.state.in_(FAILED),
        )
        .order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc())
        .limit(1)
    ).first()
    if entry is None or hindsight.in_touch_since(session, lead.id, entry.at):
        return None
    return datetime.fromisoformat(entry.facts[FACT])


def before_mistake(session: Session, lead: Lead, now: datetime) -> datetime | None:
    """Since when they had waited before the click that has just settled them; None where they were
    spoken with or written to."""
    entry = session.scalars(
        select(TimelineEntry)
        .where(
            TimelineEntry.lead_id == lead.id,
            TimelineEntry.at > now - MISTAKEN,
            hindsight.in_touch(),
        )
        .order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc())
        .limit(1)
    ).first()
    if entry is None or entry.kind not in CLICKS or FACT not in entry.facts:
        return None
    return datetime.fromisoformat(entry.facts[FACT])
