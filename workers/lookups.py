"""Asking Twilio beforehand which numbers are landlines. No text waits for another's answer: this is
a task of its own."""

from concurrent.futures import ThreadPoolExecutor

import structlog

from leads import clock, darkness, lookup
from leads.db import transaction
from leads.log import what_failed
from workers import twilio_api

log = structlog.get_logger()

AT_ONCE = 10


def look_up() -> None:
    """Those whose texts are due now, where the practice pays for that."""
    with transaction() as session:
        if darkness.why(session) is not None:
            return  # their texts wait anyway
        wanted = lookup.claim(session, clock.now(session), AT_ONCE)
    if wanted:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(_ask, wanted))


def _ask(phone: tuple[int, str]) -> None:
    phone_id, e164 = phone
    line_type = None
    try:
        line_type = twilio_api.line_type(e164)
    except Exception as error:  # whatever it is: it must not hold up a text
        log.warning("lookup_failed", phone_id=phone_id, **what_failed(error.__cause__ or error))
    try:
        with transaction() as session:
            lookup.found(session, phone_id, line_type, clock.now(session))
    except Exception as error:
        log.error("lookup_not_kept", phone_id=phone_id, **what_failed(error))
