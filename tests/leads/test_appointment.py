"""An appointment's reminders begin, move and end with it, and its answers belong to it."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import (
    Consent,
    FollowUp,
    Lead,
    Phone,
    Practice,
    Reminder,
    consent,
    desk,
    follow_up,
    plan_edit,
)
from leads.filling import text_of
from leads.plan import PlanVersion
from tests.conftest import TUESDAY_TEN
from tests.leads.test_conversation import text
from tests.leads.test_missed_call import LA, MARIA, heard, sentences

FRIDAY_THREE = datetime(2026, 12, 4, 15, tzinfo=LA)


@pytest.fixture
def maria(session: Session, practice: Practice) -> Lead:
    """She called, heard the notice, and appointments are reminded of."""
    assert practice
    switch(session, "appointment", on=True)
    call = heard(session, MARIA, TUESDAY_TEN)
    return session.get_one(Lead, call.lead_id)


def switch(session: Session, plan: str, *, on: bool) -> None:
    shipped = replace(plan_edit.as_shipped(plan), active=on)
    plan_edit.save(session, shipped, None, TUESDAY_TEN, "keep")


def planned(session: Session) -> list[str]:
    """When the texts that are still to come go, and of which plan they are."""
    session.flush()
    rows = session.execute(
        select(Reminder, FollowUp.plan)
        .join(FollowUp, FollowUp.id == Reminder.follow_up_id)
        .where(Reminder.state == "scheduled")
        .order_by(Reminder.due_at)
    )
    return [f"{plan} {row.due_at.astimezone(LA):%a %H:%M}" for row, plan in rows]


def runs(session: Session) -> list[tuple[str, str | None]]:
    session.flush()
    rows = session.execute(select(FollowUp.plan, FollowUp.end_reason).order_by(FollowUp.id))
    return [(plan, reason) for plan, reason in rows]


def test_booking_ends_the_inquiry_and_begins_the_reminders(session: Session, maria: Lead) -> None:
    desk.book(session, maria, None, TUESDAY_TEN, FRIDAY_THREE)
    assert planned(session) == ["appointment Thu 14:00", "appointment Fri 13:00"]
    assert runs(session)[0] == ("missed_call", "booked")


def test_the_plan_is_shipped_switched_off(session: Session, maria: Lead) -> None:
    switch(session, "appointment", on=False)
    desk.book(session, maria, None, TUESDAY_TEN, FRIDAY_THREE)
    assert planned(session) == []
    assert "No text" not in sentences(session)


def test_nobody_is_reminded_who_has_not_agreed(session: Session, maria: Lead) -> None:
    phone = session.scalars(select(Phone)).one()
    consent.revoke(session, phone.id, TUESDAY_TEN, "key", "CA1")
    desk.book(session, maria, None, TUESDAY_TEN, FRIDAY_THREE)
    assert planned(session) == []
    assert "they have not agreed to texts" in sentences(session)
    moved = FRIDAY_THREE + timedelta(hours=1)
    desk.book(session, maria, None, TUESDAY_TEN, moved, texts_agreed=True)
    assert len(planned(session)) == 2
    assert "staff" in session.scalars(select(Consent.basis)).all()


def test_moving_the_appointment_moves_its_reminders(session: Session, maria: Lead) -> None:
    desk.book(session, maria, None, TUESDAY_TEN, FRIDAY_THREE)
    desk.book(session, maria, None, TUESDAY_TEN, FRIDAY_THREE)
    assert len(runs(session)) == 2, "the same moment again is no move"
    desk.book(session, maria, None, TUESDAY_TEN, FRIDAY_THREE + timedelta(days=3))
    assert planned(session) == ["appointment Sat 14:00", "appointment Mon 13:00"]
    assert ("appointment", "moved") in runs(session)


def test_the_same_moment_again_brings_back_reminders_that_ended_early(
    session: Session, maria: Lead
) -> None:
    desk.book(session, maria, None, TUESDAY_TEN, FRIDAY_THREE)
    desk.stop_follow_ups(session, maria, None, TUESDAY_TEN)
    assert planned(session) == []
    desk.book(session, maria, None, TUESDAY_TEN, FRIDAY_THREE)
    assert planned(session) == ["appointment Thu 14:00", "appointment Fri 13:00"]
    for reminder in session.scalars(select(Reminder).where(Reminder.state == "scheduled")).all():
        reminder.state = "sent"
    run = session.scalars(select(FollowUp).order_by(FollowUp.id.desc())).first()
    assert run is not None
    follow_up.finish_if_settled(session, run, TUESDAY_TEN)
    desk.book(session, maria, None, TUESDAY_TEN, FRIDAY_THREE)
    assert planned(session) == [], "who has had them all gets none again"


def test_the_same_moment_again_with_a_yes_begins_what_the_missing_yes_kept_back(
    session: Session, maria: Lead
) -> None:
    phone = session.scalars(select(Phone)).one()
    consent.revoke(session, phone.id, TUESDAY_TEN, "key", "CA1")
    desk.book(session, maria, None, TUESDAY_TEN, FRIDAY_THREE)
    desk.book(session, maria, None, TUESDAY_TEN, FRIDAY_THREE)
    assert sentences(session).count("they have not agreed to texts") == 1
    desk.book(session, maria, None, TUESDAY_TEN, FRIDAY_THREE, texts_agreed=True)
    assert len(planned(session)) == 2


def test_cancelling_ends_them(session: Session, maria: Lead) -> None:
    desk.book(session, maria, None, TUESDAY_TEN, FRIDAY_THREE)
    desk.cancel_appointment(session, maria, None, TUESDAY_TEN)
    assert planned(session) == []
    assert runs(session)[-1] == ("appointment", "called_off")
    assert maria.appointment_at is None
    with pytest.raises(desk.Refused):
        desk.cancel_appointment(session, maria, None, TUESDAY_TEN)


def test_who_did_not_come_gets_the_text_for_that(session: Session, maria: Lead) -> None:
    desk.book(session, maria, None, TUESDAY_TEN, FRIDAY_THREE)
    with pytest.raises(desk.Refused, match="still ahead"):
        desk.miss_appointment(session, maria, None, TUESDAY_TEN)
    after = FRIDAY_THREE + timedelta(minutes=30)
    desk.miss_appointment(session, maria, None, after)
    assert planned(session) == ["missed_appointment Fri 16:30"]
    assert maria.needs_callback_since == after


def test_c_confirms_and_does_not_end_the_reminders(session: Session, maria: Lead) -> None:
    desk.book(session, maria, None, TUESDAY_TEN, FRIDAY_THREE)
    text(session, "C")
    assert maria.appointment_confirmed_at == TUESDAY_TEN
    assert len(planned(session)) == 2
    assert maria.needs_callback_since is None, "nobody has to do anything"


def test_r_asks_for_another_time_and_flags_the_desk(session: Session, maria: Lead) -> None:
    desk.book(session, maria, None, TUESDAY_TEN, FRIDAY_THREE)
    text(session, "c")
    text(session, "R.")
    assert maria.appointment_change_asked_at == TUESDAY_TEN
    assert maria.appointment_confirmed_at is None
    assert maria.needs_callback_since == TUESDAY_TEN
    assert len(planned(session)) == 2


def test_c_and_r_without_an_appointment_are_ordinary_replies(session: Session, maria: Lead) -> None:
    text(session, "C")
    assert runs(session) == [("missed_call", "replied")]
    assert maria.needs_callback_since is not None


def test_cancel_alone_opts_out_and_flags_the_appointment(session: Session, maria: Lead) -> None:
    desk.book(session, maria, None, TUESDAY_TEN, FRIDAY_THREE)
    text(session, "CANCEL")
    assert planned(session) == []
    assert session.scalars(select(Phone.opted_out_at)).one() is not None
    assert maria.appointment_change_asked_at == TUESDAY_TEN
    assert maria.appointment_at == FRIDAY_THREE, "a person decides about the appointment"
    assert "perhaps cancels the appointment" in sentences(session)


def test_the_text_names_the_day_and_time_at_the_clinic(session: Session, maria: Lead) -> None:
    desk.book(session, maria, None, TUESDAY_TEN, FRIDAY_THREE)
    practice = Practice.get(session)
    step = PlanVersion.current(session, "appointment", TUESDAY_TEN).read().steps[0]
    day_before = FRIDAY_THREE - timedelta(days=1)
    body = text_of(practice, step, TUESDAY_TEN, FRIDAY_THREE, day_before)
    assert body is not None
    assert "your appointment is tomorrow at 3 PM." in body
    assert text_of(practice, step, TUESDAY_TEN, FRIDAY_THREE, FRIDAY_THREE) is None


def test_spoke_but_not_booked_begins_its_plan_for_who_agreed(session: Session, maria: Lead) -> None:
    desk.spoke(session, maria, None, TUESDAY_TEN, texts_agreed=True)
    assert planned(session) == ["spoke Thu 14:00", "spoke Mon 14:00"]
    assert runs(session)[0] == ("missed_call", "contacted")
    assert maria.needs_callback_since is None


def test_a_newer_inquiry_takes_over(session: Session, maria: Lead) -> None:
    desk.spoke(session, maria, None, TUESDAY_TEN, texts_agreed=True)
    heard(session, MARIA, TUESDAY_TEN + timedelta(days=1), "CA2")
    assert ("spoke", "superseded") in runs(session)
    assert all(each.startswith("missed_call") for each in planned(session))


def test_texts_that_waited_for_the_morning_let_staff_call_first(
    session: Session, practice: Practice
) -> None:
    practice.opening_hold_minutes = 30
    night = datetime(2026, 12, 1, 22, tzinfo=ZoneInfo("America/Los_Angeles"))
    heard(session, MARIA, night)
    assert planned(session)[0] == "missed_call Wed 09:30"
    heard(session, "+12065550144", TUESDAY_TEN, "CA2")
    assert "missed_call Tue 10:00" in planned(session), "a call by day is answered at once"
