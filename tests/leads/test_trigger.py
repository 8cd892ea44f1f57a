"""What begins a follow-up, and what ends one for whoever shares a phone."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import FollowUp, Lead, Phone, Practice, clock, db, first_day
from leads import call as calls
from leads.phone import LeadPhone
from tests.conftest import TUESDAY_TEN
from tests.leads.test_missed_call import CLINIC, MARIA, heard
from tests.leads.test_missed_call_voicemail import voicemail

OTHER = "+12065550143"
HOUR = timedelta(hours=1)


def answered(session: Session, caller: str, sid: str) -> None:
    call = calls.arrive(session, sid, caller, CLINIC, "", TUESDAY_TEN + HOUR)
    calls.accept(calls.leg(session, sid, f"{sid}-leg", None), TUESDAY_TEN + HOUR)
    calls.settle(session, call, TUESDAY_TEN + HOUR)
    session.flush()


def test_a_call_that_is_answered_ends_the_texts_to_whoever_shares_the_phone(
    session: Session, practice: Practice
) -> None:
    assert practice
    call = heard(session, MARIA, TUESDAY_TEN)
    partner = Lead(created_at=TUESDAY_TEN, last_activity_at=TUESDAY_TEN + timedelta(minutes=1))
    session.add(partner)
    session.flush()
    session.add(LeadPhone(lead_id=partner.id, phone_id=call.phone_id, main=True))
    session.flush()
    answered(session, MARIA, "CA2")
    assert session.scalars(select(calls.Call.lead_id).where(calls.Call.sid == "CA2")).one() == (
        partner.id
    ), "it counts as the other one's call"
    run = session.scalars(select(FollowUp)).one()
    assert (run.lead_id, run.end_reason) == (call.lead_id, "answered")


def with_two_phones() -> tuple[int, int]:
    """A lead that rang from both, with a run under way on the one that is locked first."""
    with db.transaction() as session:
        first_day.begin(session)
        clock.set_to(session, TUESDAY_TEN)
        call = voicemail(session, MARIA, TUESDAY_TEN)
        second = Phone.of(session, OTHER)
        session.add(LeadPhone(lead_id=call.lead_id, phone_id=second.id, main=False))
        assert call.phone_id
        return call.phone_id, second.id


def test_a_lock_that_belongs_before_ones_own_is_not_waited_for(database: str) -> None:
    assert database
    first, second = with_two_phones()
    assert first < second
    held, done = threading.Event(), threading.Event()

    def desk() -> None:
        with db.transaction() as session:
            Phone.locked(session, first)
            held.set()
            done.wait(20)

    staff = threading.Thread(target=desk)
    staff.start()
    try:
        assert held.wait(20)
        with pytest.raises(db.Overtaken), db.transaction() as session:
            heard(session, OTHER, TUESDAY_TEN + 30 * HOUR, "CA2")
    finally:
        done.set()
        staff.join()
    with db.transaction() as session:
        heard(session, OTHER, TUESDAY_TEN + 30 * HOUR, "CA2")
    with db.transaction() as session:
        assert session.scalars(select(FollowUp.end_reason).order_by(FollowUp.id)).all() == [
            "superseded",
            None,
        ]
