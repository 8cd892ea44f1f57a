"""Texts of a plan that are due and wait: their leads' timelines say why, once for each. A minute's
wait is not worth a line."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import DateTime, func, select, type_coerce
from sqlalchemy.orm import Session

from leads import alarm
from leads.delivery_errors import NOT_CONNECTED, error_of
from leads.follow_up import FollowUp
from leads.message import Message
from leads.phone import Phone
from leads.practice import Practice
from leads.reminder import Reminder

UNTOLD = timedelta(minutes=1)
STOPPED = {"auth": error_of(20003).words, "suspended": error_of(30002).words}
LOOKED_UP = "It is asked first whether the number is a landline."
PACE = "Others go first: the number that it goes from sends no faster."


def tell(session: Session, dark: str | None, now: datetime, limit: int) -> None:
    """Say why they wait, `limit` of each sort at a time. `dark`: why automated texts wait now."""
    why = dark
    for each in alarm.stopping(session) if dark is None else []:
        why = f"No text goes out: {STOPPED.get(each.kind, each.text)} It waits with the others."
    for reminder, cause in [*_scheduled(session, now, limit), *_queued(session, now, limit)]:
        reminder.wait(session, now, why or cause)


def _scheduled(session: Session, now: datetime, limit: int) -> Iterator[tuple[Reminder, str]]:
    """Nobody has decided on these yet. Of paused runs it is told already why they wait."""
    rows = session.execute(
        select(Reminder, Phone.looked_up_at)
        .join(FollowUp, FollowUp.id == Reminder.follow_up_id)
        .join(Phone, Phone.id == FollowUp.phone_id)
        .where(
            Reminder.state == "scheduled",
            Reminder.due_at <= now - UNTOLD,
            Reminder.waits_since.is_(None),
            FollowUp.paused_at.is_(None),
        )
        .order_by(Reminder.due_at, Reminder.id)
        .limit(limit)
        .with_for_update(of=Reminder, skip_locked=True, key_share=True)
    )
    lookup = Practice.get(session).lookup_landlines
    for reminder, looked_up_at in rows:
        yield reminder, LOOKED_UP if lookup and looked_up_at is None else PACE


def _queued(session: Session, now: datetime, limit: int) -> Iterator[tuple[Reminder, str]]:
    """These wait in the outbox."""
    rows = session.execute(
        select(
            Reminder,
            Message.error_code,
            Message.retry_after,
            type_coerce(func.clock_timestamp(), DateTime(True)),
        )
        .join(Message, Message.id == Reminder.message_id)
        .where(
            Message.state == "queued",
            Message.automated,
            Message.due_at <= now - UNTOLD,
            Reminder.waits_since.is_(None),
        )
        .order_by(Message.due_at, Message.id)
        .limit(limit)
        .with_for_update(of=Reminder, skip_locked=True, key_share=True)
    )
    for reminder, code, retry_after, real in rows:
        error = NOT_CONNECTED if code is None else error_of(code)
        refused = f"It could not be handed over, and is tried again: {error.words}"
        yield reminder, refused if retry_after is not None and retry_after > real else PACE
