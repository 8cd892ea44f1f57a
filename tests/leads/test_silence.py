"""What is unusual silence, and what is a quiet clinic; and everything else that is an alarm."""

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from leads import alarm, clock, db, heartbeat, outage, silence
from leads.heartbeat import Heartbeat, beat
from leads.lead import Lead
from leads.lease import LEASE
from leads.message import Message
from leads.opening_hours import OpeningHours
from leads.outage import Outage
from leads.phone import Phone
from leads.practice import Practice
from leads.reconciliation import Reconciliation
from leads.webhook_event import WebhookEvent

LA = ZoneInfo("America/Los_Angeles")
HOURS = OpeningHours.from_json(
    {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}, LA.key
)
# A Tuesday two weeks after the clocks went back.
NOON = datetime(2026, 11, 17, 12, tzinfo=LA)
MINUTE, WEEK = timedelta(minutes=1), timedelta(weeks=1)
numbers = count()


@pytest.fixture
def events(practice: Practice, session: Session) -> Session:
    assert practice
    clock.reset(session)
    return session


def rings(session: Session, at: datetime, event: str = "voice") -> None:
    session.add(
        WebhookEvent(
            source="twilio",
            sid=f"CA{next(numbers)}",
            event=event,
            query="",
            body="",
            received_at=at.astimezone(UTC),
        )
    )


def past(session: Session, a_day: int, weeks: int = 4, last: datetime = NOON) -> None:
    """So many callers on each open day of the weeks before and up to `last`, evenly."""
    at = last.replace(hour=9, minute=0) - timedelta(weeks=weeks)
    while at <= last:
        if HOURS.is_open(at):
            rings(session, at)
            rings(session, at, "status")  # what follows from a call counts for nothing
        local = at.replace(tzinfo=None) + timedelta(hours=9) / a_day
        at = local.replace(tzinfo=LA)
    session.flush()


def unusual_after(session: Session, a_day: int, weeks: int = 4) -> float | None:
    """The open hours of silence until the alarm; None within eight days."""
    past(session, a_day, weeks)
    last = session.scalars(select(func.max(WebhookEvent.received_at))).one()
    hours = 0.0
    while hours < 70:
        at = HOURS.add_open_minutes(last, hours * 60)
        if at and silence.nobody_rings(session, HOURS, at):
            return hours
        hours += 0.2 if hours < 3 else 0.5
    return None


@pytest.mark.parametrize(
    ("a_day", "at_least", "at_most"), [(90, 0.9, 1.3), (40, 2, 2.6), (10, 8, 10), (5, 17, 19.5)]
)
def test_the_busier_the_sooner(
    events: Session, a_day: int, at_least: float, at_most: float
) -> None:
    hours = unusual_after(events, a_day)
    assert hours is not None
    assert at_least <= hours <= at_most


def test_never_within_half_an_hour(events: Session) -> None:
    hours = unusual_after(events, 400, weeks=2)
    assert hours is not None
    assert 0.5 <= hours < 0.7


def test_a_quiet_clinic_gets_no_alarm_over_a_night_or_a_quiet_day(events: Session) -> None:
    assert unusual_after(events, 1) is None


def test_a_new_installation_knows_nothing_yet(events: Session) -> None:
    assert not silence.nobody_rings(events, HOURS, NOON)
    assert unusual_after(events, 40, weeks=1) is None


def test_closed_hours_are_no_silence(events: Session) -> None:
    past(events, 40, last=NOON.replace(hour=17, minute=50))
    evening = NOON.replace(hour=23)
    assert not silence.nobody_rings(events, HOURS, evening)
    assert not silence.nobody_rings(events, HOURS, NOON.replace(hour=9, minute=20) + timedelta(1))
    assert silence.nobody_rings(events, HOURS, NOON + timedelta(1))


def test_a_week_with_a_quiet_or_closed_day_makes_no_alarm(events: Session) -> None:
    past(events, 40)
    later = NOON + timedelta(hours=3)
    assert silence.nobody_rings(events, HOURS, later)
    day = (NOON - WEEK).date()
    noon = (NOON - WEEK).astimezone(UTC)
    for event in events.query(WebhookEvent).filter(
        WebhookEvent.received_at.between(noon, noon + timedelta(hours=4))
    ):
        events.delete(event)
    events.flush()
    assert not silence.nobody_rings(events, HOURS, later)
    # Known as a holiday, that week says nothing, and the others say enough.
    closed = OpeningHours(HOURS.zone, HOURS.weekly, {day: "Holiday"})
    assert silence.nobody_rings(events, closed, later)


def test_a_request_of_any_kind_ends_it_and_an_outage_begins_it_anew(events: Session) -> None:
    past(events, 40)
    later = NOON + timedelta(hours=3)
    assert silence.nobody_rings(events, HOURS, later)
    ended = (later - MINUTE).astimezone(UTC)
    outage = Outage(cause="x", began_at=ended - MINUTE, ended_at=ended)
    events.add(outage)
    events.flush()
    assert not silence.nobody_rings(events, HOURS, later)
    events.delete(outage)
    rings(events, later - MINUTE, "sms-status")
    events.flush()
    assert not silence.nobody_rings(events, HOURS, later)


def test_hours_that_a_trial_moved_say_nothing(events: Session) -> None:
    past(events, 40)
    clock.advance(events, timedelta(hours=1))
    assert not silence.nobody_rings(events, HOURS, NOON + timedelta(hours=3))


def kinds(session: Session, real: datetime, since: datetime | None = None) -> set[str]:
    since = since or real - timedelta(hours=1)
    return {one.kind for one in silence.troubles(session, clock.now(session), real, since)}


def living(session: Session) -> datetime:
    for kind in ("worker", "beat", "webhooks"):
        beat(session, kind, kind)
    return db.database_time(session)


def test_a_process_is_quiet_after_half_a_minute_and_not_before_anybody_listened(
    events: Session,
) -> None:
    real = living(events)
    later = real + timedelta(seconds=40)
    assert kinds(events, real) == set()
    assert kinds(events, later) == {"worker_quiet", "beat_quiet", "webhooks_quiet"}
    assert "worker_quiet" not in kinds(events, later, since=later - timedelta(seconds=20))


def test_what_lies_about_is_an_alarm(events: Session) -> None:
    real = living(events)
    lease = real - timedelta(minutes=16) + LEASE
    now = clock.now(events)
    phone = Phone.of(events, "+12065550142")
    lead, _ = Lead.of(events, phone, now, "")
    text = {
        "lead_id": lead.id,
        "phone_id": phone.id,
        "direction": "outbound",
        "body": "x",
        "segments": 1,
    }
    events.add(Message(**text, state="unknown", lease_until=lease, created_at=now, due_at=now))
    began = real - timedelta(minutes=21)
    events.add(Reconciliation(began_at=began, finished_at=began, since=began, until=began))
    events.add(Reconciliation(began_at=real, finished_at=real, since=began, until=real, error="x"))
    events.get_one(Heartbeat, "webhooks").spooled = 3
    events.get_one(Heartbeat, "webhooks").oldest_spooled_at = real - 2 * MINUTE
    events.flush()
    assert kinds(events, real) == {"unknowns", "reconciliation", "spool", "dark"}
    assert "reconciliation" not in kinds(events, real, since=real - 10 * MINUTE)


def lost_host(session: Session, real: datetime, days: int) -> None:
    """A process that hears Twilio has gone, and something lies in its spool; another lives."""
    at = real - timedelta(days=days)
    gone = Heartbeat(name="webhooks:gone", kind="webhooks", at=at, spooled=3, oldest_spooled_at=at)
    session.add(gone)
    session.flush()


def reconciled(session: Session, real: datetime) -> None:
    session.add(Reconciliation(began_at=real, finished_at=real, since=real - WEEK, until=real))
    session.flush()


def test_what_a_dead_host_has_is_an_alarm_until_twilios_lists_have_told_it(
    events: Session,
) -> None:
    real = living(events)
    lost_host(events, real, days=1)
    assert "spool" in kinds(events, real)
    reconciled(events, real)
    assert kinds(events, real) == set()


def rows(session: Session, real: datetime) -> set[str]:
    heartbeat.forget_old(session, real)
    return set(session.scalars(select(Heartbeat.name)))


def test_processes_that_are_gone_for_good_are_forgotten(events: Session) -> None:
    real = living(events)
    alive = rows(events, real)
    for hours in (1, 25, 26):
        at = real - timedelta(hours=hours)
        events.add(Heartbeat(name=f"worker:{hours}", kind="worker", at=at))
    lost_host(events, real, days=8)
    assert rows(events, real) == alive | {"worker:1", "webhooks:gone"}
    reconciled(events, real)
    assert rows(events, real) == alive | {"worker:1"}


def test_what_may_yet_come_back_and_the_last_of_a_kind_are_kept(events: Session) -> None:
    real = living(events)
    lost_host(events, real, days=6)
    reconciled(events, real)
    assert "webhooks:gone" in rows(events, real)
    later = real + timedelta(days=30)
    reconciled(events, later)
    assert rows(events, later) == {"worker", "beat", "webhooks"}


@pytest.mark.parametrize("why", ["heard", "restored"])
def test_webhooks_that_never_begin_after_a_restore_are_quiet(events: Session, why: str) -> None:
    for kind in ("worker", "beat"):
        beat(events, kind, kind)
    real = db.database_time(events)
    assert kinds(events, real) == set()
    if why == "heard":
        rings(events, real)
    else:
        outage.happened(events, f"{outage.RESTORED}today.", real - MINUTE, real)
        outage.passed(events, real, real)
    events.flush()
    assert "webhooks_quiet" not in kinds(events, real, since=real - timedelta(seconds=20))
    assert "webhooks_quiet" in kinds(events, real, since=real - timedelta(seconds=40))


def test_what_lies_in_a_spool_is_replayed_where_the_spool_is() -> None:
    services = yaml.safe_load(Path("docker-compose.yml").read_text())["services"]
    (place,) = [
        name
        for name, service in services.items()
        if any("live-spool:" in str(mount) for mount in service.get("volumes", []))
    ]
    assert f"`{place}`" in silence.TEXTS["spool"]
    assert f"exec {place} ringback replay" in Path("docs/install.md").read_text()


def test_no_sentence_has_a_number_in_it_that_could_be_a_telephones() -> None:
    assert all(sum(map(str.isdigit, text)) <= 2 for text in silence.TEXTS.values())
    assert set(silence.TEXTS) | {"dark"} == alarm.BY_ITSELF
