"""Two people never call the same person: one wins, and the other is told who did."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from leads import claim, clock, db, desk, sign_in, timeline
from leads.db import database_time
from leads.lead import Lead
from leads.staff import Staff, add_staff
from tests.browser.telephone import Telephone
from tests.conftest import TUESDAY_TEN

MARIA = "+12065550142"


def waiting(session: Session) -> Lead:
    phone = Telephone(session)
    phone.miss(MARIA, TUESDAY_TEN - timedelta(minutes=5))
    return phone.lead(MARIA)


def hire(session: Session, name: str) -> Staff:
    return add_staff(session, f"{name.lower()}@clinic.example", "front_desk", name=name)


def test_of_many_who_claim_at_once_one_wins_and_the_others_hear_who(database: str) -> None:
    assert database
    with db.transaction() as session:
        clock.set_to(session, TUESDAY_TEN)
        lead_id = waiting(session).id
        staff = [hire(session, f"Person{n}").id for n in range(8)]

    def tries(staff_id: int) -> str:
        try:
            with db.transaction() as session:
                lead = session.get_one(Lead, lead_id)
                claim.claim(session, lead, staff_id, TUESDAY_TEN)
        except claim.Taken as taken:
            return str(taken)
        return "won"

    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            came = list(pool.map(tries, staff))
            with db.transaction() as session:
                lead = session.get_one(Lead, lead_id)
                winner = session.get_one(Staff, lead.claimed_by_id).name
                assert came.count("won") == 1
                losers = [words for words in came if words != "won"]
                assert all(words.startswith(f"{winner} has this until 10:1") for words in losers)
                claim.give_back(session, lead, lead.claimed_by_id or 0, TUESDAY_TEN)


def test_a_claim_is_for_a_quarter_of_an_hour_of_real_time(session: Session) -> None:
    lead, anna, rosa = waiting(session), hire(session, "Anna"), hire(session, "Rosa")
    claim.claim(session, lead, anna.id, TUESDAY_TEN)
    assert lead.claimed_until is not None
    left = lead.claimed_until - database_time(session)
    assert timedelta(minutes=14) < left <= claim.LASTS
    with pytest.raises(claim.Taken, match="Anna has this until 10:15 AM"):
        claim.claim(session, lead, rosa.id, TUESDAY_TEN)
    past = func.clock_timestamp() - timedelta(seconds=1)
    session.execute(update(Lead).values(claimed_until=past))
    claim.claim(session, lead, rosa.id, TUESDAY_TEN)
    assert lead.claimed_by_id == rosa.id


def test_whoever_has_them_may_go_on_and_give_them_back(session: Session) -> None:
    lead, anna, rosa = waiting(session), hire(session, "Anna"), hire(session, "Rosa")
    claim.claim(session, lead, anna.id, TUESDAY_TEN)
    claim.claim(session, lead, anna.id, TUESDAY_TEN)
    claim.give_back(session, lead, rosa.id, TUESDAY_TEN)
    assert lead.claimed_by_id == anna.id
    claim.give_back(session, lead, anna.id, TUESDAY_TEN)
    session.flush()
    session.refresh(lead)
    assert lead.claimed_until is None
    told = select(timeline.TimelineEntry.text).where(timeline.TimelineEntry.kind == "claimed")
    assert session.scalars(told).all() == ["Will call them.", "Will not call them now."]


def test_settling_lets_go_and_nobody_claims_who_is_settled(session: Session) -> None:
    lead, anna = waiting(session), hire(session, "Anna")
    claim.claim(session, lead, anna.id, TUESDAY_TEN)
    desk.contacted(session, lead, anna.id, TUESDAY_TEN)
    assert lead.claimed_by_id is None
    with pytest.raises(desk.Refused, match="settled this already"):
        claim.claim(session, lead, anna.id, TUESDAY_TEN)


def test_an_answered_call_and_a_closing_let_go(session: Session) -> None:
    lead, anna = waiting(session), hire(session, "Anna")
    claim.claim(session, lead, anna.id, TUESDAY_TEN)
    session.flush()
    Telephone(session).answer(MARIA, TUESDAY_TEN, 60)
    assert lead.claimed_by_id is None
    Telephone(session).miss(MARIA, TUESDAY_TEN + timedelta(minutes=9))
    claim.claim(session, lead, anna.id, TUESDAY_TEN)
    desk.close(session, lead, anna.id, TUESDAY_TEN, "lost")
    assert lead.claimed_by_id is None


def test_signing_out_gives_back_what_one_had_unless_one_is_signed_in_elsewhere(
    session: Session,
) -> None:
    lead, anna = waiting(session), hire(session, "Anna")
    first, second = (
        sign_in.digest(sign_in.open_session(session, anna.id, "127.0.0.1", "password"))
        for _ in range(2)
    )
    claim.claim(session, lead, anna.id, TUESDAY_TEN)
    session.flush()
    sign_in.revoke(session, first)
    session.refresh(lead)
    assert lead.claimed_by_id == anna.id
    sign_in.revoke(session, second)
    session.refresh(lead)
    assert lead.claimed_by_id is None
