"""What staff do at the desk, alone and while the telephone goes on ringing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import (
    Consent,
    FollowUp,
    Lead,
    Message,
    Reminder,
    TimelineEntry,
    clock,
    db,
    desk,
    missed_call,
)
from leads import call as calls
from tests.conftest import TUESDAY_TEN

MARIA = "+12065550142"
CLINIC = "+14254379974"


def missed(session: Session, sid: str = "CA1", now: datetime = TUESDAY_TEN) -> Lead:
    call = calls.arrive(session, sid, MARIA, CLINIC, "", now)
    missed_call.prompt(session, call, now)
    calls.settle(session, call, now)
    missed_call.heard(session, call, now)
    calls.end(call, now)
    missed_call.consider(session, call, now)
    session.flush()
    assert call.lead_id
    return session.get_one(Lead, call.lead_id)


def ended(session: Session) -> str | None:
    session.flush()
    states = set(session.scalars(select(Reminder.state)))
    assert states == {"cancelled"}
    return session.scalars(select(FollowUp.end_reason)).one()


def test_contacting_them_ends_the_follow_up_and_the_wait(session: Session) -> None:
    lead = missed(session)
    desk.contacted(session, lead, None, TUESDAY_TEN)
    assert (lead.stage, lead.needs_callback_since) == ("contacted", None)
    assert ended(session) == "contacted"


def test_booking_them_ends_the_follow_up(session: Session) -> None:
    lead = missed(session)
    friday = TUESDAY_TEN + timedelta(days=3)
    desk.book(session, lead, None, TUESDAY_TEN, friday)
    assert (lead.stage, lead.appointment_at) == ("booked", friday)
    assert ended(session) == "booked"


@pytest.mark.parametrize("stage", ["won", "lost", "not_a_lead"])
def test_closing_ends_the_follow_up(session: Session, stage: str) -> None:
    lead = missed(session)
    desk.close(session, lead, None, TUESDAY_TEN, stage)  # type: ignore[arg-type] # from a table
    assert (lead.stage, lead.needs_callback_since) == (stage, None)
    assert ended(session) == ("won" if stage == "won" else "closed")


def test_a_later_call_reopens_what_was_lost(session: Session) -> None:
    lead = missed(session)
    desk.close(session, lead, None, TUESDAY_TEN, "lost")
    missed(session, "CA2", TUESDAY_TEN + timedelta(days=2))
    assert lead.stage == "new"
    assert lead.needs_callback_since is not None


def test_a_lead_is_closed_as_nothing_else(session: Session) -> None:
    lead = missed(session)
    with pytest.raises(desk.Refused, match="Nothing was changed"):
        desk.close(session, lead, None, TUESDAY_TEN, "booked")
    assert lead.stage == "new"


@pytest.mark.parametrize("body", ["", "  \n", "x" * 1601])
def test_a_text_that_cannot_go_is_refused_in_words(session: Session, body: str) -> None:
    lead = missed(session)
    with pytest.raises(desk.Refused):
        desk.reply(session, lead, None, TUESDAY_TEN, body)
    assert session.scalars(select(Message)).all() == []


def test_an_empty_note_is_refused_and_a_full_one_kept(session: Session) -> None:
    lead = missed(session)
    with pytest.raises(desk.Refused):
        desk.write_note(session, lead, None, TUESDAY_TEN, "  ")
    desk.write_note(session, lead, None, TUESDAY_TEN, " Prefers mornings. ")
    session.flush()
    notes = select(TimelineEntry.text).where(TimelineEntry.kind == "note")
    assert session.scalars(notes).all() == ["Prefers mornings."]


def test_texts_wanted_after_an_opt_out_lifts_it(session: Session) -> None:
    lead = missed(session)
    desk.no_more_texts(session, lead, None, TUESDAY_TEN)
    assert lead.phone
    assert lead.phone.opted_out_at is not None
    desk.texts_wanted(session, lead, None, TUESDAY_TEN)
    assert lead.phone.opted_out_at is None


def test_a_patient_keeps_the_first_text_and_loses_the_others(session: Session) -> None:
    lead = missed(session)
    desk.relate(session, lead, None, TUESDAY_TEN, "patient")
    session.flush()
    states = session.scalars(select(Reminder.state).order_by(Reminder.step)).all()
    assert states == ["scheduled", "cancelled", "cancelled"]


def test_a_supplier_loses_all_of_them(session: Session) -> None:
    lead = missed(session)
    desk.relate(session, lead, None, TUESDAY_TEN, "other")
    assert ended(session) == "relation"


def test_a_new_yes_after_a_no_is_a_new_line_in_the_ledger(session: Session) -> None:
    lead = missed(session)
    for _ in range(2):
        desk.texts_wanted(session, lead, None, TUESDAY_TEN)
        desk.no_more_texts(session, lead, None, TUESDAY_TEN)
    desk.texts_wanted(session, lead, None, TUESDAY_TEN)
    session.flush()
    kinds = session.scalars(select(Consent.kind).order_by(Consent.id)).all()
    assert kinds == ["given", "given", "revoked", "given", "revoked", "given"]


def test_staff_and_the_telephone_change_one_lead_at_once(database: str) -> None:
    assert database
    with db.transaction() as session:
        clock.set_to(session, TUESDAY_TEN)
        lead_id = missed(session).id

    def ring(index: int) -> None:
        with db.transaction() as session:
            missed(session, f"CA{index + 2}", clock.now(session))

    def settle(index: int) -> None:
        with db.transaction() as session:
            lead = session.get_one(Lead, lead_id)
            if index % 3 == 0:
                desk.reply(session, lead, None, clock.now(session), "Hello")
            elif index % 3 == 1:
                desk.contacted(session, lead, None, clock.now(session))
            else:
                desk.rename(session, lead, None, clock.now(session), f"Maria {index}")

    with ThreadPoolExecutor(8) as pool:
        work = [pool.submit(act, index) for index in range(30) for act in (ring, settle)]
        for done in work:
            done.result()  # a deadlock would raise here
    with db.transaction() as session:
        assert len(session.scalars(select(Lead)).all()) == 1
