"""Calls back by click, from the row that the desk writes to the end of the talk: a real sandbox,
real webhooks, the worker's own code."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from leads import (
    Call,
    FollowUp,
    Lead,
    OutboundCall,
    PracticePhone,
    TimelineEntry,
    clock,
    db,
    outbound_call,
)
from leads.desk import Refused
from leads.staff import add_staff
from tests.workers.town import CLINIC, DESK, MOBILE, Town
from webhooks import delivery
from workers import calling

MARIA = "+12065550142"


def missed(town: Town, caller: str = MARIA) -> int:
    """Somebody who needs a call; the lead's id."""
    town.ring(caller)
    with db.transaction() as session:
        return session.scalars(select(Lead.id).order_by(Lead.id.desc()).limit(1)).one()


def hire(name: str, phone: str | None = DESK) -> int:
    with db.transaction() as session:
        staff = add_staff(session, f"{name.lower()}@clinic.example", "front_desk", None, name)
        rings = PracticePhone.find(session, phone) if phone else None
        staff.rings_on_id = rings.id if rings else None
        return staff.id


def click(lead_id: int, staff_id: int) -> int:
    with db.transaction() as session:
        lead = session.get_one(Lead, lead_id)
        return outbound_call.ask(session, lead, staff_id, clock.now(session)).id


def place() -> None:
    """What the worker's thread does at a notice."""
    for each in calling.take():
        calling.place(each, time.time())


def until(holds: Callable[[], Any], seconds: float = 15) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
    return found


def out(town: Town) -> list[dict[str, Any]]:
    """Calls that were made for us, the newest first."""
    calls = town.client.get("/sandbox/api/calls").raise_for_status().json()
    return [call for call in calls if call["direction"] == "outbound-api"]


def act(town: Town, sid: str, what: str, **body: Any) -> None:
    def done() -> bool:
        return bool(town.client.post(f"/sandbox/api/calls/{sid}/{what}", json=body).is_success)

    until(done)


def over(town: Town, sid: str) -> dict[str, Any]:
    shown = town.client.get(f"/sandbox/api/calls/{sid}?wait=20").raise_for_status().json()
    assert shown["settled"]
    return dict(shown)


def the_call(sid: str) -> Call:
    with db.transaction() as session:
        return session.scalars(select(Call).where(Call.sid == sid)).one()


def lead_of(lead_id: int) -> Lead:
    with db.transaction() as session:
        return session.get_one(Lead, lead_id)


def told(lead_id: int) -> list[str]:
    """Of the timeline, what it says of calls by us."""
    with db.transaction() as session:
        return list(
            session.scalars(
                select(TimelineEntry.text)
                .where(TimelineEntry.lead_id == lead_id, TimelineEntry.kind.startswith("call_out"))
                .order_by(TimelineEntry.id)
            )
        )


def row(id_: int) -> OutboundCall:
    with db.transaction() as session:
        return session.get_one(OutboundCall, id_)


def clicked_ago(by: timedelta) -> None:
    with db.transaction() as session:
        session.execute(
            update(OutboundCall).values(
                wanted_at=OutboundCall.wanted_at - by, posted_at=OutboundCall.posted_at - by
            )
        )


def manner(town: Town, **how: Any) -> None:
    """How the calls go that are made for us."""
    town.client.put("/sandbox/api/outgoing", json={"speed": 4, **how}).raise_for_status()


@pytest.fixture
def quick(town: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    # On a busy machine a request may take longer than a caller is made to wait.
    monkeypatch.setattr(delivery, "CALLERS_PATIENCE", delivery.PATIENCE)
    manner(town)
    return town


def test_own_phone_rings_first_and_they_see_the_clinics_number(quick: Town) -> None:
    lead_id, anna = missed(quick), hire("Anna")
    click(lead_id, anna)
    place()
    [call] = out(quick)
    assert (call["to"], call["from"]) == (DESK, CLINIC)
    assert call["legs"] == [], "nobody outside rings before it is picked up"
    act(quick, call["sid"], "answer", leg=0)
    act(quick, call["sid"], "answer", leg=MARIA)
    until(lambda: the_call(call["sid"]).outcome == "answered")
    lead = lead_of(lead_id)
    assert lead.needs_callback_since is None
    assert lead.stage == "contacted"
    with db.transaction() as session:
        [run] = session.scalars(select(FollowUp))
        assert run.end_reason == "contacted"
    act(quick, call["sid"], "hangup", by="callee")
    [leg] = over(quick, call["sid"])["legs"]
    assert (leg["to"], leg["from"]) == (MARIA, CLINIC)
    made = the_call(call["sid"])
    assert (made.direction, made.staff_id, made.lead_id) == ("outbound", anna, lead_id)
    until(lambda: the_call(call["sid"]).ended_at)
    assert told(lead_id) == ["Calling back: Front desk rings first.", "Rang them: they answered."]


def test_no_answer_keeps_the_row_and_says_so(quick: Town) -> None:
    manner(quick, speed=10)
    lead_id, anna = missed(quick), hire("Anna")
    click(lead_id, anna)
    place()
    [call] = out(quick)
    act(quick, call["sid"], "answer", leg=0)
    shown = over(quick, call["sid"])
    assert [leg["status"] for leg in shown["legs"]] == ["no-answer"]
    assert the_call(call["sid"]).outcome == "no_answer"
    lead = lead_of(lead_id)
    assert lead.needs_callback_since is not None
    assert lead.claimed_until is None, "whoever tries next may"
    assert told(lead_id)[-1] == "Rang them: no answer."


def test_a_phone_that_nobody_picks_up_calls_nobody(quick: Town) -> None:
    manner(quick, speed=50)
    lead_id, anna = missed(quick), hire("Anna")
    click(lead_id, anna)
    place()
    [call] = out(quick)
    assert over(quick, call["sid"])["legs"] == []
    assert the_call(call["sid"]).outcome == "not_dialled"
    assert told(lead_id)[-1] == "Not called: nobody took the call at Front desk."
    assert lead_of(lead_id).needs_callback_since is not None


def test_the_mailbox_of_a_mobile_calls_nobody(quick: Town) -> None:
    lead_id, doctor = missed(quick), hire("Doctor", MOBILE)
    click(lead_id, doctor)
    place()
    [call] = out(quick)
    act(quick, call["sid"], "answer", leg=0)  # and presses nothing
    shown = over(quick, call["sid"])
    said = [entry["text"] for entry in shown["transcript"] if entry["what"] == "said"]
    assert len(said) == 1
    assert "press 1" in said[0]
    assert MARIA not in said[0]
    assert shown["legs"] == []
    assert the_call(call["sid"]).outcome == "not_dialled"
    assert lead_of(lead_id).needs_callback_since is not None


def test_a_mobile_is_connected_by_a_key(quick: Town) -> None:
    lead_id, doctor = missed(quick), hire("Doctor", MOBILE)
    click(lead_id, doctor)
    place()
    [call] = out(quick)
    act(quick, call["sid"], "answer", leg=0)
    until(lambda: quick.client.get(f"/sandbox/api/calls/{call['sid']}").json()["listening"])
    act(quick, call["sid"], "keys", digits="1")
    act(quick, call["sid"], "answer", leg=MARIA)
    until(lambda: the_call(call["sid"]).outcome == "answered")
    act(quick, call["sid"], "hangup", by="caller")
    over(quick, call["sid"])


def test_two_clicks_are_one_call_and_a_colleague_hears_who_calls(quick: Town) -> None:
    lead_id, anna, rosa = missed(quick), hire("Anna"), hire("Rosa")
    first = click(lead_id, anna)
    assert click(lead_id, anna) == first
    place()
    assert click(lead_id, anna) == first
    place()
    [call] = out(quick)
    with pytest.raises(Refused, match="Anna is calling them right now"):
        click(lead_id, rosa)
    act(quick, call["sid"], "hangup", by="caller")
    over(quick, call["sid"])
    until(lambda: the_call(call["sid"]).outcome == "not_dialled")
    assert click(lead_id, rosa) != first, "nobody was dialled, so nobody has them"
    with pytest.raises(Refused, match="Rosa is calling them right now"):
        click(lead_id, anna)


def test_a_call_back_that_is_forwarded_to_our_own_voicemail_is_nobody(quick: Town) -> None:
    manner(quick, forward={DESK: CLINIC})
    lead_id, anna = missed(quick), hire("Anna")
    click(lead_id, anna)
    place()
    [call] = out(quick)
    assert over(quick, call["sid"])["legs"] == [], "our own voicemail did not pick up"
    until(lambda: the_call(call["sid"]).outcome == "not_dialled")
    with db.transaction() as session:
        assert len(session.scalars(select(Lead)).all()) == 1


def test_who_rings_at_the_same_moment_is_a_call_of_its_own(quick: Town) -> None:
    lead_id, anna = missed(quick), hire("Anna")
    click(lead_id, anna)
    place()
    [call] = out(quick)
    act(quick, call["sid"], "answer", leg=0)
    until(lambda: the_call(call["sid"]).dialled_at)
    theirs = quick.ring(MARIA, answer=DESK, talk_seconds=5)
    assert the_call(theirs).outcome == "answered"
    assert the_call(theirs).looped_at is None
    act(quick, call["sid"], "hangup", by="caller")
    over(quick, call["sid"])
