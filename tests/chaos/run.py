"""All of it: seeds, storm, calm, verdict."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from celery import Celery

from tests.chaos import naive, recipients, seeds, verdict
from tests.chaos.installation import Installation, installation
from tests.chaos.ledger import Sandbox
from tests.chaos.report import Report
from tests.chaos.storm import Storm, Timetable

PULSE = 0.2  # seconds
LOOK = 1.0  # seconds between two looks at the log
DUE_WITHIN = 0.7  # share of the storm in which texts become due
CALM_BEFORE = 3.0  # seconds in which the first texts may go out
PATIENCE = 30.0  # seconds, if they do not
IN_THE_STORM = 0.8  # share of the reminders that is posted there
DOWN = 1.0  # seconds in which a post of a killed worker has surely arrived
Progress = Callable[[str, int, int], None]  # what is going on, texts of Ringback, naive texts


@dataclass(frozen=True)
class Size:
    reminders: int
    storm: float  # seconds
    settle: float  # seconds, at most
    naive_patience: int
    times: Timetable
    wait_out: bool  # else leases and graces are made to be over


def full(reminders: int, minutes: float) -> Size:
    """A text that is on no list is absent after ten minutes: hence the long calm."""
    times = Timetable(worker_kill=5, beat_kill=45, redis=20, postgres=40, weather=6)
    return Size(reminders, minutes * 60, 15 * 60, 60, times, wait_out=True)


def short(reminders: int) -> Size:
    times = Timetable(worker_kill=4, beat_kill=11, redis=7, postgres=6, weather=2)
    return Size(reminders, 16, 60, 15, times, wait_out=False)


def run(size: Size, progress: Progress, keep_logs: Path | None = None) -> Report:
    ours, theirs = recipients.ringback(size.reminders), recipients.naive(size.reminders)
    progress("starting", 0, 0)
    with installation(size.naive_patience, keep_logs) as place:
        sandbox = Sandbox(place.sandbox_url)
        naive.seed(place.naive_told, theirs)
        first = timedelta(seconds=naive.COUNTDOWN)
        seeds.seed(ours, first, first + timedelta(seconds=size.storm * DUE_WITHIN))
        for process in (place.beat, *place.workers, *place.naive_workers):
            process.start()
        storm = Storm(place, sandbox, size.times)
        storm_seconds = _rage(size, place, sandbox, storm, progress)
        settled_seconds = _calm(size, place, sandbox, storm, progress)
        senders = recipients.SENDERS
        return Report(
            verdict.of_ringback(ours, sandbox.posts_by(senders), sandbox.texts_by(senders)),
            verdict.of_naive(
                theirs,
                sandbox.posts_by([recipients.NAIVE_SENDER]),
                sandbox.texts_by([recipients.NAIVE_SENDER]),
                naive.marked(place.naive_told),
            ),
            dict(storm.happened),
            dict(sandbox.faults) | {"status_callbacks_lost": sandbox.callbacks_lost()},
            storm_seconds,
            settled_seconds,
        )


def _rage(
    size: Size, place: Installation, sandbox: Sandbox, storm: Storm, progress: Progress
) -> float:
    calls = naive.Calls(place.naive_told, size.reminders)
    begun = looked = time.monotonic()
    broke: float | None = None
    while broke is None or not _over(size, sandbox, time.monotonic() - broke):
        now = time.monotonic()
        calls.come_in((now - begun) / (size.storm * DUE_WITHIN))
        if broke is not None:
            storm.step(now - broke)
        elif (sandbox.texts and now - begun > CALM_BEFORE) or now - begun > PATIENCE:
            broke = now
        storm.revive()
        if now - looked >= LOOK:
            looked = now
            words = ", ".join(f"{count} {what}" for what, count in storm.happened.items())
            _look(sandbox, progress, f"storm: {words}" if broke else "the first texts go out")
        time.sleep(PULSE)
    calls.come_in(1)
    return time.monotonic() - broke


def _over(size: Size, sandbox: Sandbox, elapsed: float) -> bool:
    """A busy machine may take twice the time, for what goes out in the calm proves little."""
    posted = len(sandbox.posts_by(recipients.SENDERS))
    late = posted < size.reminders * IN_THE_STORM
    return elapsed > size.storm * 2 or (elapsed > size.storm and not late)


def _calm(
    size: Size, place: Installation, sandbox: Sandbox, storm: Storm, progress: Progress
) -> float:
    """No more faults; until every text has an outcome, or time is over."""
    begun = time.monotonic()
    sandbox.set_faults({})
    if not size.wait_out:
        for worker in place.workers:
            worker.end()
        time.sleep(DOWN)
        seeds.age()
        for worker in place.workers:
            worker.start()
    ticks = Celery(broker=place.redis_url)
    while (waiting := seeds.waiting()) and time.monotonic() - begun < size.settle:
        if not size.wait_out:
            ticks.send_task("settle_unknown", expires=LOOK)  # beat's own come every 15 s
        storm.revive()
        _look(sandbox, progress, f"calm: {waiting} without an outcome")
        time.sleep(LOOK)
    sandbox.read()
    return time.monotonic() - begun


def _look(sandbox: Sandbox, progress: Progress, words: str) -> None:
    sandbox.read()
    ours = sandbox.texts_by(recipients.SENDERS)
    theirs = sandbox.texts_by([recipients.NAIVE_SENDER])
    progress(words, len(ours), len(theirs))
