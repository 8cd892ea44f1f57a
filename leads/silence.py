"""What is wrong with the service as a whole, by what the database knows. Nothing is changed here.

Silence is an alarm: a clinic that is rung all morning and hears nothing by noon has a fault, not a
quiet day. What is usual is learnt from the same hours of the weeks before (`nobody_rings`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import mean
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from leads import alarm, darkness, health
from leads.heartbeat import QUIET, Heartbeat, last, spooling
from leads.installation import Installation
from leads.lease import LEASE
from leads.lifeline import QUIET_WORKER
from leads.message import Message
from leads.opening_hours import OpeningHours
from leads.outage import RESTORED, Outage
from leads.practice import Practice
from leads.reconciliation import Reconciliation
from leads.webhook_event import WebhookEvent

SPOOLED = timedelta(minutes=1)  # a spool that is replayed is empty long before
UNKNOWN = timedelta(minutes=15)  # by then the list at Twilio was asked for the last time
UNRECONCILED = timedelta(minutes=20)  # three passes in a row
# The rule of `nobody_rings`.
WEEKS = 4
LEAST_WEEKS = 2
FLOOR = timedelta(minutes=30)  # of opening
EXPECTED = 10
EACH_WEEK = 3
BEGINNINGS = ("voice", "sms")  # somebody rang or texted; everything else follows from that

TEXTS = {
    "webhooks_silent": "Nothing has come from Twilio for much longer than is usual at this time of "
    "the week. What was kept is complete up to then. Ring your own number: when no call appears "
    "here, run `ringback doctor`.",
    "webhooks_quiet": "The process that answers calls gives no sign of life. Callers hear what is "
    "set as fallback at Twilio, and reconciliation finds them later. Look at the log of webhooks "
    "and start it again.",
    "worker_quiet": QUIET_WORKER,
    "beat_quiet": "Beat, the clock of this service, gives no sign of life: no text goes out. "
    "Calls are answered, and everything is kept. Look at beat's log and start it again.",
    "spool": "Events have waited in a spool for more than a minute to be written down, and "
    "automated texts wait with them. They are safe on the disk of the machine that answers calls. "
    "Look at the log of webhooks there, or run `ringback replay` there, in containers in "
    "`live-webhooks`.",
    "due_late": "Texts are late: the oldest has been due for more than two minutes. They are kept. "
    "Look at the worker's log.",
    "unknowns": "It is not known whether a text went out, and Twilio's list did not tell. It is "
    "not sent again by itself. Somebody has to look: under Follow-ups, Texts without an outcome.",
    "reconciliation": "Twilio's own lists could not be compared with ours for 20 minutes. Nothing "
    "is lost there. The last error stands under Settings, Alerts.",
}


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong: an alarm's kind, and a sentence without any personal data."""

    kind: str
    text: str


def troubles(session: Session, now: datetime, real: datetime, since: datetime) -> list[Trouble]:
    """Everything that is wrong at practice time `now` and real time `real`. Nobody is quiet
    because nobody listened: silence counts from `since` (real), when looking began."""
    kinds = [*_silent(session, real, since), *_left_lying(session, real, since)]
    found = [Trouble(kind, TEXTS[kind]) for kind in kinds]
    dark = darkness.why(session)
    if dark is not None:
        return [*found, Trouble("dark", dark)]
    # Texts that an alarm holds back are late for a reason that has been told.
    if not alarm.stopping(session) and health.due_age(session, now) > health.STALE:
        found.append(Trouble("due_late", TEXTS["due_late"]))
    return found


def _silent(session: Session, real: datetime, since: datetime) -> Iterator[str]:
    for kind in ("worker", "beat", "webhooks"):
        heard = last(session, kind)
        if heard is None and kind == "webhooks" and not _was_used(session):
            continue  # nobody has started it yet
        if max(heard or since, since) < real - QUIET:
            yield f"{kind}_quiet"
    if nobody_rings(session, Practice.get(session).hours, real):
        yield "webhooks_silent"


def _was_used(session: Session) -> bool:
    """Whether Twilio was ever heard here, or where this was restored from."""
    heard = select(WebhookEvent.id).where(WebhookEvent.source == "twilio").limit(1)
    brought = select(Outage.id).where(Outage.cause.startswith(RESTORED, autoescape=True)).limit(1)
    return session.scalar(heard) is not None or session.scalar(brought) is not None


def _left_lying(session: Session, real: datetime, since: datetime) -> Iterator[str]:
    spooled = select(Heartbeat.name).where(
        spooling(session), Heartbeat.oldest_spooled_at < real - SPOOLED
    )
    if session.scalar(spooled.limit(1)):
        yield "spool"
    unknown = select(Message.id).where(
        Message.state == "unknown", Message.lease_until - LEASE < real - UNKNOWN
    )
    if session.scalar(unknown.limit(1)):
        yield "unknowns"
    passes = select(
        func.max(Reconciliation.began_at),
        func.max(Reconciliation.finished_at).filter(Reconciliation.error.is_(None)),
    )
    tried, passed = session.execute(passes).one()
    if tried and max(passed or since, since) < real - UNRECONCILED:
        yield "reconciliation"


def nobody_rings(session: Session, hours: OpeningHours, real: datetime) -> bool:
    """Whether it has been silent for longer than is usual.

    1. The silence is the opening time since the last request of Twilio's, or since an outage.
    2. The same hours of up to four weeks before it are looked at. A week that was closed then, or
       before the first request ever, says nothing.
    3. It is unusual when at least two weeks say that ten people on average, and three in each of
       them, would have rung or texted by now; never in less than 30 minutes.

    Were callers to come quite at random, ten expected and none come by chance once in 22,000.
    A clinic with forty callers a day waits a quarter of a day for the alarm, one with five waits
    two days, and one with fewer than ten in a week nearly always gets none.
    """
    if not hours.is_open(real) or session.scalar(select(Installation.clock_shift)):
        return False  # hours that were moved say nothing about the time at which requests came
    ours = WebhookEvent.source == "twilio"
    first, heard = session.execute(
        select(func.min(WebhookEvent.received_at), func.max(WebhookEvent.received_at)).where(ours)
    ).one()
    if first is None:
        return False
    silent_since = max(heard, session.scalar(select(func.max(Outage.ended_at))) or heard)
    spans = list(_openings(hours, silent_since, real))
    if sum((b - a for a, b in spans), timedelta()) < FLOOR:
        return False
    zone = ZoneInfo(hours.zone)
    begin = (real - silent_since) // timedelta(days=7) + 1  # such weeks hold none of the silence
    counts = []
    for week in range(begin, begin + WEEKS):
        then = [(_earlier(a, week, zone), _earlier(b, week, zone)) for a, b in spans]
        if then[0][0] < first:
            break
        if all(hours.open_minutes_between(a, b) * 60 >= (b - a).total_seconds() for a, b in then):
            counts.append(sum(_beginnings(session, a, b) for a, b in then))
    return len(counts) >= LEAST_WEEKS and min(counts) >= EACH_WEEK and mean(counts) >= EXPECTED


def _openings(hours: OpeningHours, a: datetime, b: datetime) -> Iterator[tuple[datetime, datetime]]:
    opens = hours.next_opening(a)
    while opens is not None and opens < b:
        closes = hours.closes_at(opens)
        yield opens, min(closes or b, b)
        opens = hours.next_opening(closes) if closes else None


def _earlier(at: datetime, weeks: int, zone: ZoneInfo) -> datetime:
    """The same time on the clock, so many weeks before."""
    return (at.astimezone(zone) - timedelta(weeks=weeks)).astimezone(UTC)


def _beginnings(session: Session, a: datetime, b: datetime) -> int:
    wanted = select(func.count()).where(
        WebhookEvent.received_at >= a,
        WebhookEvent.received_at < b,
        WebhookEvent.event.in_(BEGINNINGS),
    )
    return session.scalars(wanted).one()
