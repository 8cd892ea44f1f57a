"""One verified request from arrival to answer: kept with its effect, in a bounded time."""

import hashlib
from collections.abc import Callable

import anyio
import structlog
from fastapi import Response
from sqlalchemy.orm import Session

from leads import webhook_event
from leads.log import what_failed
from leads.webhook_event import Delivery
from webhooks.signature import Verified

log = structlog.get_logger()

# Twilio waits 15 s in all. A stuck database call cannot be cancelled, only left behind.
PATIENCE = 10.0
# As many as the database pool gives connections; more would only wait for one another there.
WORKERS = anyio.CapacityLimiter(10)


class Malformed(Exception):
    """A verified request without what it is about. Twilio sends none; it is kept all the same."""


async def answer(
    request: Verified,
    *,
    sid: str,
    event: str,
    status: str | None = None,
    sequence: str | None = None,
    effect: Callable[[Session], str],
    otherwise: str,
) -> Response:
    """Do the effect once and answer with what it returns; answer `otherwise` when it fails."""
    delivery = Delivery(
        source="twilio",
        # Without a SID requests would all be the same one.
        sid=sid or f"none:{hashlib.sha256(request.body.encode()).hexdigest()}",
        event=event,
        status=status or None,
        sequence=sequence or None,
        query=request.raw_query,
        body=request.body,
    )

    def checked(session: Session) -> str:
        if not sid:
            raise Malformed(event)
        return effect(session)

    try:
        with anyio.fail_after(PATIENCE):
            body = await anyio.to_thread.run_sync(
                webhook_event.once,
                delivery,
                checked,
                otherwise,
                abandon_on_cancel=True,
                limiter=WORKERS,
            )
    except Exception as error:
        # The caller is on the line: whatever went wrong, they get an answer. The event and its
        # error are in the log of what was received.
        log.error("webhook_failed", webhook=event, **what_failed(error.__cause__ or error))
        body = otherwise
    return Response(body, media_type="text/xml")
