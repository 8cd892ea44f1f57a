"""Every verified request as it came, kept with its effect; a duplicate gets the same answer."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, func
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads.db import Base, Overtaken, transaction, upsert

TRIES = 3  # an event of a call is overtaken by another of the same call at most a few times


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
    answer: Mapped[str | None]
    came_by: Mapped[str] = mapped_column(default="webhook", server_default="webhook")  # or spool
    replayed_at: Mapped[datetime | None]  # of the last try after the first one
    error: Mapped[str | None]  # the kind of failure; the effect is still owed

    @classmethod
    def admit(cls, session: Session, delivery: Delivery) -> tuple["WebhookEvent", bool]:
        """The locked row of this delivery, and whether its effect is still to be done."""
        key = ["source", "sid", "event", "status", "sequence"]
        row = upsert(session, cls, key, **vars(delivery))
        return row, row.answer is None


def once(delivery: Delivery, effect: Callable[[Session], str]) -> str:
    """Do `effect` for this delivery exactly once and return its answer, now or from before.

    Raises whatever the effect raises, after the event has been kept alone with its error. A
    later delivery of the same event, or a replay, then tries the effect again.
    """
    try:
        for _ in range(TRIES):
            with suppress(Overtaken):
                return _once(delivery, effect)
        return _once(delivery, effect)
    except Exception as error:
        keep_alone(delivery, error)
        raise


def _once(delivery: Delivery, effect: Callable[[Session], str]) -> str:
    with transaction() as session:
        event, owed = WebhookEvent.admit(session, delivery)
        if owed:
            event.answer = effect(session)
            event.error = None
        return event.answer or ""


def keep_alone(delivery: Delivery, error: Exception) -> None:
    with transaction() as session:
        event, owed = WebhookEvent.admit(session, delivery)
        if owed:
            # The class alone: a database error's text can quote names and numbers.
            event.error = type(error).__name__
