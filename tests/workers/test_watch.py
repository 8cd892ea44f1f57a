"""The worker and beat watch each other; alarms come and go by themselves, and do not flap."""

import os
import signal
from datetime import timedelta

import pytest
import redis
from sqlalchemy import select, update

from leads import alarm, clock, db, lifeline
from leads.heartbeat import Heartbeat
from tests.workers.test_notify import ANNA, BEN, Outside, mended, outside, sound
from tests.workers.test_sending import eventually
from tests.workers.test_ticks import BEAT, WORKER, broker, celery
from workers.look import CALM, HOLD, WorkerLooks
from workers.notify import Notifier
from workers.watch import DATABASE_GONE, GONE, BeatLooks, DatabaseGone, Pulse

__all__ = ["broker", "outside"]  # fixtures


class Hands:
    """A clock that is set by hand, in seconds."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def hands() -> Hands:
    return Hands()


def kinds() -> set[str]:
    with db.transaction() as session:
        return {one.kind for one in alarm.open_alarms(session)}


def living(*kinds: str) -> None:
    for kind in kinds:
        lifeline.beat(kind, kind)


def ago(kind: str, seconds: int) -> None:
    with db.transaction() as session:
        at = db.database_time(session) - timedelta(seconds=seconds)
        session.execute(update(Heartbeat).where(Heartbeat.kind == kind).values(at=at))


def worker(hands: Hands) -> WorkerLooks:
    """One that has listened for an hour."""
    with db.transaction() as session:
        since = db.database_time(session) - timedelta(hours=1)
    return WorkerLooks(Notifier(), hands, since)


def look_for(looks: WorkerLooks, hands: Hands, seconds: float) -> None:
    for _ in range(int(seconds // 10)):
        hands.at += 10
        looks.look()


def test_an_alarm_comes_after_its_cause_has_stood_and_goes_after_it_is_gone(
    outside: Outside, hands: Hands
) -> None:
    living("worker", "beat")
    ago("beat", 40)
    looks = worker(hands)
    looks.look()
    look_for(looks, hands, HOLD - 10)
    assert kinds() == set()
    look_for(looks, hands, 10)
    assert kinds() == {"beat_quiet"}
    assert outside.box.subjects == ["Ringback: Something needs you (beat quiet)"]
    living("beat")
    look_for(looks, hands, CALM)
    assert kinds() == {"beat_quiet"}
    look_for(looks, hands, 10)
    assert kinds() == set()
    assert outside.box.subjects[1:] == ["Ringback: It is over (beat quiet)"]


def test_a_cause_that_comes_and_goes_stays_one_alarm(outside: Outside, hands: Hands) -> None:
    living("worker", "beat")
    looks = worker(hands)
    for _ in range(6):
        ago("beat", 40)
        look_for(looks, hands, HOLD + 20)
        living("beat")
        look_for(looks, hands, CALM - 30)
    assert len(outside.box.mails) == 1


def test_after_the_database_was_gone_nobody_is_quiet_at_once(
    outside: Outside, hands: Hands
) -> None:
    living("worker", "beat")
    looks = worker(hands)
    look_for(looks, hands, 20)
    ago("beat", 300)
    ago("worker", 300)
    outside.setting("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Exception, match="connection"):
        looks.look()
    assert looks.since is None


def test_all_is_well_is_pinged_once_a_minute_and_not_while_something_is_wrong(
    outside: Outside, hands: Hands
) -> None:
    outside.setting("DEAD_MANS_URL", outside.hook.address)
    living("worker", "beat")
    looks = worker(hands)
    look_for(looks, hands, 180)
    assert outside.hook.gets == ["/a-secret-path"] * 3
    sound("filtered")  # an admin should look, and the service lives
    look_for(looks, hands, 60)
    assert len(outside.hook.gets) == 4
    alarm_id = sound("spool")
    look_for(looks, hands, 60)
    assert len(outside.hook.gets) == 4
    mended(alarm_id)
    look_for(looks, hands, 60)
    assert len(outside.hook.gets) == 5


def test_a_quiet_worker_is_seen_by_beat(outside: Outside, hands: Hands) -> None:
    looks = BeatLooks(Notifier(), hands)
    living("worker")
    looks.look()
    ago("worker", 31)
    looks.look()
    hands.at += HOLD - 1
    looks.look()
    assert kinds() == set()
    hands.at += 1
    for _ in range(3):
        looks.look()
    assert kinds() == {"worker_quiet"}
    assert len(outside.box.mails) == 1
    with db.transaction() as session:
        raised = alarm.open_alarms(session)[0].raised_at
        assert abs(clock.now(session) - raised) < timedelta(seconds=10)


def test_a_database_that_is_gone_is_told_once_and_that_it_is_back(
    outside: Outside, broker: redis.Redis, hands: Hands
) -> None:
    known = Notifier()
    known.tell_what_is_owed()  # learns who the admins are
    pulses = [Pulse("worker", "worker", hands), Pulse("beat", "beat", hands)]
    processes = [DatabaseGone(pulse, known) for pulse in pulses]
    outside.setting("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")

    def look(seconds: float) -> None:
        hands.at += seconds
        for each in processes:
            each.look()

    look(GONE)
    assert outside.box.mails == []
    for _ in range(10):
        look(10)
    assert outside.box.to == [[ANNA, BEN]]
    assert DATABASE_GONE[:40] in outside.box.mails[0].get_content()
    assert [post["kind"] for post in outside.hook.posts] == ["database"]
    for pulse in pulses:
        pulse.answered_at = hands.at
    for _ in range(3):
        look(10)
    assert outside.box.subjects[1:] == ["Ringback: It is over (database)"]
    assert broker.keys("ringback:*") == []


def test_without_redis_it_is_told_all_the_same(outside: Outside, hands: Hands) -> None:
    outside.setting("REDIS_URL", "redis://127.0.0.1:1/0")
    gone = DatabaseGone(Pulse("beat", "beat", hands), Notifier(recipients=[ANNA]))
    outside.box.code, outside.hook.status = 451, 500
    hands.at += GONE + 1
    gone.look()
    gone.look()
    outside.box.code = 250
    hands.at += 10
    gone.look()
    assert len(outside.box.mails) == 1


def test_a_killed_worker_is_told_by_beat(outside: Outside, broker: redis.Redis) -> None:
    assert broker

    def beats() -> set[str]:
        with db.transaction() as session:
            return {name.partition(":")[0] for name in session.scalars(select(Heartbeat.name))}

    with celery(*BEAT), celery(*WORKER) as dying:
        eventually(lambda: beats() == {"worker", "beat"}, seconds=40)
        assert kinds() == set()
        os.kill(dying.pid, signal.SIGKILL)
        ago("worker", 31)
        eventually(lambda: kinds() == {"worker_quiet"}, seconds=60)
        eventually(lambda: bool(outside.box.mails and outside.hook.posts), seconds=20)
    assert len(outside.box.mails) == 1
    assert "No worker gives a sign of life" in outside.box.mails[0].get_content()
    assert outside.hook.posts[0]["kind"] == "worker_quiet"


def test_rows_of_workers_that_are_gone_are_cleared_away(outside: Outside, hands: Hands) -> None:
    assert outside
    living("worker", "beat")
    lifeline.beat("worker", "worker:before")
    with db.transaction() as session:
        old = db.database_time(session) - timedelta(hours=25)
        session.execute(update(Heartbeat).where(Heartbeat.name == "worker:before").values(at=old))
    worker(hands).look()
    with db.transaction() as session:
        assert set(session.scalars(select(Heartbeat.name))) == {"worker", "beat"}
