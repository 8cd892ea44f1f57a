"""Places calls back by click, each once: the clinic's phone rings within a second of the click.

A thread of the worker hears of them from the database (NOTIFY), so that neither a tick nor Redis
stands between a click and the phone; it looks by itself, too, where a notice was lost.
"""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
import structlog
from psycopg.conninfo import make_conninfo

from leads import call, call_back, clock, placing
from leads.db import transaction
from leads.delivery_errors import NOT_CONNECTED
from leads.installation import Installation
from leads.listed import ListedCall
from leads.log import what_failed
from leads.outbound_call import CHANNEL
from leads.placing import BEFORE, Ringing
from leads.settings import settings
from workers import twilio_api
from workers.listing import Lists, ListUnavailable
from workers.twilio_api import OutcomeUnknown, Refusal
from workers.watch import repeat

log = structlog.get_logger()

AT_ONCE = 8  # posts; one that hangs is not to hold up a colleague's
SLOW = 15.0  # seconds from taking a call to posting it
LOOK_EVERY = 5.0  # seconds without a notice
AGAIN_AFTER = 1.0  # seconds, when the database is away
PATIENCE = 5.0  # seconds of pauses between questions for a list: the next look comes anyway
KEEPALIVE = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "connect_timeout": 3,
}


def begin() -> threading.Thread:
    """Listen in a thread that ends with the process."""
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="calling")
    return repeat("calling", AGAIN_AFTER, lambda: listen(pool))


def listen(pool: ThreadPoolExecutor) -> None:
    """Place what is wanted, and again at each notice, until the connection breaks."""
    url = settings().sqlalchemy_url.replace("postgresql+psycopg:", "postgresql:", 1)
    with psycopg.connect(make_conninfo(url, **KEEPALIVE), autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        while True:
            for each in take():
                pool.submit(place, each, time.time())
            for _ in connection.notifies(timeout=LOOK_EVERY, stop_after=1):
                pass
            connection.execute("SELECT 1")  # a lost server shows here


def take() -> list[Ringing]:
    with transaction() as session:
        placing.give_up(session, clock.now(session))
    with transaction() as session:
        return placing.take(session, AT_ONCE)


def place(ringing: Ringing, taken_at: float) -> None:
    """Post one call and write down what came of it. What cannot be written down is unknown once
    the time for posting is over, and is found by its webhooks or in the list."""
    try:
        _written_down(ringing, _posted(ringing, taken_at))
    except Exception as error:
        log.error("call_left", outbound_call_id=ringing.id, **what_failed(error))


def _posted(ringing: Ringing, taken_at: float) -> str | Refusal | OutcomeUnknown:
    """The CallSid, or why there is none. After a machine slept, nobody waits for it any more."""
    if time.time() - taken_at > SLOW:
        return Refusal(None, NOT_CONNECTED)
    try:
        return twilio_api.ring(ringing)
    except (Refusal, OutcomeUnknown) as error:
        return error
    except Exception as error:
        unknown = OutcomeUnknown()
        unknown.__cause__ = error
        return unknown


def _written_down(ringing: Ringing, came: str | Refusal | OutcomeUnknown) -> None:
    if isinstance(came, Refusal):
        log.warning("call_refused", outbound_call_id=ringing.id, code=came.code)
        with transaction() as session:
            placing.refused(session, ringing.id, _in_words(came), clock.now(session))
    elif isinstance(came, OutcomeUnknown):
        cause = what_failed(came.__cause__ or came)
        log.warning("call_unknown", outbound_call_id=ringing.id, **cause)
        with transaction() as session:
            placing.lost(session, ringing.id, clock.now(session))
    else:
        with transaction() as session:
            placing.adopt(session, ringing.id, came, clock.now(session))


def _in_words(refusal: Refusal) -> str:
    if refusal.error is NOT_CONNECTED:
        return "the telephone service could not be reached. Nothing rang. Try again in a minute."
    told = f" (code {refusal.code})" if refusal.code else ""
    return (
        f"the telephone service refused the call{told}. Nothing rang. Dial the number yourself, "
        "and tell an admin: `ringback doctor` says what is wrong."
    )


def settle_unknown() -> None:
    """Ask Twilio's own list what became of calls whose outcome is unknown."""
    with transaction() as session:
        now = clock.now(session)
        waiting = [
            (told.id, told.practice_phone.e164, told.posted_at)
            for told in placing.unsettled(session, now)
        ]
    for id_, number, posted_at in waiting:
        if posted_at is None:
            continue
        try:
            listed = Lists(patience=PATIENCE).calls_to(number, posted_at - BEFORE)
        except ListUnavailable as error:
            log.warning("list_unavailable", outbound_call_id=id_, **what_failed(error))
            continue
        try:
            _settle(id_, listed)
        except Exception as error:
            log.error("call_left", outbound_call_id=id_, **what_failed(error))


def _settle(id_: int, listed: Sequence[ListedCall]) -> None:
    """By the list: it was placed, or surely never was."""
    for each in sorted(listed, key=lambda one: one.started_at):
        with transaction() as session:
            if call_back.known(session, each.sid):
                continue
            shift = Installation.current(session).clock_shift
            moved = each.moved(shift)
            if call_back.found(session, each, moved) and moved.ended_at is not None:
                row = call.find(session, each.sid, moved.ended_at)
                call_back.over(session, row, moved, [], moved.ended_at)
    with transaction() as session:
        placing.absent(session, id_, clock.now(session))
