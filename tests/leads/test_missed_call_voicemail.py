"""Whom the prompt promises a text gets one, also when they then leave a voicemail."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import Call, FollowUp, Message, Practice, Reminder, due, missed_call
from leads import call as calls
from leads.filling import text_of
from tests.leads.test_missed_call import MARIA, at, heard, unanswered
from tests.leads.test_shipped_plans import PEOPLE

AREAS = [number for where, number in PEOPLE.items() if where.endswith(("c", "Hawaii", "Alaska"))]
# A day from midnight on, a Saturday night, a Sunday, and the eve of a holiday.
MOMENTS = [
    *(at("2026-12-02T00:00") + timedelta(hours=4 * n, minutes=10) for n in range(6)),
    *(at("2026-12-05T21:00"), at("2026-12-06T12:00"), at("2026-12-24T19:00")),
]


def voicemail(session: Session, caller: str, now: datetime, sid: str = "CA1") -> Call:
    """They hear the prompt to its end, and leave a voicemail."""
    call = unanswered(session, caller, now, sid)
    missed_call.heard(session, call, now)
    call.voicemail_at = now
    calls.settle(session, call, now)
    missed_call.consider(session, call, now)
    calls.end(call, now)
    missed_call.consider(session, call, now)
    session.flush()
    return call


def first_text(session: Session, practice: Practice, call: Call) -> tuple[str, str] | None:
    """Plan and words of the first text as they will go; None when it does not."""
    row = session.execute(
        select(FollowUp, Reminder)
        .join(Reminder, Reminder.follow_up_id == FollowUp.id)
        .where(FollowUp.call_id == call.id, Reminder.step == 1, Reminder.state == "scheduled")
    ).one_or_none()
    if row is None:
        return None
    run, reminder = row
    step = run.steps(session).step(1)
    return run.plan, text_of(practice, step, run.started_at, None, reminder.due_at) or ""


@pytest.mark.parametrize("hold", [0, 30, 60])
def test_whoever_is_promised_a_text_and_leaves_a_voicemail_gets_it(
    session: Session, practice: Practice, hold: int
) -> None:
    practice.opening_hold_minutes = hold
    promised = 0
    for place, area in enumerate(AREAS):
        for n, moment in enumerate(MOMENTS):
            call = voicemail(session, f"{area[:-2]}{n:02}", moment, f"CA{place}-{n}")
            promised += call.prompt_promises
            found = first_text(session, practice, call)
            assert not call.prompt_promises or (found and found[1]), call.prompt
    assert promised > len(AREAS) * len(MOMENTS) // 2


def test_at_night_with_a_hold_it_is_the_text_of_a_missed_call(
    session: Session, practice: Practice
) -> None:
    practice.opening_hold_minutes = practice.promise_minutes
    call = voicemail(session, MARIA, at("2026-12-01T22:00"))
    assert "We will send you a text message" in (call.prompt or "")
    found = first_text(session, practice, call)
    assert found is not None
    assert found[0] == "missed_call"
    assert "Sorry we missed your call" in found[1]
    reminder = session.scalars(select(Reminder).where(Reminder.step == 1)).one()
    due.queue(session, [reminder.id], reminder.due_at)
    session.flush()
    assert session.scalars(select(Message.body)).one() == found[1]


def test_where_there_is_time_it_says_when_we_call(session: Session, practice: Practice) -> None:
    found = first_text(session, practice, voicemail(session, MARIA, at("2026-12-01T22:00")))
    assert found is not None
    assert found[0] == "voicemail"
    assert "will call you by 9:30 AM." in found[1]


def test_late_news_of_a_voicemail_leaves_the_text_that_is_planned(
    session: Session, practice: Practice
) -> None:
    practice.opening_hold_minutes = practice.promise_minutes
    night = at("2026-12-01T22:00")
    call = heard(session, MARIA, night)
    call.voicemail_at = night
    calls.settle(session, call, night)
    missed_call.consider(session, call, night)
    session.flush()
    run = session.scalars(select(FollowUp)).one()
    assert (run.plan, run.ended_at) == ("missed_call", None)


def test_whoever_declined_gets_neither(session: Session, practice: Practice) -> None:
    assert practice
    night = at("2026-12-01T22:00")
    call = unanswered(session, MARIA, night)
    missed_call.decline(session, call, night)
    call.voicemail_at = night
    calls.settle(session, call, night)
    missed_call.consider(session, call, night)
    session.flush()
    assert session.scalars(select(FollowUp)).all() == []
