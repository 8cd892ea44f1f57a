"""Nobody is held by whoever does not call them: a claim ends with what it was for."""

from datetime import timedelta

import pytest
from sqlalchemy import func, update
from sqlalchemy.orm import Session

from leads import blocking, call_back, claim, desk, outbound_call, placing, snooze
from leads.lead import Lead
from leads.outbound_call import OutboundCall
from leads.practice import PracticePhone
from leads.staff import Staff, add_staff
from tests.browser.telephone import Telephone
from tests.conftest import TUESDAY_TEN

MARIA = "+12065550142"
LATER = TUESDAY_TEN + timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("practice")


@pytest.fixture
def rosa(session: Session) -> Staff:
    return add_staff(session, "rosa@clinic.example", "front_desk", name="Rosa")


@pytest.fixture
def anna(session: Session) -> Staff:
    return add_staff(session, "anna@clinic.example", "front_desk", name="Anna")


def waiting(session: Session) -> Lead:
    phone = Telephone(session)
    phone.miss(MARIA, TUESDAY_TEN - timedelta(minutes=5))
    return phone.lead(MARIA)


def clicked(session: Session, lead: Lead, staff_id: int) -> OutboundCall:
    phone = PracticePhone.ringing(session)[0].id
    return outbound_call.ask(session, lead, staff_id, TUESDAY_TEN, phone)


def test_a_text_that_is_sent_twice_at_once_leaves_nobody_claimed(
    session: Session, rosa: Staff
) -> None:
    lead = waiting(session)
    for _ in range(2):
        claim.take(session, lead, rosa.id)
        desk.reply(session, lead, rosa.id, TUESDAY_TEN, "Is 9:30 good?")
    session.flush()
    assert (lead.claimed_by_id, lead.claimed_until) == (None, None)


def test_a_call_that_nobody_took_at_the_clinic_leaves_nobody_claimed(
    session: Session, rosa: Staff
) -> None:
    lead = waiting(session)
    told = clicked(session, lead, rosa.id)
    placing.take(session, 1)
    _, call = placing.adopt(session, told.id, "CA9", TUESDAY_TEN)
    call_back.ended(session, call, TUESDAY_TEN)
    assert call.outcome == "not_dialled"
    assert (lead.claimed_by_id, lead.needs_callback_since is None) == (None, False)


def test_a_call_that_was_never_placed_leaves_nobody_claimed(session: Session, rosa: Staff) -> None:
    lead = waiting(session)
    told = clicked(session, lead, rosa.id)
    placing.take(session, 1)
    placing.refused(session, told.id, "the account is suspended.", TUESDAY_TEN)
    assert lead.claimed_by_id is None


def test_who_is_blocked_is_claimed_by_nobody(session: Session, rosa: Staff) -> None:
    lead = waiting(session)
    claim.take(session, lead, rosa.id)
    session.flush()
    blocking.block_lead(session, lead, rosa.id, TUESDAY_TEN, "spam")
    assert (lead.needs_callback_since, lead.claimed_by_id) == (None, None)


def test_whom_a_colleague_has_is_not_snoozed(session: Session, rosa: Staff, anna: Staff) -> None:
    lead = waiting(session)
    claim.take(session, lead, rosa.id)
    for who in (anna.id, None):
        with pytest.raises(claim.Taken, match=r"Rosa has this until 10:15 AM\. Nothing was"):
            snooze.snooze(session, lead, who, TUESDAY_TEN, LATER)
    assert (lead.claimed_by_id, lead.snoozed_until) == (rosa.id, None)
    snooze.snooze(session, lead, rosa.id, TUESDAY_TEN, LATER)
    assert (lead.claimed_by_id, lead.snoozed_until) == (None, LATER)


def test_whom_a_colleague_is_calling_is_not_snoozed_when_the_claim_has_run_out(
    session: Session, rosa: Staff, anna: Staff
) -> None:
    lead = waiting(session)
    clicked(session, lead, rosa.id)
    past = func.clock_timestamp() - timedelta(seconds=1)
    session.execute(update(Lead).values(claimed_until=past))
    with pytest.raises(desk.Refused, match="Rosa is calling them right now"):
        snooze.snooze(session, lead, anna.id, TUESDAY_TEN, LATER)


def test_a_claim_that_has_run_out_holds_nobody(session: Session, rosa: Staff, anna: Staff) -> None:
    lead = waiting(session)
    claim.take(session, lead, rosa.id)
    past = func.clock_timestamp() - timedelta(seconds=1)
    session.execute(update(Lead).values(claimed_until=past))
    snooze.snooze(session, lead, anna.id, TUESDAY_TEN, LATER)
    assert lead.snoozed_until == LATER
