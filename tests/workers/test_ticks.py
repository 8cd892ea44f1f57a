"""Ticks say "look": it does no harm when there are two beats, stale ones, doubled ones, or none."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import redis
from celery import Celery
from sqlalchemy import update

from leads import TrackingNumber, clock, db
from leads.settings import settings
from tests.workers.conftest import Phones
from tests.workers.test_sending import MARIA, advance, eventually, missed
from workers import sending

LA = ZoneInfo("America/Los_Angeles")
WORKER = ["worker", "--pool", "threads", "--concurrency", "2", "--without-gossip"]
BEAT = ["beat", "--scheduler", "celery.beat:Scheduler", "--pidfile", ""]


@contextmanager
def celery(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the product's own, with the settings of this test."""
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "workers", *arguments]
    with subprocess.Popen([*command, "--loglevel", "ERROR"], env=dict(os.environ)) as process:  # noqa: S603 - our own command
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    # What Celery calls redis+socket:// is unix:// to the client.
    address = settings().redis_url.replace("redis+socket://", "unix://").partition("?")[0]
    with redis.Redis.from_url(address) as opened:
        opened.flushall()
        yield opened
        opened.flushall()


def test_two_beats_stale_ticks_and_an_emptied_broker_send_each_text_once(
    phones: Phones, broker: redis.Redis
) -> None:
    with db.transaction() as session:
        session.execute(update(TrackingNumber).values(texts_per_second=20, tokens=20))
    app = Celery(broker=settings().redis_url)
    for _ in range(50):
        app.send_task("send_due")  # left over, and never expiring
    callers = [f"+120655501{index:02}" for index in range(10, 20)]
    for index, caller in enumerate(callers):
        missed(caller, f"CA{index}")
    with ExitStack() as running:
        for arguments in (WORKER, BEAT, BEAT):
            running.enter_context(celery(*arguments))
        eventually(lambda: all(phones.texts_to(caller) for caller in callers), seconds=60)
        broker.flushall()
        missed(MARIA, "CAmaria")
        eventually(lambda: bool(phones.texts_to(MARIA)), seconds=60)
    assert {len(phones.texts_to(caller)) for caller in [*callers, MARIA]} == {1}


@pytest.mark.parametrize(
    ("label", "saturday_noon"),
    [
        ("an hour is missing", datetime(2027, 3, 13, 20, tzinfo=UTC)),
        ("an hour comes twice", datetime(2026, 10, 31, 19, tzinfo=UTC)),
    ],
)
def test_over_a_change_of_the_clocks_every_text_goes_once_and_by_day(
    phones: Phones, label: str, saturday_noon: datetime
) -> None:
    with db.transaction() as session:
        clock.set_to(session, saturday_noon + timedelta(hours=9))  # Saturday evening, closed
    missed()
    seen = []
    for _ in range(7 * 24):
        before = len(phones.texts_to(MARIA))
        now = advance(timedelta(hours=1))
        with db.transaction() as session:
            session.execute(update(TrackingNumber).values(tokens=3))
        sending.send_due()
        if len(phones.texts_to(MARIA)) > before:
            seen.append(f"{now.astimezone(LA):%a %H}")
    assert seen == ["Mon 09", "Tue 14", "Thu 14"], label
