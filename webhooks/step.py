"""A step of a call or text: what one address of ours does with a request.

A step knows nothing of how the request came, so that one which waited in the spool, or which
somebody asks for again, is done by the same code as a live one.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from leads import clock
from leads.webhook_event import Delivery
from webhooks import twiml
from webhooks.routing import Routing
from webhooks.signature import Verified


class Malformed(Exception):
    """A verified request without what it is about. Twilio sends none; it is kept all the same."""


@dataclass(frozen=True)
class Happening:
    """A request at the practice time at which it came. `heard`: the answer that Twilio has been
    given already; None while it waits for ours."""

    request: Verified
    now: datetime
    heard: str | None = None

    @property
    def late(self) -> bool:
        """Done only now: what happened since it came counts, too."""
        return self.heard is not None


def nothing(_: Verified, __: Routing | None) -> str:
    """The answer where Twilio only tells us something."""
    return twiml.EMPTY


@dataclass(frozen=True)
class Step:
    """`sid`, `status` and `sequence` name the parameters (of the body, or of our own address) by
    which a repetition is known. `otherwise` is the answer when the database cannot be asked."""

    path: str
    event: str
    effect: Callable[[Session, Happening], str]
    sid: str
    status: str = ""
    sequence: str = ""
    otherwise: Callable[[Verified, Routing | None], str] = nothing
    caller_waits: bool = True  # somebody is on the line until we answer

    def delivery(self, request: Verified) -> Delivery:
        return Delivery(
            source="twilio",
            # Without a SID requests would all be the same one.
            sid=request.parameter(self.sid)
            or f"none:{hashlib.sha256(request.body.encode()).hexdigest()}",
            event=self.event,
            status=request.parameter(self.status) or None,
            sequence=request.parameter(self.sequence) or None,
            query=request.raw_query,
            body=request.body,
        )

    def do(self, session: Session, request: Verified) -> str:
        """The effect of a request that waits for its answer."""
        return self._do(session, Happening(request, clock.now(session)))

    def do_later(
        self, session: Session, request: Verified, received_at: datetime, heard: str
    ) -> None:
        """The effect of a request that came at `received_at` (real time) and was answered then."""
        self._do(session, Happening(request, clock.at(session, received_at), heard))

    def _do(self, session: Session, happening: Happening) -> str:
        if not happening.request.parameter(self.sid):
            raise Malformed(self.event)
        return self.effect(session, happening)
