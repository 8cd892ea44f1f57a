"""Calls played to the end at the practice's own Twilio: phones in turn, and blocked numbers, live
and found afterwards."""

import pytest
from sqlalchemy import select

from leads import Call, FollowUp, Lead, PracticePhone, blocking, clock, db
from leads.practice import Practice
from tests.workers.town import DESK, MOBILE, Town, everything, reconciled

MARIA = "+12065550142"
BACK_OFFICE = "+14255550103"


@pytest.fixture(autouse=True)
def in_turn(town: Town) -> None:
    """The desk, the back office, then the doctor's mobile, which asks for a key."""
    assert town
    with db.transaction() as session:
        Practice.get(session).ring_order = "in_turn"
        back = PracticePhone.add(session, BACK_OFFICE, "Back office", "desk", 15)
        assert back.move(session, -1)


def call(sid: str) -> Call:
    with db.transaction() as session:
        return session.scalars(select(Call).where(Call.sid == sid)).one()


def lead() -> Lead:
    with db.transaction() as session:
        return session.scalars(select(Lead)).one()


def legs(town: Town, sid: str) -> list[tuple[str, str]]:
    """Whom Twilio rang for this call, in order, and what came of it."""
    found = [row for row in town.listed("Calls") if row["parent_call_sid"] == sid]
    return [(row["to"], row["status"]) for row in reversed(found)]


def hangs_up_at_the_second_phone(town: Town) -> str:
    """It rings for long, so that a busy machine does not make the third one ring."""
    with db.transaction() as session:
        PracticePhone.ringing(session)[1].ring_seconds = 120
    return town.ring(MARIA, hangup_while="ringing", patience=70)


def test_each_has_its_turn_and_then_the_caller_hears_that_nobody_is_there(town: Town) -> None:
    sid = town.ring(MARIA, let_ring=True)
    assert legs(town, sid) == [
        (DESK, "no-answer"),
        (BACK_OFFICE, "no-answer"),
        (MOBILE, "no-answer"),
    ]
    assert call(sid).outcome == "missed"
    assert call(sid).prompt_heard_at is not None
    assert lead().needs_callback_since is not None
    with db.transaction() as session:
        assert session.scalars(select(FollowUp.plan)).all() == ["missed_call"]


@pytest.mark.parametrize(
    ("answer", "keys", "rung"), [(BACK_OFFICE, "", 2), (MOBILE, "1", 3)], ids=["desk", "mobile"]
)
def test_a_later_phone_takes_the_call_and_nobody_after_it_rings(
    town: Town, answer: str, keys: str, rung: int
) -> None:
    sid = town.ring(MARIA, answer=answer, answer_keys=keys, talk_seconds=40)
    assert [to for to, _ in legs(town, sid)] == [DESK, BACK_OFFICE, MOBILE][:rung]
    assert call(sid).outcome == "answered"
    assert lead().needs_callback_since is None


def test_the_mailbox_of_a_mobile_in_the_middle_hands_the_call_on(town: Town) -> None:
    with db.transaction() as session:
        mobile = session.scalars(select(PracticePhone).where(PracticePhone.e164 == MOBILE)).one()
        assert mobile.move(session, -1)
    sid = town.ring(MARIA, answer=MOBILE)  # it picks up and presses nothing
    assert [to for to, _ in legs(town, sid)] == [DESK, MOBILE, BACK_OFFICE]
    assert call(sid).outcome == "missed"


@pytest.mark.parametrize("told", [True, False], ids=["action asked", "action not asked"])
def test_hanging_up_at_the_second_phone_is_abandoned(town: Town, *, told: bool) -> None:
    if not told:
        town.fault("action_not_fired_on_hangup")
    sid = hangs_up_at_the_second_phone(town)
    assert [to for to, _ in legs(town, sid)] == [DESK, BACK_OFFICE]
    assert call(sid).outcome == "abandoned"
    assert lead().needs_callback_since is not None


def test_a_call_in_turn_whose_end_never_reached_us_is_found_as_it_was(town: Town) -> None:
    """We hear of the call and of the first phone, and then of nothing."""
    town.fault("action_not_fired_on_hangup")
    town.we_hear("/voice", "/voice/dial")
    sid = hangs_up_at_the_second_phone(town)
    assert call(sid).outcome == "ringing"
    assert reconciled().error is None
    assert call(sid).outcome == "abandoned", "who hung up at the second phone was not missed by it"
    before = everything()
    assert reconciled().error is None
    assert everything() == before


def test_a_blocked_caller_rings_nobody_and_is_known_to_everybody_alike(town: Town) -> None:
    with db.transaction() as session:
        blocking.block_number(session, MARIA, None, clock.now(session), "spam")
    sid = town.ring(MARIA, answer=DESK)
    assert legs(town, sid) == []
    assert call(sid).outcome == "blocked"
    assert call(sid).ended_at is not None
    before = everything()
    assert reconciled().error is None
    assert everything() == before, "reconciliation has nothing to add"


def test_a_blocked_call_that_never_reached_us_makes_no_row_and_no_text(town: Town) -> None:
    with db.transaction() as session:
        blocking.block_number(session, MARIA, None, clock.now(session), "spam")
    town.nobody_hears()
    sid = town.ring(MARIA, voicemail_seconds=5)
    town.text(MARIA, "Great rates on loans")
    town.we_hear()
    assert reconciled().error is None
    assert call(sid).outcome == "blocked"
    with db.transaction() as session:
        assert session.scalars(select(Lead)).all() == []
        assert session.scalars(select(FollowUp)).all() == []
