"""Texts handed over: how many in a second, and how late, by the provider's own log."""

import time
from datetime import timedelta

from sqlalchemy import func, literal, select, text
from sqlalchemy.orm import Session

from leads import clock, db
from leads.follow_up import FollowUp
from leads.installation import Installation
from leads.phone import Phone
from leads.reminder import Reminder
from tests.benchmarks import backlog, plain_posts
from tests.benchmarks.figures import Texts
from tests.benchmarks.installation import NotMeasured
from tests.benchmarks.sender import Sender, pace

LIFTED = 1000.0  # texts a second: more than anybody can post
LONG_CODE = 1.0
PATIENCE = 30.0  # seconds for texts at their own pace

Taken = list[tuple[float, str]]  # when (seconds since 1970), and for whom


def lifted(sender: Sender, workers: int, texts: int, seconds: float) -> Texts:
    """All of them due at once, on a number that may send as fast as it can; for `seconds` at
    most. Right after it, as many plain posts."""
    with sender.database():
        _meet(texts)
        with sender.workers(workers):
            _fall_due(texts, timedelta(), LIFTED)
            taken = _taken(sender, texts, seconds)
        return Texts(per_second(taken), per_second(plain_posts.made(sender, workers, texts)))


def long_code(sender: Sender, at_once: int, texts: int, over: float) -> tuple[float, list[float]]:
    """With one worker: texts a second while `at_once` of them are due at once; and then the
    seconds by which each is late of `texts` that fall due anywhere within `over` seconds."""
    with sender.database():
        _meet(at_once + texts)
        with sender.workers(1):
            due = _fall_due(at_once, timedelta(), LONG_CODE)
            taken = _all_taken(sender, at_once, at_once / LONG_CODE)
            # From falling due: they go two by two, so that first to last would flatter.
            rate = len(taken) / (max(at for at, _ in taken) - min(due.values()))
            due = _fall_due(texts, timedelta(seconds=over), LONG_CODE, met=at_once)
            taken = _all_taken(sender, texts, over)
    return rate, [at - due[to] for at, to in taken]


def per_second(taken: Taken) -> float:
    """Between the first and the last."""
    moments = sorted(at for at, _ in taken)
    if len(moments) < 2:
        raise NotMeasured("Hardly a text was handed over.")
    return (len(moments) - 1) / (moments[-1] - moments[0])


def _meet(people: int) -> None:
    with db.transaction() as session:
        backlog.people(session, people, clock.now(session) - timedelta(seconds=30))


def _fall_due(
    texts: int, over: timedelta, texts_per_second: float, met: int = 0
) -> dict[str, float]:
    """One to each of so many people, those after the first `met`; at that pace, with nothing
    saved up. When (seconds since 1970) each is due, by number."""
    with db.transaction() as session:
        pace(session, texts_per_second)
        at = literal(clock.now(session)) + func.random() * literal(over)
        backlog.reminders(session, texts, backlog.N + met, literal(1), at)
        session.execute(text("ANALYZE"))
        return _due(session)


def _due(session: Session) -> dict[str, float]:
    shift = session.scalars(select(Installation.clock_shift)).one()
    rows = session.execute(
        select(Phone.e164, Reminder.due_at)
        .join(FollowUp, FollowUp.phone_id == Phone.id)
        .join(Reminder, Reminder.follow_up_id == FollowUp.id)
    )
    return {e164: (due_at - shift).timestamp() for e164, due_at in rows}


def _all_taken(sender: Sender, texts: int, seconds: float) -> Taken:
    taken = _taken(sender, texts, seconds + PATIENCE)
    if len(taken) < texts:
        raise NotMeasured(f"{texts - len(taken)} of {texts} texts were not handed over in time.")
    return taken


def _taken(sender: Sender, texts: int, seconds: float) -> Taken:
    """What the provider takes until it has all, or until time is up."""
    deadline = time.monotonic() + seconds
    while sender.provider.count() < texts and time.monotonic() < deadline:
        time.sleep(0.1)
    taken = sender.provider.taken()
    if len({to for _, to in taken}) < len(taken):
        raise NotMeasured("Somebody was texted twice: look for that first.")
    return taken
