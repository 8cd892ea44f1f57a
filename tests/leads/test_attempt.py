"""Calls from a phone of one's own: what came of them, and who stays on the list."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import attempt, claim, desk
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.staff import add_staff
from leads.timeline import TimelineEntry
from tests.browser.telephone import Telephone
from tests.conftest import TUESDAY_TEN

MARIA = "+12065550142"


def waiting(session: Session) -> Lead:
    phone = Telephone(session)
    phone.miss(MARIA, TUESDAY_TEN - timedelta(minutes=5))
    return phone.lead(MARIA)


@pytest.mark.parametrize(
    ("result", "waits", "follow_up", "stage"),
    [
        ("spoke", False, "contacted", "contacted"),
        ("message", True, "contacted", "new"),
        ("no_answer", True, None, "new"),
    ],
)
def test_what_came_of_a_call_decides_the_row_and_the_texts(
    session: Session, result: attempt.Result, waits: bool, follow_up: str | None, stage: str
) -> None:
    lead = waiting(session)
    since = lead.needs_callback_since
    attempt.rang(session, lead, None, TUESDAY_TEN, result)
    session.flush()
    assert lead.needs_callback_since == (since if waits else None)
    assert lead.stage == stage
    assert session.scalars(select(FollowUp.end_reason)).one() == follow_up
    entry = session.scalars(select(TimelineEntry).where(TimelineEntry.kind == "rang")).one()
    assert entry.text == attempt.SENTENCES[result]
    assert entry.facts["result"] == result


def test_who_got_no_answer_frees_the_row_for_the_next(session: Session) -> None:
    lead = waiting(session)
    anna = add_staff(session, "anna@clinic.example", "front_desk").id
    rosa = add_staff(session, "rosa@clinic.example", "front_desk").id
    claim.claim(session, lead, anna, TUESDAY_TEN)
    attempt.rang(session, lead, rosa, TUESDAY_TEN, "no_answer")
    assert lead.claimed_by_id == anna  # what a colleague has stays theirs
    attempt.rang(session, lead, anna, TUESDAY_TEN, "no_answer")
    assert lead.claimed_by_id is None


def test_another_result_is_refused(session: Session) -> None:
    with pytest.raises(desk.Refused, match="left a message"):
        attempt.rang(session, waiting(session), None, TUESDAY_TEN, "perhaps")  # type: ignore[arg-type]


def test_an_answered_call_keeps_the_row_of_a_text_that_may_be_a_no(session: Session) -> None:
    lead, phone = waiting(session), Telephone(session)
    phone.text(MARIA, "can I cancel my 3pm?", TUESDAY_TEN)
    assert lead.phones[0].unclear_at is not None
    phone.answer(MARIA, TUESDAY_TEN + timedelta(minutes=2), 60)
    assert lead.needs_callback_since is not None
    desk.decide(session, lead, None, TUESDAY_TEN, no_texts=False)
    attempt.rang(session, lead, None, TUESDAY_TEN, "spoke")
    assert lead.needs_callback_since is None
