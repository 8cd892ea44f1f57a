"""Every verified request as it came, kept with its effect; a duplicate gets the same answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import BigInteger, Identity, Index, and_, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads.availability import try_again, unavailable
from leads.db import Base, Overtaken, database_time, transaction, upsert

TRIES = 3  # an event of a call is overtaken by another of the same call at most a few times
ASKED = "replay asked"
HOPELESS = "Malformed"  # no later try makes anything of it
# An owed event is tried again when it has been owed for as long again, within these bounds.
SOONEST, LATEST = timedelta(seconds=10), timedelta(hours=1)
Result = TypeVar("Result")


class Owed(Exception):
    """The effect failed, and the event is kept with its error: it can be done again later."""


@dataclass(frozen=True)
class Delivery:
    """One verified request. `event` names the step (`voice`, `dial`, …)."""

    source: str
    sid: str
    event: str
    status: str | None
    sequence: str | None
    query: str
    body: str


class WebhookEvent(Base):
    __tablename__ = "webhook_event"
    __table_args__ = (
        Index(
            "uq_webhook_event",
            "source",
            "sid",
            "event",
            "status",
            "sequence",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_webhook_event_owed", "received_at", postgresql_where="error IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), index=True)
    source: Mapped[str]
    sid: Mapped[str]
    event: Mapped[str]
    status: Mapped[str | None]
    sequence: Mapped[str | None]
    query: Mapped[str]
    body: Mapped[str]
    answer: Mapped[str | None]  # what Twilio was given
    came_by: Mapped[str] = mapped_column(default="webhook", server_default="webhook")  # or spool
    replayed_at: Mapped[datetime | None]  # real time of the last try after the first one
    error: Mapped[str | None]  # the kind of failure, or ASKED; the effect is owed

    @property
    def delivery(self) -> Delivery:
        return Delivery(
            self.source,
            self.sid,
            self.event,
            self.status,
            self.sequence,
            self.query,
            self.body,
        )

    @property
    def owed(self) -> bool:
        return self.answer is None or self.error is not None

    @classmethod
    def admit(
        cls, session: Session, delivery: Delivery, kept_since: datetime | None = None
    ) -> "WebhookEvent":
        """The locked row of this delivery, made when it is new. `kept_since`: it waited in a spool
        since then (real time)."""
        key = ["source", "sid", "event", "status", "sequence"]
        came = {"received_at": kept_since, "came_by": "spool"} if kept_since else {}
        return upsert(session, cls, key, **vars(delivery), **came)


def once(
    delivery: Delivery,
    effect: Callable[[Session], str],
    otherwise: Callable[[], str],
    may_commit: Callable[[], None] = lambda: None,
) -> str:
    """Do `effect` for this delivery exactly once and return its answer, now or from before.

    `may_commit` is asked right before the commit, and may raise to prevent it. When the effect
    fails, the event is kept alone with its error and with `otherwise`, the answer that Twilio gets
    instead: raises Owed then. A later delivery of the same event, or a replay, tries again.
    Raises whatever else is raised when nothing could be kept.
    """

    def attempt() -> str:
        with transaction() as session:
            event = WebhookEvent.admit(session, delivery)
            if event.owed:
                event.answer = effect(session)
                event.error = None
                session.flush()
            may_commit()
            return event.answer or ""

    return _kept(attempt, delivery, otherwise, None, may_commit)


def again(
    delivery: Delivery,
    effect: Callable[[Session], object],
    given: str,
    kept_since: datetime | None = None,
) -> bool:
    """Do `effect` for a delivery that was answered with `given` some time ago; False when that was
    done already. Raises like `once`; Owed also for what looks as if the database were away, when it
    is not.

    Also done again when it was done with another answer than the one that was given: the caller
    had been answered before the commit came through.
    """

    def attempt() -> bool:
        with transaction() as session:
            event = WebhookEvent.admit(session, delivery, kept_since)
            if not event.owed and event.answer == given:
                return False
            effect(session)
            event.answer, event.error = given, None
            event.replayed_at = database_time(session)
            return True

    try:
        return _kept(attempt, delivery, lambda: given, kept_since, lambda: None)
    except Exception as error:
        if not unavailable(error):
            raise
        # When that can be written down, the database serves, and it is this event that cannot be
        # done (it takes too long, say): it is not to hold up all the others for ever.
        _keep_alone(delivery, error, given, kept_since)
        raise Owed(delivery.event) from error


def _kept(
    attempt: Callable[[], Result],
    delivery: Delivery,
    given: Callable[[], str],
    kept_since: datetime | None,
    may_commit: Callable[[], None],
) -> Result:
    for tries_left in reversed(range(TRIES)):
        try:
            return attempt()
        except Exception as error:
            if tries_left and (isinstance(error, Overtaken) or try_again(error)):
                continue
            may_commit()
            if unavailable(error):
                raise
            _keep_alone(delivery, error, given(), kept_since)
            raise Owed(delivery.event) from error
    raise AssertionError("unreachable")


def _keep_alone(
    delivery: Delivery, error: Exception, given: str, kept_since: datetime | None
) -> None:
    with transaction() as session:
        event = WebhookEvent.admit(session, delivery, kept_since)
        if event.owed:
            if event.replayed_at or event.error:
                event.replayed_at = database_time(session)
            # The class alone: a database error's text can quote names and numbers.
            event.error = type(error).__name__
            event.answer = event.answer or given


def ask_replay(session: Session, event_id: int) -> bool:
    """Ask the webhooks process to do this event's effect again; it does within seconds, and
    `replayed_at` and `error` then say what came of it. False when there is no such event."""
    event = session.get(WebhookEvent, event_id, with_for_update=True)
    if event is None:
        return False
    event.error = ASKED
    return True


def owed(session: Session, *, due: bool, limit: int) -> list[WebhookEvent]:
    """Events whose effect is owed, oldest first: those whose next try has come or was asked for,
    or all. What failed for a passing reason so heals by itself; what goes on failing is tried
    after 10 s, 20 s, 40 s, … and then hourly."""
    found = select(WebhookEvent).where(WebhookEvent.error.is_not(None))
    if due:
        tried_at = func.coalesce(WebhookEvent.replayed_at, WebhookEvent.received_at)
        pause = func.least(func.greatest(tried_at - WebhookEvent.received_at, SOONEST), LATEST)
        in_time = and_(WebhookEvent.error != HOPELESS, tried_at + pause <= func.clock_timestamp())
        found = found.where(or_(WebhookEvent.error == ASKED, in_time))
    return list(session.scalars(found.order_by(WebhookEvent.received_at).limit(limit)))


def told(session: Session, event: str, sid: str) -> list[WebhookEvent]:
    """What we were told of this, whether it could be done or not, oldest first."""
    found = select(WebhookEvent).where(
        WebhookEvent.source == "twilio", WebhookEvent.sid == sid, WebhookEvent.event == event
    )
    return list(session.scalars(found.order_by(WebhookEvent.received_at)))
