"""One look at what is due: reminders become texts, texts are claimed, checked and posted.

The rules are in leads/due.py and leads/outbox.py. Here is what happens between two
transactions: the network.
"""

import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import structlog

from leads import clock, due, outbox, unknown
from leads.db import transaction
from leads.installation import Installation
from leads.log import what_failed
from workers import twilio_api
from workers.twilio_api import OutcomeUnknown, Refusal

log = structlog.get_logger()

REMINDERS_A_TICK = 200
TEXTS_A_TICK = 20
AT_ONCE = 4  # posts in flight; each holds a connection to Twilio, none to the database
RETRY_SECONDS = (5.0, 30.0, 120.0, 600.0)


def send_due() -> None:
    """Everything that is due now and that the senders' pace allows. Raises WrongInstallation."""
    with transaction() as session:
        Installation.current(session)  # nothing that was typed in play goes out for real
    queue_due()
    with transaction() as session:
        now = clock.now(session)
        outbox.sweep(session, now)
        claimed = outbox.claim(session, now, TEXTS_A_TICK)
    if claimed:
        with ThreadPoolExecutor(min(AT_ONCE, len(claimed))) as pool:
            list(pool.map(_send_or_leave, claimed))


def queue_due() -> None:
    """Each reminder in its own transaction: one that cannot be decided holds up no other."""
    with transaction() as session:
        waiting = due.reminders(session, clock.now(session), REMINDERS_A_TICK)
    for reminder_id in waiting:
        try:
            with transaction() as session:
                due.queue(session, reminder_id, clock.now(session))
        except Exception as error:
            log.error("reminder_undecided", reminder_id=reminder_id, **what_failed(error))


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
        retry = backoff(post.tries) if refusal.retry else None
        with transaction() as session:
            now = clock.now(session)
            outbox.refused(session, message_id, attempt, refusal.code, retry, now)
        log.warning("text_refused", message_id=message_id, code=refusal.code, retry=retry)
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


def backoff(tries: int) -> float | None:
    """Seconds to wait after so many tries, with jitter; None when it was tried often enough."""
    with suppress(IndexError):
        return RETRY_SECONDS[max(tries, 1) - 1] * random.uniform(0.7, 1.3)  # noqa: S311 - jitter
    return None
