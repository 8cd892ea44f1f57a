"""Fill a trial installation: the crowd up to last week, then the story of the last days."""

from contextlib import nullcontext
from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from leads import clock, wording
from leads.db import changed
from leads.demo import crowd, crowd_history, crowd_rows, crowd_texts, indexes, story
from leads.demo.crowd import Crowd, Ids
from leads.demo.crowd_rows import Say
from leads.demo.days import Days
from leads.plan import PlanVersion
from leads.practice import Practice

A_MONTH, A_YEAR = 30, 365  # days
PEOPLE = 180  # of a month at one clinic
LARGE = 10_000  # people, from which on it is worth the while to make indexes afterwards
STORY_DAYS = 6  # working days before today that are told by the domain's own functions


def fill(session: Session, people: int | None, say: Say) -> None:
    """Everything, in the caller's transaction. `people`: so many in a year; None: a month.
    Raises NoDays or ValueError where the practice cannot be told a story of."""
    _be_quick(session)
    practice = Practice.get(session)
    days = Days.around(practice.hours, clock.now(session))
    clock.set_to(session, days.now)
    anna, rosa = story.prepare(session)
    last = days.date(-STORY_DAYS) - timedelta(days=1)
    first = days.today - timedelta(days=A_YEAR if people else A_MONTH)
    crowd_size = max((people or PEOPLE) - story.PEOPLE, 1)
    _crowd(session, practice, Crowd(crowd_size, first, last, [rosa, anna]), say)
    say("Playing the last days …")
    story.play(session, days, anna, rosa)
    changed(session, "all")


def _be_quick(session: Session) -> None:
    """For minutes of statements; and without checking each of a million rows against its
    neighbours, where the database lets us."""
    session.execute(text("SET LOCAL statement_timeout = 0"))
    session.execute(text("SET LOCAL work_mem = '256MB'"))
    session.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
    may = select(func.has_parameter_privilege("session_replication_role", "SET"))
    if session.scalar(may):
        session.execute(text("SET LOCAL session_replication_role = replica"))


def _crowd(session: Session, practice: Practice, made: Crowd, say: Say) -> None:
    say(f"Drawing {made.people:,} people and their calls …")
    ids = Ids.now(session)
    crowd.draw(session, practice, made, ids)
    crowd_texts.draw(session, practice, made)
    prompt = _prompt(session, practice)
    versions = {
        plan: PlanVersion.current(session, plan, clock.now(session)).id
        for plan in ("missed_call", "voicemail")
    }
    with indexes.made_again(session) if made.people >= LARGE else nullcontext():
        crowd_rows.write(session, ids, prompt, say)
        crowd_history.write(session, ids, prompt, versions, say)
        if made.people >= LARGE:
            say("Making indexes …")
    session.execute(text("ANALYZE"))


def _prompt(session: Session, practice: Practice) -> str:
    now = clock.now(session)
    promise = wording.Promise(text_at=now)
    return wording.missed_prompt(promise, practice.name, now, practice.zone)
