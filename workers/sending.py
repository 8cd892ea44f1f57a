"""One look at what is due: reminders become texts, texts are claimed, checked and posted.

The rules are in leads/due.py and leads/outbox.py. Here is what happens between two
transactions: the network.
"""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import structlog

from leads import call, clock, due, lookup, missed_call, outbox, unknown
from leads.db import transaction
from leads.installation import Installation
from leads.log import what_failed
from workers import twilio_api
from workers.twilio_api import OutcomeUnknown, Refusal

log = structlog.get_logger()

REMINDERS_A_LOOK = 100
TEXTS_A_LOOK = 32
AT_ONCE = 16  # posts in flight; each holds a connection to Twilio, none to the database
LONGEST = 10.0  # seconds of going on while there is work; the next tick goes on from there


def send_due() -> None:
    """Everything that is due now and that the senders' pace allows. Raises WrongInstallation."""
    with transaction() as session:
        Installation.current(session)  # nothing that was typed in play goes out for real
    conclude_calls()
    until = time.monotonic() + LONGEST
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while True:
            queue_due()
            with transaction() as session:
                now = clock.now(session)
                outbox.sweep(session, now)
                claimed = outbox.claim(session, now, TEXTS_A_LOOK)
            list(pool.map(_send_or_leave, claimed))
            if not claimed or time.monotonic() > until:
                return


def conclude_calls() -> None:
    """Follow up on callers whose call was never reported as over."""
    with transaction() as session:
        sids = missed_call.unreported(session, clock.now(session), 20)
    for sid in sids:
        with transaction() as session:
            now = clock.now(session)
            missed_call.consider(session, call.find(session, sid, now), now)


def queue_due() -> None:
    """Each reminder in its own transaction: one that cannot be decided holds up no other."""
    look_up()
    with transaction() as session:
        waiting = due.reminders(session, clock.now(session), REMINDERS_A_LOOK)
    for reminder_id in waiting:
        try:
            with transaction() as session:
                due.queue(session, reminder_id, clock.now(session))
        except Exception as error:
            log.error("reminder_undecided", reminder_id=reminder_id, **what_failed(error))


def look_up() -> None:
    """Ask beforehand which numbers are landlines, where the practice pays for that."""
    with transaction() as session:
        wanted = lookup.wanted(session, clock.now(session), 10)
    for phone_id, e164 in wanted:
        line_type = None
        try:
            line_type = twilio_api.line_type(e164)
        except OutcomeUnknown as error:
            log.warning("lookup_failed", phone_id=phone_id, **what_failed(error.__cause__ or error))
        with transaction() as session:
            lookup.found(session, phone_id, line_type, clock.now(session))


def _send_or_leave(claimed: tuple[int, uuid.UUID]) -> None:
    """One text's trouble holds up no other. Its lease runs out, and says what state it is in."""
    try:
        send_one(*claimed)
    except Exception as error:
        log.error("text_left", message_id=claimed[0], **what_failed(error))


def send_one(message_id: int, attempt: uuid.UUID) -> None:
    """Authorise, post, and write down what came of it."""
    with transaction() as session:
        post = outbox.authorize(session, message_id, attempt, clock.now(session))
    if post is None:
        return
    try:
        sid = twilio_api.send(post)
    except Refusal as refusal:
        with transaction() as session:
            now = clock.now(session)
            outbox.refused(session, message_id, attempt, refusal.code, refusal.error, now)
        log.warning("text_refused", message_id=message_id, code=refusal.code)
    except OutcomeUnknown as error:
        with transaction() as session:
            outbox.lost(session, message_id, attempt, clock.now(session))
        log.warning("text_unknown", message_id=message_id, **what_failed(error.__cause__ or error))
    else:
        # If this commit fails, the status callback says it; else the lease runs out: unknown.
        with transaction() as session:
            outbox.accepted(session, message_id, attempt, sid, clock.now(session))


def settle_unknown() -> None:
    """Ask Twilio's own list what became of texts whose outcome is unknown."""
    with transaction() as session:
        waiting = unknown.waiting(session, 20)
    for text in waiting:
        try:
            listed = twilio_api.texts_to(text.to)
        except OutcomeUnknown as error:
            cause = what_failed(error.__cause__ or error)
            log.warning("list_unavailable", message_id=text.message_id, **cause)
            continue
        with transaction() as session:
            ours = unknown.known_sids(session, [one.sid for one in listed])
            found = unknown.match(text, listed, ours)
            unknown.settle(session, text, found, clock.now(session))
