"""Editing a plan, what happens to runs under way, and the preview by the same code."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from leads import (
    FollowUp,
    Lead,
    Message,
    Phone,
    PlanVersion,
    Practice,
    Reminder,
    desk,
    due,
    plan_edit,
)
from leads.filling import text_of
from leads.plan import KINDS, Plan
from leads.plan_edit import PlanRefused
from leads.preview import Preview, PreviewRefused, preview
from leads.shipped_plans import SHIPPED
from tests.conftest import TUESDAY_TEN
from tests.leads.test_missed_call import LA, MARIA, NEW_YORKER, heard, unanswered

MISSED = SHIPPED["missed_call"]
NEW_WORDS = "{clinic} here, in new words. Reply STOP to opt out."


def current(session: Session) -> Plan:
    return PlanVersion.current(session, "missed_call", TUESDAY_TEN).read()


def with_text(number: int, text: str) -> Plan:
    steps = [replace(step, text=text) if step.number == number else step for step in MISSED.steps]
    return Plan("missed_call", tuple(steps))


def words_to_come(session: Session) -> list[str | None]:
    session.flush()
    practice = Practice.get(session)
    found = session.execute(
        select(Reminder, FollowUp)
        .join(FollowUp, FollowUp.id == Reminder.follow_up_id)
        .where(Reminder.state == "scheduled")
        .order_by(Reminder.step)
    )
    return [
        text_of(practice, run.steps(session).step(row.step), run.started_at, None, row.due_at)
        for row, run in found
    ]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_plan_survives_being_stored(session: Session, practice: Practice, name: str) -> None:
    assert practice
    assert PlanVersion.current(session, name, TUESDAY_TEN).read() == SHIPPED[name]
    again = plan_edit.read(
        KINDS[name],
        [{**step.to_json(), "id": step.id} for step in SHIPPED[name].steps],
        active=SHIPPED[name].active,
    )
    assert again == SHIPPED[name]


def test_runs_under_way_keep_the_plan_that_they_began_with(
    session: Session, practice: Practice
) -> None:
    assert practice
    heard(session, MARIA, TUESDAY_TEN)
    before = words_to_come(session)
    plan_edit.save(session, with_text(2, NEW_WORDS), None, TUESDAY_TEN, "keep")
    assert plan_edit.under_way(session, "missed_call") == 1
    assert words_to_come(session) == before
    assert current(session).steps[1].text == NEW_WORDS


def test_or_they_take_the_new_words_at_the_moments_that_they_have(
    session: Session, practice: Practice
) -> None:
    assert practice
    heard(session, MARIA, TUESDAY_TEN)
    session.flush()
    moments = session.scalars(select(Reminder.due_at).order_by(Reminder.step)).all()
    two = Plan("missed_call", with_text(2, NEW_WORDS).steps[:2])
    plan_edit.save(session, two, None, TUESDAY_TEN, "apply")
    assert (words_to_come(session)[1] or "").startswith("Back In Balance Chiropractic here, in new")
    rows = session.scalars(select(Reminder).order_by(Reminder.step)).all()
    assert [row.state for row in rows] == ["scheduled", "scheduled", "cancelled"]
    assert rows[2].reason == "the plan has no such text any more."
    assert [row.due_at for row in rows] == list(moments)


def test_or_they_end(session: Session, practice: Practice) -> None:
    assert practice
    heard(session, MARIA, TUESDAY_TEN)
    plan_edit.save(session, with_text(2, NEW_WORDS), None, TUESDAY_TEN, "end")
    assert session.scalars(select(FollowUp.end_reason)).one() == "edited"
    assert words_to_come(session) == []


def test_a_plan_that_is_switched_off_promises_and_sends_nothing(
    session: Session, practice: Practice
) -> None:
    assert practice
    plan_edit.save(session, replace(MISSED, active=False), None, TUESDAY_TEN, "keep")
    call = unanswered(session, MARIA, TUESDAY_TEN)
    assert "text message" not in (call.prompt or "")
    heard(session, NEW_YORKER, TUESDAY_TEN, "CA2")
    assert session.scalars(select(Reminder)).all() == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{clinic}: how is your back pain? Reply STOP to opt out.", "condition word"),
        ("{clinic}: see bit.ly/x. Reply STOP to opt out.", "hides where it leads"),
        ("{clinic}: hello.", "must say how to stop"),
        ("Hello. Reply STOP to opt out.", "name is missing"),
        ("{clinic}, {name}: hello. Reply STOP to opt out.", "field to fill in"),
        ("{clinic}: {appointment}. Reply STOP to opt out.", "field to fill in"),
    ],
)
def test_a_text_that_the_linter_refuses_is_not_saved(
    session: Session, practice: Practice, text: str, complaint: str
) -> None:
    assert practice
    with pytest.raises(PlanRefused) as refused:
        plan_edit.save(session, with_text(2, text), None, TUESDAY_TEN, "keep")
    assert complaint in refused.value.errors["text.2"]
    assert current(session) == MISSED


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": ""}, "text.1"),
        ({"text": "x" * 1001}, "text.1"),
        ({"purpose": "spam"}, "purpose.1"),
        ({"hours": -1}, "hours.1"),
        ({"hours": 49}, "hours.1"),
        ({"hours": True}, "hours.1"),
        ({"days": 0, "at": "10:00"}, "days.1"),
        ({"days": 2, "at": "25:00"}, "at.1"),
        ({"days": 2, "at": None}, "at.1"),
        ({"lateness_hours": 0}, "lateness_hours.1"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(change: dict[str, Any], field: str) -> None:
    step = {**MISSED.steps[0].to_json(), **change}
    with pytest.raises(PlanRefused) as refused:
        plan_edit.read(KINDS["missed_call"], [step], active=True)
    assert list(refused.value.errors) == [field]


@pytest.mark.parametrize("count", [0, 4])
def test_a_plan_has_one_to_three_texts(count: int) -> None:
    steps = [MISSED.steps[0].to_json()] * count
    with pytest.raises(PlanRefused) as refused:
        plan_edit.read(KINDS["missed_call"], steps, active=True)
    assert "one to 3 texts" in refused.value.errors["plan"]


def test_the_preview_is_what_then_happens(session: Session, practice: Practice) -> None:
    assert practice
    for index, (caller, at) in enumerate(
        [
            (MARIA, TUESDAY_TEN),
            (NEW_YORKER, TUESDAY_TEN + timedelta(hours=8)),
            ("+18085550142", datetime(2026, 12, 5, 22, tzinfo=LA)),
        ]
    ):
        shown = preview(
            session, MISSED, number=caller, trigger_at=at, appointment_at=None, basis="notice"
        )
        heard(session, caller, at, f"CA{index}")
        session.flush()
        phone = select(Phone.id).where(Phone.e164 == caller).scalar_subquery()
        rows = session.scalars(
            select(Reminder)
            .join(FollowUp, FollowUp.id == Reminder.follow_up_id)
            .where(FollowUp.phone_id == phone)
            .order_by(Reminder.step)
        )
        assert [text.due_at for text in shown.texts] == [row.due_at for row in rows]


def test_the_preview_says_why_and_writes_nothing(session: Session, practice: Practice) -> None:
    assert practice
    saturday_night = datetime(2026, 12, 5, 22, tzinfo=LA)
    shown = preview(
        session,
        MISSED,
        number="(212) 555-0147",
        trigger_at=saturday_night,
        appointment_at=None,
        basis="call",
    )
    first, *others = shown.texts
    assert f"{first.due_at.astimezone(LA):%a %H:%M}" == "Mon 09:00"
    assert first.why == "Sunday in New York"
    assert first.text.startswith("Hi, this is Back In Balance Chiropractic.")
    assert all("did not hear" in (text.refusal or "") for text in others)
    assert not shown.known
    session.flush()
    assert session.scalars(select(func.count()).select_from(Phone)).one() == 0


def test_the_preview_of_somebody_we_know_counts_what_they_have(
    session: Session, practice: Practice
) -> None:
    assert practice
    call = heard(session, MARIA, TUESDAY_TEN)
    now = TUESDAY_TEN + timedelta(hours=2)
    due.queue(session, due.reminders(session, now, 5), now)

    def shown() -> Preview:
        session.flush()
        return preview(
            session,
            MISSED,
            number=MARIA,
            trigger_at=now,
            appointment_at=None,
            basis="notice",
        )

    assert shown().known
    assert "under way for them" in (shown().refusal or "")
    session.scalars(select(Message)).one().state = "sent"
    desk.contacted(session, session.get_one(Lead, call.lead_id), None, now)
    assert shown().texts[0].capped
    assert "one automated text in 24 hours is the most" in (shown().texts[0].refusal or "")


@pytest.mark.parametrize("number", ["", "hello", "12", "anonymous"])
def test_a_preview_needs_a_number(session: Session, practice: Practice, number: str) -> None:
    assert practice
    with pytest.raises(PreviewRefused):
        preview(
            session,
            MISSED,
            number=number,
            trigger_at=TUESDAY_TEN,
            appointment_at=None,
            basis="notice",
        )


def test_a_plan_cut_while_a_later_text_is_on_its_way_leaves_nothing_stuck(
    session: Session, practice: Practice
) -> None:
    assert practice
    heard(session, MARIA, TUESDAY_TEN)
    session.flush()
    third = session.scalars(select(Reminder).where(Reminder.step == 3)).one()
    third.due_at = TUESDAY_TEN - timedelta(minutes=1)
    for reminder in session.scalars(select(Reminder).where(Reminder.step < 3)):
        reminder.cancel(session, TUESDAY_TEN, "for this test.")
    due.queue(session, [third.id], TUESDAY_TEN)
    message = session.scalars(select(Message)).one()
    message.state = "sending"
    one = Plan("missed_call", MISSED.steps[:1])
    plan_edit.save(session, one, None, TUESDAY_TEN, "apply")
    message.state = "queued"  # the service had no time for it
    third.state = "scheduled"
    session.flush()
    due.queue(session, [third.id], TUESDAY_TEN)
    assert third.reason == "the plan has no such text any more."
