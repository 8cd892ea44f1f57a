"""A call that we hear of afterwards counts from when it was, and what happened since counts too."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from leads import (
    Call,
    FollowUp,
    Installation,
    Lead,
    PracticePhone,
    Reminder,
    TimelineEntry,
    clock,
    db,
    desk,
    due,
    late_call,
    missed_call,
)
from leads import call as calls
from leads.listed import ListedCall
from tests.conftest import TUESDAY_TEN

MARIA, CLINIC = "+12065550142", "+14254379974"
DESK, MOBILE = "+14255550100", "+14255550101"
HOUR = timedelta(hours=1)
MONDAY_TEN = TUESDAY_TEN - 24 * HOUR


@pytest.fixture(autouse=True)
def practice(database: str) -> None:
    assert database
    with db.transaction() as session:
        clock.set_to(session, TUESDAY_TEN)
        Installation.current(session)
        PracticePhone.add(session, MOBILE, "Doctor", "mobile", 20)


def leg(
    sid: str, at: datetime, status: str, to: str = DESK, seconds: int = 0, parent: str = "CA1"
) -> ListedCall:
    end = at + timedelta(seconds=30)
    return ListedCall(sid, parent, False, MARIA, to, "", status, at, end, seconds)


def found(sid: str, at: datetime, *legs: ListedCall, status: str = "completed") -> Call:
    """A call of half a minute, with the phones that it rang."""
    end = at + timedelta(seconds=30)
    listed = ListedCall(sid, None, True, MARIA, CLINIC, "", status, at, end, 30)
    with db.transaction() as session:
        late_call.arrived(session, listed, legs)
    with db.transaction() as session:
        late_call.over(session, sid, listed, legs, TUESDAY_TEN)
    with db.transaction() as session:
        late_call.concluded(session, sid, TUESDAY_TEN)
    with db.transaction() as session:
        return session.scalars(select(Call).where(Call.sid == sid)).one()


def missed(sid: str, at: datetime) -> Call:
    return found(sid, at, leg(f"{sid}a", at, "no-answer", parent=sid))


def answered(sid: str, at: datetime) -> Call:
    return found(sid, at, leg(f"{sid}a", at, "completed", seconds=20, parent=sid))


def missed_live(sid: str, at: datetime) -> None:
    with db.transaction() as session:
        call = calls.arrive(session, sid, MARIA, CLINIC, "", at)
        missed_call.prompt(session, call, at)
        calls.settle(session, call, at)
        missed_call.heard(session, call, at)
        calls.end(call, at)
        missed_call.consider(session, call, at)


def the_lead() -> Lead:
    with db.transaction() as session:
        return session.scalars(select(Lead)).one()


def open_runs() -> list[str]:
    with db.transaction() as session:
        return list(session.scalars(select(FollowUp.plan).where(FollowUp.ended_at.is_(None))))


def story() -> list[str]:
    with db.transaction() as session:
        found = select(TimelineEntry.text).order_by(TimelineEntry.at, TimelineEntry.id)
        return list(session.scalars(found))


@pytest.mark.parametrize(
    ("legs", "status", "outcome", "review"),
    [
        ([], "completed", "missed", False),  # the clinic was closed: they heard so
        ([], "no-answer", "abandoned", False),
        ([("canceled", DESK, 0), ("canceled", MOBILE, 0)], "no-answer", "abandoned", False),
        ([("no-answer", DESK, 0), ("busy", MOBILE, 0)], "completed", "missed", False),
        ([("completed", DESK, 20), ("canceled", MOBILE, 0)], "completed", "answered", False),
        ([("canceled", DESK, 0), ("completed", MOBILE, 20)], "completed", "missed", True),
        ([("completed", MOBILE, 9), ("completed", DESK, 20)], "completed", "answered", False),
        ([("completed", "+14255550177", 20)], "completed", "missed", True),  # whose is it?
        ([("failed", DESK, 0)], "completed", "missed", False),
    ],
)
def test_the_phones_that_were_rung_say_how_it_went(
    legs: list[tuple[str, str, int]], status: str, outcome: str, review: bool
) -> None:
    rung = [
        leg(f"CA1{n}", MONDAY_TEN, each, to, seconds) for n, (each, to, seconds) in enumerate(legs)
    ]
    call = found("CA1", MONDAY_TEN, *rung, status=status)
    assert (call.outcome, call.needs_review_at is not None) == (outcome, review)
    assert (the_lead().needs_callback_since is None) is (outcome == "answered")


def test_a_step_that_is_too_late_is_skipped_with_a_reason() -> None:
    missed("CA1", MONDAY_TEN)
    with db.transaction() as session:
        now = clock.now(session)
        due.queue(session, due.reminders(session, now, 10), now)
    with db.transaction() as session:
        first = session.scalars(select(Reminder).where(Reminder.step == 1)).one()
        assert (first.state, first.reason) == (
            "cancelled",
            "it was due too long ago to make sense now.",
        )
    assert "Text 1 not sent: it was due too long ago to make sense now." in story()


def test_who_was_answered_since_gets_no_text_and_needs_no_call() -> None:
    missed("CA1", MONDAY_TEN)
    answered("CA2", MONDAY_TEN + HOUR)
    missed("CA0", MONDAY_TEN - HOUR)  # and that one is found last
    assert the_lead().needs_callback_since is None
    assert open_runs() == []
    assert "No text: the clinic has been in touch with them since." in story()


def test_an_answered_call_found_late_leaves_a_later_missed_one_as_it_is() -> None:
    missed_live("CA2", TUESDAY_TEN - HOUR)
    answered("CA1", TUESDAY_TEN - 2 * HOUR)
    assert the_lead().needs_callback_since == TUESDAY_TEN - HOUR
    assert open_runs() == ["missed_call"]


def test_what_staff_did_since_counts() -> None:
    missed_live("CA2", MONDAY_TEN)
    with db.transaction() as session:
        desk.contacted(session, session.scalars(select(Lead)).one(), None, TUESDAY_TEN - HOUR)
    missed("CA1", MONDAY_TEN + HOUR)
    assert the_lead().needs_callback_since is None
    assert open_runs() == []


def test_an_answered_call_never_becomes_missed() -> None:
    answered("CA1", MONDAY_TEN)
    assert found("CA1", MONDAY_TEN, leg("CA1b", MONDAY_TEN, "no-answer")).outcome == "answered"


def test_an_accept_that_comes_after_all_settles_the_review() -> None:
    mobile = leg("CA1a", MONDAY_TEN, "completed", MOBILE, 20)
    assert found("CA1", MONDAY_TEN, mobile).needs_review_at is not None
    with db.transaction() as session:  # from a spool
        call = calls.find(session, "CA1", TUESDAY_TEN)
        calls.accept(calls.leg(session, "CA1", "CA1a", None), MONDAY_TEN)
        calls.settle(session, call, TUESDAY_TEN)
        assert (call.outcome, call.needs_review_at) == ("answered", None)
    assert the_lead().needs_callback_since is None


def test_who_called_first_is_a_lead_since_then() -> None:
    missed_live("CA2", TUESDAY_TEN - HOUR)
    call = missed("CA1", MONDAY_TEN)
    assert not call.returning
    assert the_lead().created_at == MONDAY_TEN
    assert the_lead().needs_callback_since == call.ended_at


def test_of_a_call_that_the_fallback_took_the_phones_say_how_it_went() -> None:
    """Its end alone had reached us; that the phone rang out, and the call was taken, had not."""
    with db.transaction() as session:
        call = calls.arrive(session, "CA1", MARIA, CLINIC, "", MONDAY_TEN)
        calls.end(call, MONDAY_TEN)
        calls.settle(session, call, MONDAY_TEN)
        assert call.outcome == "abandoned"
    with db.transaction() as session:
        rang_out = leg("CA1a", MONDAY_TEN, "no-answer")
        assert late_call.over(session, "CA1", None, [rang_out], TUESDAY_TEN)
        assert calls.find(session, "CA1", TUESDAY_TEN).outcome == "missed"
        assert not late_call.over(session, "CA1", None, [rang_out], TUESDAY_TEN)
