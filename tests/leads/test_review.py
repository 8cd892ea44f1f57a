"""Staff say whether somebody took a call that was found afterwards."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import call as calls
from leads import clock, late_call, review
from leads.call import Call, CallLeg
from leads.lead import Lead
from leads.listed import ListedCall
from leads.practice import Practice, PracticePhone
from leads.timeline import TimelineEntry
from tests.conftest import TUESDAY_TEN

CALLER, CLINIC, MOBILE = "+12065550142", "+14254379974", "+14255550101"
LATER = TUESDAY_TEN + timedelta(hours=2)


@pytest.fixture
def found(practice: Practice, session: Session) -> Call:
    """A call whose mobile was picked up, found two hours afterwards."""
    assert practice
    session.add(PracticePhone(e164=MOBILE, label="Mobile", kind="mobile"))
    session.flush()
    clock.set_to(session, LATER)

    def listed(sid: str, to: str, seconds: int, parent: str | None) -> ListedCall:
        return ListedCall(
            sid=sid,
            parent_sid=parent,
            inbound=parent is None,
            from_raw=CALLER,
            to_raw=to,
            forwarded_from="",
            status="completed",
            started_at=TUESDAY_TEN,
            ended_at=TUESDAY_TEN + timedelta(seconds=seconds),
            seconds=seconds,
        )

    call, leg = listed("CA1", CLINIC, 60, None), listed("CA2", MOBILE, 40, "CA1")
    late_call.arrived(session, call, [leg])
    late_call.over(session, "CA1", call, [leg], LATER)
    late_call.concluded(session, "CA1", LATER)
    row = session.scalars(select(Call).where(Call.sid == "CA1")).one()
    assert row.needs_review_at is not None
    assert lead(session).needs_callback_since is not None
    return row


def lead(session: Session) -> Lead:
    return session.scalars(select(Lead)).one()


def told(session: Session) -> list[str]:
    entries = select(TimelineEntry.text).where(TimelineEntry.kind == "reviewed")
    return list(session.scalars(entries))


def test_one_that_was_answered_is_settled_as_of_its_own_time(session: Session, found: Call) -> None:
    assert review.decide(session, found.id, None, LATER, answered=True)
    session.refresh(found)
    assert (found.outcome, found.needs_review_at, found.talk_seconds) == ("answered", None, 40)
    assert found.answered_at == TUESDAY_TEN + timedelta(seconds=20)
    assert lead(session).needs_callback_since is None
    assert told(session) == ["Staff say that somebody spoke with them on this call."]


def test_one_that_was_not_stays_on_the_list(session: Session, found: Call) -> None:
    assert review.decide(session, found.id, None, LATER, answered=False)
    assert (found.outcome, found.needs_review_at) == ("missed", None)
    assert lead(session).needs_callback_since is not None
    assert told(session) == ["Staff say that nobody took this call."]


def test_a_later_missed_call_stays_on_the_list(session: Session, found: Call) -> None:
    later = TUESDAY_TEN + timedelta(hours=1)
    call = calls.arrive(session, "CA3", CALLER, CLINIC, "", later)
    calls.end(call, later)
    calls.settle(session, call, later)
    lead(session).needs_callback_since = later
    session.flush()
    assert review.decide(session, found.id, None, LATER, answered=True)
    assert lead(session).needs_callback_since == later


def test_it_is_decided_once(session: Session, found: Call) -> None:
    assert review.decide(session, found.id, None, LATER, answered=False)
    assert not review.decide(session, found.id, None, LATER, answered=True)
    assert not review.decide(session, 999_999, None, LATER, answered=True)
    assert len(told(session)) == 1


def test_a_call_without_any_known_phone_can_be_said_to_be_answered(
    session: Session, found: Call
) -> None:
    for leg in session.scalars(select(CallLeg)):
        session.delete(leg)
    session.flush()
    assert review.decide(session, found.id, None, LATER, answered=True)
    assert found.outcome == "answered"
