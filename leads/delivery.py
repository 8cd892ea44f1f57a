"""What became of a text, from the post's answer or from a status callback, in any order."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import follow_up, opt_out, timeline
from leads.delivery_errors import DELIVERY_ERRORS, in_words
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.message import RANK, Message
from leads.phone import Phone
from leads.reminder import Reminder

FAILED = {"failed", "undelivered"}
# Twilio's MessageStatus in our words; those absent say nothing new.
FROM_TWILIO = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "failed",
    "canceled": "failed",
}


def status_changed(
    session: Session, message_id: int, sid: str, status: str, code: int | None, now: datetime
) -> Message | None:
    """Apply a status callback. It names us by our own id, so it may come before our own commit
    of the SID, or settle a text whose outcome was unknown. None for a text that is not ours."""
    phone_id = session.scalar(select(Message.phone_id).where(Message.id == message_id))
    if phone_id is None:
        return None
    Phone.locked(session, phone_id)
    message = session.get_one(Message, message_id, with_for_update=True)
    if message.direction != "outbound" or (message.sid or sid) != sid:
        return None
    message.sid = sid
    if status in FROM_TWILIO:
        settle(session, message, FROM_TWILIO[status], now, code)
    return message


def settle(
    session: Session,
    message: Message,
    state: str,
    now: datetime,
    code: int | None,
    words: str | None = None,
) -> None:
    """Move a message forward, and with it its reminder, its run and what we know of its phone."""
    first_news = RANK[message.state] < RANK["sent"]
    if not message.advance(session, state, now, code, words):
        return
    _learn(session, message, now, code)
    session.flush()
    if state in FAILED and not message.automated:
        # Writing to them had settled the call-back; they have heard nothing.
        session.get_one(Lead, message.lead_id).needs_callback(session, now)
    reminder = session.scalars(
        select(Reminder).where(Reminder.message_id == message.id)
    ).one_or_none()
    if reminder is None:
        return
    reminder.follow(message)
    if first_news and state in {"sent", "delivered", "undelivered"}:
        timeline.note(
            session,
            message.lead_id,
            now,
            "text_out",
            message.body,
            message_id=message.id,
            reminder_id=reminder.id,
            step=reminder.step,
        )
    run = session.get_one(FollowUp, reminder.follow_up_id)
    follow_up.finish_if_settled(session, run, now)


def _learn(session: Session, message: Message, now: datetime, code: int | None) -> None:
    """What a failure says about the number itself: opted out at the carrier, or not textable."""
    kind = DELIVERY_ERRORS[code].kind if code in DELIVERY_ERRORS else None
    phone = session.get_one(Phone, message.phone_id)
    if kind == "opt_out" and phone.opted_out_at is None:
        opt_out.record(session, phone.id, now, "carrier", message.sid or f"{message.id}")
    if kind == "number" and phone.untextable_at is None:
        phone.untextable_at = now
        phone.untextable_why = in_words(code)
        timeline.note(
            session,
            message.lead_id,
            now,
            "untextable",
            f"Call instead of texting: {in_words(code)}",
        )
        follow_up.end(session, now, "untextable", phone_id=phone.id)
