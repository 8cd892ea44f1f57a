"""Blocked numbers: turned away, kept, and nobody is told."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from leads import Call, Lead, Message, Phone, TimelineEntry, blocking, clock, db
from leads.desk import Refused
from tests.webhooks.caller import CLINIC, DESK_PHONE, MARIA, Twilio, call_fields
from tests.webhooks.rows import (
    count,
    dial_fields,
    end_fields,
    reminders,
    the_call,
    the_lead,
    verbs,
)
from webhooks import replay
from webhooks.app import app
from webhooks.routing import Routing


def block(e164: str = MARIA) -> int:
    with db.transaction() as session:
        return blocking.block_number(session, e164, None, clock.now(session), "spam")


def a_missed_call(twilio: Twilio, sid: str = "CA0") -> None:
    twilio.post("voice", call_fields(sid))
    twilio.post("voice/dial", dial_fields("no-answer", sid))
    twilio.post("voice/voicemail", call_fields(sid))
    twilio.post("voice/status", end_fields(sid=sid))


def text_fields(body: str, sid: str = "SM1") -> dict[str, str]:
    return {"MessageSid": sid, "From": MARIA, "To": CLINIC, "Body": body, "NumMedia": "0"}


def test_a_blocked_caller_is_turned_away_and_kept(twilio: Twilio) -> None:
    a_missed_call(twilio)
    block()
    before = the_lead()
    assert before.needs_callback_since is None, "blocking takes them off the list"
    assert {state for _, state in reminders()} == {"cancelled"}, "and drops what was planned"
    assert verbs(twilio.post("voice", call_fields("CA1")).text) == ["Reject"]
    twilio.post("voice/status", end_fields("busy"))
    call = the_call()
    assert (call.outcome, call.lead_id, call.stir) == (
        "blocked",
        before.id,
        "TN-Validation-Passed-A",
    )
    assert call.ended_at is not None
    after = the_lead()
    assert after.needs_callback_since is None
    assert after.last_activity_at == before.last_activity_at, "it is no sign of life"
    assert after.stage == "not_a_lead"
    assert {state for _, state in reminders()} == {"cancelled"}


def test_a_number_that_never_called_makes_no_lead(twilio: Twilio) -> None:
    block()
    assert verbs(twilio.post("voice", call_fields()).text) == ["Reject"]
    twilio.post("voice/status", end_fields("busy"))
    assert count(Lead) == 0
    assert the_call().phone_id is not None


@pytest.mark.parametrize("late", [False, True], ids=["in order", "status first"])
def test_either_order_of_events_gives_a_blocked_call(twilio: Twilio, late: bool) -> None:
    block()
    steps = [("voice", call_fields()), ("voice/status", end_fields("busy"))]
    for path, fields in reversed(steps) if late else steps:
        twilio.post(path, fields)
    assert the_call().outcome == "blocked"
    assert count(Lead) == 0


def test_their_texts_are_kept_and_nobody_is_told_but_a_stop_counts(twilio: Twilio) -> None:
    a_missed_call(twilio)
    block()
    before = the_lead()
    twilio.post("sms", text_fields("Buy now"))
    lead = the_lead()
    assert (lead.needs_callback_since, lead.last_text_in_at) == (None, None)
    assert lead.last_activity_at == before.last_activity_at
    with db.transaction() as session:
        assert session.scalars(select(Message.body)).all() == ["Buy now"]
        assert "text_in" in session.scalars(select(TimelineEntry.kind)).all()
    twilio.post("sms", text_fields("STOP", "SM2"))
    with db.transaction() as session:
        assert session.scalars(select(Phone)).one().opted_out_at is not None
    assert count(Message) == 2, "no confirmation goes to them"


def test_an_unblocked_caller_rings_again(twilio: Twilio) -> None:
    phone_id = block()
    twilio.post("voice", call_fields("CA0"))
    with db.transaction() as session:
        assert blocking.unblock(session, phone_id, None, clock.now(session))
        assert not blocking.unblock(session, phone_id, None, clock.now(session))
    assert verbs(twilio.post("voice", call_fields("CA1")).text) == ["Dial"]
    assert the_call("CA0").outcome == "blocked", "what was turned away stays so"
    assert the_call("CA1").lead_id == the_lead().id


def test_our_own_numbers_are_never_blocked(twilio: Twilio) -> None:
    assert twilio
    for number in (CLINIC, DESK_PHONE):
        with pytest.raises(Refused, match="own numbers"):
            block(number)
    with pytest.raises(Refused, match="withheld"):
        block("Anonymous")
    with pytest.raises(Refused, match="no phone number"):
        block("12")


def test_while_the_database_is_away_they_are_turned_away_from_memory(
    twilio: Twilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    block()
    app.state.heart.beat()
    reception = app.state.reception
    assert MARIA not in reception.routing_file.read_text(), "the file names nobody"
    remembered = Routing.load(reception.routing_file)
    assert remembered is not None
    assert remembered.turns_away(MARIA)
    reception.breaker.failed()
    monkeypatch.setattr(app.state.heart, "turn", lambda: None)
    assert verbs(twilio.post("voice", call_fields()).text) == ["Reject"]
    assert verbs(twilio.post("voice", call_fields("CA2", "+12065550199")).text) == ["Dial"]
    monkeypatch.undo()
    done = replay.spooled(reception.spool)
    assert done.failed == 0
    eventually_there(2)
    assert the_call().outcome == "blocked"
    assert the_call("CA2").outcome == "ringing"


def eventually_there(calls: int) -> None:
    deadline = time.monotonic() + 10
    while count(Call) < calls and time.monotonic() < deadline:
        time.sleep(0.05)
    assert count(Call) == calls


def test_a_phone_that_rang_from_memory_all_the_same_counts_as_answered(twilio: Twilio) -> None:
    """Blocked a moment after our memory was read: the phones rang, and somebody took it."""
    a_missed_call(twilio)
    rung = twilio.post("voice", call_fields("CA1"))
    assert verbs(rung.text) == ["Dial"]
    block()
    taken = dial_fields("completed", DialCallDuration="40", DialBridged="true")
    assert verbs(twilio.post("voice/dial", taken).text) == ["Hangup"]
    assert the_call("CA1").outcome == "answered"
    assert the_call("CA1").started_at > the_call("CA0").started_at - timedelta(days=1)
