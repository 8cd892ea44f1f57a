"""The caps hold over every plan of a person, and the one that held back a text is the one named."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import (
    FollowUp,
    Lead,
    Practice,
    Reminder,
    TimelineEntry,
    TrackingNumber,
    caps,
    desk,
    due,
    lease,
    outbox,
)
from leads.caps import Sent
from leads.plan import PlanVersion
from leads.preview import preview
from tests.conftest import TUESDAY_TEN
from tests.leads.test_missed_call import MARIA, at, heard

HOUR = timedelta(hours=1)


def ago(*hours: float, topic: str = "inquiry") -> list[Sent]:
    return [Sent(TUESDAY_TEN - each * HOUR, topic) for each in hours]


@pytest.mark.parametrize(
    ("topic", "texts", "words", "hours"),
    [
        ("inquiry", [], "", 0),
        ("inquiry", ago(25), "", 0),
        ("inquiry", ago(3), "one automated text in 24 hours", 21),
        ("inquiry", ago(100, 70, 30), "three automated texts in 7 days", 68),
        ("inquiry", ago(160, 70, 3), "one automated text in 24 hours", 21),
        ("inquiry", ago(3, 2, 1, topic="appointment"), "three automated texts of any kind", 21),
        ("inquiry", ago(3, 2, topic="appointment"), "", 0),
        ("appointment", ago(3, 2, 1, topic="answer"), "three automated texts of any kind", 21),
        ("appointment", ago(3), "", 0),
    ],
)
def test_the_cap_that_holds_the_longest_is_named(
    topic: str, texts: list[Sent], words: str, hours: int
) -> None:
    reached = caps.reached(TUESDAY_TEN, topic, texts)
    assert reached.startswith(words)
    assert bool(reached) == bool(words)
    assert caps.earliest(TUESDAY_TEN, topic, texts) == TUESDAY_TEN + hours * HOUR


def works(session: Session, now: datetime) -> None:
    """A worker sends what is due, and all of it arrives."""
    for sender in session.scalars(select(TrackingNumber)):
        sender.texts_per_second, sender.tokens = 10, 10
    session.flush()
    due.queue(session, due.reminders(session, now, 10), now)
    session.flush()
    posts = outbox.authorize(session, lease.take(session, now, 10), now)
    outbox.accepted(session, [(p.message_id, p.attempt, f"SM{p.message_id}") for p in posts], now)
    session.flush()


@pytest.mark.parametrize(
    ("missed", "first", "why"),
    [("10:00", "14:00", ""), ("17:30", "17:30", "three automated texts in 7 days is the most")],
)
def test_the_first_text_of_the_next_plan_waits_for_the_texts_of_the_last_one_and_says_so(
    session: Session, practice: Practice, missed: str, first: str, why: str
) -> None:
    """Missed on a Tuesday, three texts by Saturday; then they talk, and want to think about it.
    The second open day after is again a Tuesday, at 2 PM: that is within 7 days of the first of
    three texts where that one went in the afternoon."""
    assert practice
    call = heard(session, MARIA, at(f"2026-12-01T{missed}"))
    lead = session.get_one(Lead, call.lead_id)
    for reminder in session.scalars(select(Reminder).order_by(Reminder.step)).all():
        works(session, reminder.due_at)
    assert session.scalars(select(Reminder.state)).all() == ["sent"] * 3
    saturday = at("2026-12-05T15:00")
    spoke = PlanVersion.current(session, "spoke", saturday).read()
    shown = preview(
        session, spoke, number=MARIA, trigger_at=saturday, appointment_at=None, basis="notice"
    )
    desk.spoke(session, lead, None, saturday, texts_agreed=False)
    session.flush()
    rows = session.scalars(
        select(Reminder)
        .join(FollowUp, FollowUp.id == Reminder.follow_up_id)
        .where(FollowUp.plan == "spoke")
        .order_by(Reminder.step)
    ).all()
    assert [row.due_at for row in rows] == [at(f"2026-12-08T{first}"), at("2026-12-11T14:00")]
    assert [text.due_at for text in shown.texts] == [row.due_at for row in rows]
    assert [(text.why, text.capped) for text in shown.texts] == [(why, bool(why)), ("", False)]
    assert rows[0].reason == (f"Waits: {why}." if why else None)
    told = select(TimelineEntry.text).where(TimelineEntry.text.contains("it waits"))
    expected = [f"Text 1 scheduled; it waits: {why}."] if why else []
    assert session.scalars(told).all() == expected
    works(session, rows[0].due_at)
    assert rows[0].state == "sent"
