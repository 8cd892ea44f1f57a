"""What became of a text, from the post's answer or from a status callback, in any order."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import alarm, follow_up, hindsight, intention, moment, opt_out, timeline, wait
from leads.db import among, database_time
from leads.delivery_errors import DeliveryError, error_of
from leads.follow_up import FollowUp
from leads.message import FAILED, RANK, Message
from leads.phone import Phone
from leads.practice import Practice
from leads.reminder import Reminder

# A text that a carrier could not deliver is tried again twice, if it still makes sense then.
AGAIN_AFTER = (timedelta(minutes=10), timedelta(hours=1))
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


def sent(session: Session, messages: Sequence[Message], now: datetime) -> None:
    """The service took these texts. Needs the phones' locks."""
    owners = _owners(session, messages)
    for message in messages:
        _settle(session, message, owners.get(message.reminder_id), "sent", now, None, None)
    follow_up.finish_settled(session, [run for _, run in owners.values()], now)


def settle(
    session: Session,
    message: Message,
    state: str,
    now: datetime,
    code: int | None,
    words: str | None = None,
) -> None:
    """Move a message forward, and with it its reminder, its run and what we know of its phone.

    Needs the phone's lock.
    """
    owners = _owners(session, [message])
    _settle(session, message, owners.get(message.reminder_id), state, now, code, words)
    follow_up.finish_settled(session, [run for _, run in owners.values()], now)


Owner = tuple[Reminder, FollowUp]


def _owners(session: Session, messages: Sequence[Message]) -> dict[int | None, Owner]:
    """Whose tries these texts are, by the reminder's id: the reminder and its run."""
    adopt(session, messages)
    reminder_ids = {message.reminder_id for message in messages} - {None}
    if not reminder_ids:
        return {}
    rows = session.execute(
        select(Reminder, FollowUp)
        .join(FollowUp, FollowUp.id == Reminder.follow_up_id)
        .where(among(Reminder.id, reminder_ids))
    )
    return {reminder.id: (reminder, run) for reminder, run in rows}


def adopt(session: Session, messages: Sequence[Message]) -> None:
    """Texts that the version before has queued do not know their reminders yet."""
    strangers = {m.id: m for m in messages if m.automated and m.topic is None}
    if not strangers:
        return
    for reminder in session.scalars(select(Reminder).where(among(Reminder.message_id, strangers))):
        message = strangers[reminder.message_id or 0]
        message.reminder_id, message.topic = reminder.id, "inquiry"


def _settle(
    session: Session,
    message: Message,
    owner: Owner | None,
    state: str,
    now: datetime,
    code: int | None,
    words: str | None,
) -> None:
    first_news, had_failed = RANK[message.state] < RANK["sent"], message.state in FAILED
    was_sent = message.state in {"sent", "delivered"} or bool(message.sid)
    if not message.advance(session, state, now, code, words):
        return
    if state == "delivered":
        alarm.delivered(session, now, message.posted_at)
    if had_failed:
        words = "A text that was reported as failed has arrived after all."
        timeline.note(session, message.lead_id, now, "text_arrived", words, message_id=message.id)
    error = error_of(code)
    if state in FAILED:
        if was_sent:  # a refusal of the post itself has been told already
            sound_alarm(session, error, now)
        _learn(session, message, now, error)
    if state in FAILED and not message.automated:
        wait.text_failed(session, message, now)
    if owner is None:
        return
    reminder, run = owner
    if reminder.message_id != message.id and not (
        state == "delivered" and _arrived_after_all(session, reminder, message)
    ):
        return  # an earlier try: the reminder goes by its last one
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
    again = state in FAILED and was_sent and _may_go_on(session, run)
    if again and _try_again(session, reminder, run, error, now):
        run.ended_at = run.end_reason = None  # it has one more text to send
    else:
        reminder.follow(message)


def _may_go_on(session: Session, run: FollowUp) -> bool:
    """Whether this run may send: its last text being out has ended it before this was heard."""
    return run.ended_at is None or hindsight.may_go_on(session, run)


def sound_alarm(session: Session, error: DeliveryError, now: datetime) -> None:
    """Tell everybody at the desk of a failure that is not this one text's alone."""
    if error.alarm:
        real = database_time(session)
        stops = error.behaviour.stops_sending
        # Two failures of one kind that have to be mended in two ways are two alarms.
        kind = error.kind if stops else f"{error.kind}: {error.words}"
        alarm.raise_alarm(session, kind, error.alarm, now, real, stops_sending=stops)


def _learn(session: Session, message: Message, now: datetime, error: DeliveryError) -> None:
    """What a failure says about the number itself: opted out at the carrier, or not textable."""
    phone = session.get_one(Phone, message.phone_id)
    if error.kind == "opt_out" and phone.opted_out_at is None:
        opt_out.record(session, phone.id, now, "carrier", message.sid or f"{message.id}")
    if error.kind == "number":
        untextable(session, phone, message.lead_id, now, error.words)


def untextable(session: Session, phone: Phone, lead_id: int, now: datetime, words: str) -> None:
    """This number gets no texts, ever: its follow-ups end and staff are told. Needs its lock."""
    if phone.untextable_at is not None:
        return
    phone.untextable_at = now
    phone.untextable_why = words
    timeline.note(session, lead_id, now, "untextable", f"Call instead of texting: {words}")
    follow_up.end(session, now, "untextable", phone_id=phone.id)


def _try_again(
    session: Session, reminder: Reminder, run: FollowUp, error: DeliveryError, now: datetime
) -> bool:
    """Schedule a text that did not arrive once more, as its error allows; False if it does not.
    Old news schedule nothing: it would be stale."""
    retry = error.behaviour.retry
    tried_enough = reminder.tries >= len(AGAIN_AFTER) and not error.behaviour.stops_sending
    if retry == "never" or tried_enough:
        return False
    plan = run.steps(session)
    if reminder.step > len(plan.steps):
        return False
    step = plan.step(reminder.step)
    stale_at = reminder.stale_at or reminder.due_at + step.lateness
    words = f"Text {reminder.step} did not arrive: {error.words[:-1]}"
    if now > stale_at:
        return False
    if retry == "next_day":
        at = _next_morning(session, run, now)
        if at is None:
            return False
        reminder.tries += 1
        later = moment.told(at, Practice.get(session).zone)
        reminder.move(session, now, at, f"{words}; tried again: {later}.", step.lateness)
        return True
    if error.behaviour.stops_sending:  # it is not this text's fault: it waits with the others
        reminder.move(session, now, now, f"{words}; it waits until sending works again.")
        return True
    pause = timedelta() if retry == "now" else AGAIN_AFTER[reminder.tries]
    at = now + pause * random.uniform(1, 1.3)  # noqa: S311 - jitter
    if at > stale_at:
        return False
    reminder.tries += 1
    later = moment.told(at, Practice.get(session).zone)
    reminder.move(session, now, at, f"{words}; tried again: {later}.")
    return True


def _arrived_after_all(session: Session, reminder: Reminder, message: Message) -> bool:
    """A text that was reported as failed, and is to be tried again, has arrived: no more tries.
    False when it is too late for that."""
    if reminder.state not in {"scheduled", "sending"}:
        return False
    if reminder.state == "sending":
        waiting = follow_up.not_posted(session, reminder)
        if waiting is None:
            return False  # the next try is out
        follow_up.put_off(session, reminder, waiting)
    reminder.message_id = message.id
    return True


def tomorrow(session: Session, message: Message, error: DeliveryError, now: datetime) -> None:
    """Our sender has reached a limit: take the queued text back until the next morning, as often
    as any text is tried again. What is refused on three days is no limit of a day."""
    reminder = session.get_one(Reminder, message.reminder_id)
    run = session.get_one(FollowUp, reminder.follow_up_id)
    at = _next_morning(session, run, now)
    if at is None or reminder.tries >= len(AGAIN_AFTER):
        settle(session, message, "failed", now, message.error_code, error.words)
        return
    plan = run.steps(session)
    follow_up.put_off(session, reminder, message)
    if reminder.step > len(plan.steps):
        return  # the plan was changed meanwhile: the next look says so
    reminder.tries += 1
    step = plan.step(reminder.step)
    later = moment.told(at, Practice.get(session).zone)
    words = f"Text {reminder.step} not sent yet: {error.words[:-1]}; tried again: {later}."
    reminder.move(session, now, at, words, step.lateness)


def _next_morning(session: Session, run: FollowUp, now: datetime) -> datetime | None:
    """The first moment that the window allows after today."""
    practice, phone = Practice.get(session), session.get_one(Phone, run.phone_id)
    return intention.next_opening(practice, phone, now)
