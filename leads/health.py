"""Whether this installation can do its work, and its figures. Every web process asks here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute, Session

from leads import alarm, clock, darkness, migrations
from leads.call import Call
from leads.db import transaction
from leads.follow_up import FollowUp
from leads.heartbeat import Heartbeat, spooling
from leads.lead import Lead
from leads.message import Message
from leads.reminder import Reminder
from leads.tracking_number import TrackingNumber
from leads.webhook_event import WebhookEvent

# The worker looks every two seconds; past this, none is working.
STALE = timedelta(minutes=2)
EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Check:
    """One thing that must hold; `text` says in one sentence how it is, and without figures of
    persons."""

    name: str
    passed: bool
    text: str


def ready() -> list[Check]:
    """Every check, in order; those that need the database fail with it."""
    try:
        return [Check("database", True, "Reachable."), _migrations(), _due(), _spool()]
    except SQLAlchemyError as error:
        return [Check("database", False, f"The database does not answer: {type(error).__name__}.")]


def _migrations() -> Check:
    at, head = migrations.heads()
    if at == head:
        return Check("migrations", True, f"At {head}.")
    return Check("migrations", False, f"At {at}, wanted {head}: run `ringback migrate`.")


def texts_wait() -> bool:
    """Whether automated texts are held back, because a STOP may not have reached us."""
    with transaction() as session:
        return darkness.why(session) is not None


def _due() -> Check:
    with transaction() as session:
        age = due_age(session, clock.now(session))
        why = darkness.why(session)
        for stopped in alarm.stopping(session):
            why = why or stopped.text
    if why is not None:
        return Check("due", True, why)  # what waits, waits rightly
    if age <= STALE:
        return Check("due", True, "No text waits longer than it should.")
    seconds = int(age.total_seconds())
    return Check("due", False, f"A text has been due for {seconds} s: is a worker running?")


def _spool() -> Check:
    """Passes whatever waits: a process that keeps requests does what it is there for, and taking it
    out of service would send its callers nowhere. What waits is an alarm, and holds back texts."""
    with transaction() as session:
        count, oldest = session.execute(
            select(
                func.coalesce(func.sum(Heartbeat.spooled), 0), func.min(Heartbeat.oldest_spooled_at)
            ).where(spooling(session))
        ).one()
    if not count:
        return Check("spool", True, "Nothing that Twilio sent waits to be written down.")
    since = f", since {oldest:%Y-%m-%d %H:%M} UTC" if oldest else ""  # an older version tells none
    return Check(
        "spool",
        True,
        f"{count} of Twilio's requests wait to be written down{since}: they are replayed by "
        "themselves, or by `ringback replay`.",
    )


# Senders whose last texts took all that their pace allowed, with more to go, until shortly after
# the next one may go.
_AT_THEIR_PACE = select(TrackingNumber.id).where(
    TrackingNumber.tokens < 1,
    TrackingNumber.tokens_at
    + timedelta(seconds=1)
    * ((1 - TrackingNumber.tokens) / func.nullif(TrackingNumber.texts_per_second, 0))
    > func.clock_timestamp() - STALE,
    exists().where(
        Message.tracking_number_id == TrackingNumber.id,
        Message.state == "queued",
        Message.automated,
    ),
)


def due_age(session: Session, now: datetime) -> timedelta:
    """How long the oldest unsettled text has been due at practice time `now`; zero for none.

    A text that the carrier told us to try later (429) waits rightly, and so do one on which
    staff have to decide first, and a backlog that goes out as fast as its sender may send.
    """
    at_its_pace = list(session.scalars(_AT_THEIR_PACE))
    queued = select(func.min(Message.due_at)).where(
        Message.state == "queued",
        or_(Message.retry_after.is_(None), Message.retry_after < func.clock_timestamp()),
        or_(Message.tracking_number_id.is_(None), Message.tracking_number_id.not_in(at_its_pace)),
    )
    scheduled = (
        select(Reminder.due_at)
        .join(FollowUp, FollowUp.id == Reminder.follow_up_id)
        .where(Reminder.state == "scheduled", FollowUp.paused_at.is_(None))
        .order_by(Reminder.due_at)
        .limit(1)
    )
    asked = [queued] if at_its_pace else [queued, scheduled]
    oldest = [at for at in map(session.scalar, asked) if at is not None]
    return max(now - min(oldest), timedelta()) if oldest else timedelta()


class _Figures(Collector):
    def __init__(self, session: Session, here: dict[str, float]) -> None:
        self.session = session
        self.here = here

    def collect(self) -> list[Metric]:
        now = clock.now(self.session)
        age = due_age(self.session, now).total_seconds()
        broken = self.session.scalar(
            select(func.count()).select_from(WebhookEvent).where(WebhookEvent.error.is_not(None))
        )
        return [
            self._counts("ringback_leads", "Leads by stage.", Lead.stage),
            self._counts("ringback_calls", "Calls by outcome.", Call.outcome),
            self._counts("ringback_messages", "Texts by state.", Message.state),
            self._counts("ringback_reminders", "Reminders by state.", Reminder.state),
            _gauge("ringback_due_age_seconds", "How long the oldest unsettled text is due.", age),
            _gauge("ringback_webhook_errors", "Webhook events whose effect is owed.", broken or 0),
            *(_gauge(name, "Of this process.", value) for name, value in self.here.items()),
        ]

    def _counts(
        self, name: str, text: str, column: InstrumentedAttribute[str] | ColumnElement[str]
    ) -> Metric:
        family = GaugeMetricFamily(name, text, labels=[column.key or "state"])
        rows = self.session.execute(select(column, func.count()).group_by(column).order_by(column))
        for value, count in rows:
            family.add_metric([value], count)
        return family


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def figures(session: Session, here: dict[str, float] | None = None) -> bytes:
    """Figures for Prometheus (`EXPOSITION_TYPE`), never of one person. `here`: this process's
    own gauges by name."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(session, here or {}))
    return generate_latest(registry)
