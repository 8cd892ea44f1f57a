"""One verified request from arrival to answer: kept with its effect, in a bounded time."""

from functools import cache

import structlog
from fastapi import Response

from leads import webhook_event
from leads.availability import unavailable
from leads.log import what_failed
from leads.webhook_event import Owed
from webhooks import twiml
from webhooks.reception import Reception
from webhooks.signature import Verified
from webhooks.step import Step
from webhooks.threads import Ticket

log = structlog.get_logger()

# Seconds. A caller hears silence until we answer; that is to be less than two seconds, of which
# the spool may take a part. Where nobody is on the line we can wait longer: Twilio does, 15 s.
CALLERS_PATIENCE = 1.0
PATIENCE = 5.0


async def answer(reception: Reception, step: Step, request: Verified) -> Response:
    """Do the step once and answer with what it says. When that takes too long, or the database is
    known to be away, answer from what we remember, and keep the request for later."""

    @cache
    def otherwise() -> str:
        try:
            return step.otherwise(request, reception.routing)
        except Exception as error:
            log.error("webhook_unanswered", webhook=step.event, **what_failed(error))
            return twiml.apology() if step.caller_waits else twiml.EMPTY

    def do(ticket: Ticket) -> str:
        return webhook_event.once(
            step.delivery(request),
            lambda session: step.do(session, request),
            otherwise,
            ticket.may_commit,
        )

    kept = False
    body: str | None = None
    if not reception.breaker.is_open:
        try:
            patience = CALLERS_PATIENCE if step.caller_waits else PATIENCE
            body = await reception.threads.run(do, patience)
            reception.breaker.served()
        except Owed as error:
            kept = True
            log.error("webhook_failed", webhook=step.event, **what_failed(error.__cause__ or error))
        except Exception as error:
            log.error("webhook_failed", webhook=step.event, **what_failed(error))
            if unavailable(error):
                reception.breaker.failed()
            elif isinstance(error, TimeoutError):
                reception.breaker.timed_out()
    if body is None:
        body = otherwise()
        if not kept:
            await reception.keep(step.path, request, body)
    return Response(body, media_type="text/xml")
