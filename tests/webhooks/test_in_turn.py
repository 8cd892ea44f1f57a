"""Phones that ring one after the other: the call is missed only after the last of them."""

import itertools
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from leads import PracticePhone, WebhookEvent, clock, db
from leads.practice import Practice
from tests.webhooks.caller import DESK_PHONE, MARIA, Twilio, call_fields, leg_fields
from tests.webhooks.rows import count, dial_fields, end_fields, reminders, the_call, the_lead, verbs
from webhooks.app import app

BACK_OFFICE = "+14255550101"
MOBILE = "+14255550102"


@pytest.fixture(autouse=True)
def three_in_turn(twilio: Twilio) -> list[int]:
    """The front desk, the back office, and the doctor's mobile, one after the other."""
    assert twilio
    with db.transaction() as session:
        Practice.get(session).ring_order = "in_turn"
        first = PracticePhone.ringing(session)[0]
        second = PracticePhone.add(session, BACK_OFFICE, "Back office", "desk", 15)
        third = PracticePhone.add(session, MOBILE, "Doctor", "mobile", 25)
        return [first.id, second.id, third.id]


def rung(xml: str) -> tuple[list[str], str, str]:
    """Which phones ring, for how long, and who is told of the result."""
    dial = ET.fromstring(xml)[0]  # noqa: S314 - our own answer
    assert dial.tag == "Dial"
    action = dial.attrib["action"].removeprefix("https://calls.example.com/webhooks/twilio/")
    return [number.text or "" for number in dial], dial.attrib["timeout"], action


def gave_up(leg: str, status: str = "no-answer", **more: str) -> dict[str, str]:
    return dial_fields(status, DialCallSid=leg, **more)


def test_each_phone_has_its_turn_and_then_nobody_is_there(
    twilio: Twilio, three_in_turn: list[int]
) -> None:
    one, two, three = three_in_turn
    first = rung(twilio.post("voice", call_fields()).text)
    assert first == ([DESK_PHONE], "20", f"voice/dial?after={one}")
    second = rung(twilio.post(first[2], gave_up("CAone")).text)
    assert second == ([BACK_OFFICE], "15", f"voice/dial?after={two}")
    assert the_call().outcome == "ringing", "nobody has missed it yet"
    assert the_call().dial_status is None
    third = rung(twilio.post(second[2], gave_up("CAtwo")).text)
    assert third == ([MOBILE], "25", f"voice/dial?after={three}")
    assert the_call().outcome == "ringing"
    prompt = twilio.post(third[2], gave_up("CAthree")).text
    assert verbs(prompt) == ["Gather", "Redirect"]
    assert the_call().outcome == "missed"
    assert the_lead().needs_callback_since is not None
    twilio.post("voice/voicemail", call_fields())
    twilio.post("voice/status", end_fields())
    assert [state for _, state in reminders()] == ["scheduled"] * 3


def test_a_redelivered_result_rings_the_same_phone_again(
    twilio: Twilio, three_in_turn: list[int]
) -> None:
    """The same words of two phones are two results; of one phone, one."""
    one, two, _ = three_in_turn
    twilio.post("voice", call_fields())
    first = twilio.post(f"voice/dial?after={one}", gave_up("CAone")).text
    assert twilio.post(f"voice/dial?after={one}", gave_up("CAone")).text == first
    assert rung(twilio.post(f"voice/dial?after={two}", gave_up("CAtwo")).text)[0] == [MOBILE]
    assert count(WebhookEvent) == 3


def test_the_second_phone_takes_the_call(twilio: Twilio, three_in_turn: list[int]) -> None:
    one, two, _ = three_in_turn
    twilio.post("voice", call_fields())
    twilio.post(f"voice/dial?after={one}", gave_up("CAone"))
    leg = leg_fields("CAtwo", "CA1", BACK_OFFICE, "in-progress")
    twilio.post(f"voice/leg?phone={two}&call=CA1", leg)
    assert the_call().outcome == "answered"
    done = gave_up("CAtwo", "completed", DialBridged="true", DialCallDuration="31")
    assert verbs(twilio.post(f"voice/dial?after={two}", done).text) == ["Hangup"]
    twilio.post("voice/status", end_fields())
    assert (the_call().outcome, the_call().talk_seconds) == ("answered", 31)
    assert the_call().dial_status == "completed"
    assert the_lead().needs_callback_since is None


def test_a_bridged_desk_phone_is_an_answer_also_without_its_own_events(
    twilio: Twilio, three_in_turn: list[int]
) -> None:
    """A mobile rings, too, but not this time: the result names the phone."""
    one, _, _ = three_in_turn
    twilio.post("voice", call_fields())
    done = gave_up("CAone", "completed", DialBridged="true", DialCallDuration="12")
    assert verbs(twilio.post(f"voice/dial?after={one}", done).text) == ["Hangup"]
    assert the_call().outcome == "answered"


def test_a_mailbox_of_a_mobile_hands_the_call_on(twilio: Twilio, three_in_turn: list[int]) -> None:
    _, two, three = three_in_turn
    with db.transaction() as session:
        mobile = session.get_one(PracticePhone, three)
        assert mobile.move(session, -1)
        assert [phone.e164 for phone in PracticePhone.ringing(session)] == [
            DESK_PHONE,
            MOBILE,
            BACK_OFFICE,
        ]
    twilio.post("voice", call_fields())
    picked_up = leg_fields("CAmobile", "CA1", MOBILE, "in-progress")
    whisper = twilio.post(f"voice/whisper?phone={three}&call=CA1", picked_up)
    assert verbs(whisper.text) == ["Gather", "Hangup"]
    done = gave_up("CAmobile", "completed", DialBridged="false", DialCallDuration="9")
    following = rung(twilio.post(f"voice/dial?after={three}", done).text)
    assert following[0] == [BACK_OFFICE]
    assert the_call().outcome == "ringing"
    twilio.post(f"voice/dial?after={two}", gave_up("CAtwo"))
    assert the_call().outcome == "missed"


def test_hanging_up_while_the_second_phone_rings_is_abandoned(
    twilio: Twilio, three_in_turn: list[int]
) -> None:
    one, two, _ = three_in_turn
    twilio.post("voice", call_fields())
    twilio.post(f"voice/dial?after={one}", gave_up("CAone"))
    answer = twilio.post(f"voice/dial?after={two}", gave_up("CAtwo", "canceled")).text
    assert "Dial" not in verbs(answer), "nobody is rung for a caller who has gone"
    twilio.post("voice/status", end_fields("no-answer"))
    assert the_call().outcome == "abandoned"


def test_any_order_of_the_results_gives_the_same_outcome(
    twilio: Twilio, three_in_turn: list[int]
) -> None:
    results = [
        (f"voice/dial?after={phone_id}", gave_up(f"CA{phone_id}leg")) for phone_id in three_in_turn
    ]
    for number, order in enumerate(itertools.permutations([*results, ("voice/status", None)])):
        sid = f"CA{number}x"
        same = {"CallSid": sid, "From": f"+1206555{1000 + number}"}
        twilio.post("voice", call_fields() | same)
        for path, fields in order:
            twilio.post(path, (fields or end_fields()) | same)
        assert the_call(sid).outcome == "missed", order


def test_a_phone_retired_between_turns_is_passed_over(
    twilio: Twilio, three_in_turn: list[int]
) -> None:
    one, two, _ = three_in_turn
    twilio.post("voice", call_fields())
    with db.transaction() as session:
        now = clock.now(session)
        for phone_id in (one, two):
            session.get_one(PracticePhone, phone_id).retired_at = now
    assert rung(twilio.post(f"voice/dial?after={one}", gave_up("CAone")).text)[0] == [MOBILE]


def test_a_second_call_of_theirs_long_after_the_first_began_is_no_loop_for_good(
    twilio: Twilio, three_in_turn: list[int]
) -> None:
    """Our own leg comes back while the third phone rings, 35 seconds after the call came."""
    one, two, _ = three_in_turn
    twilio.post("voice", call_fields())
    twilio.post(f"voice/dial?after={one}", gave_up("CAone"))
    twilio.post(f"voice/dial?after={two}", gave_up("CAtwo"))
    with db.transaction() as session:
        clock.advance(session, timedelta(seconds=45))
    back = twilio.post("voice", call_fields("CA2", MARIA, ForwardedFrom=MOBILE))
    assert verbs(back.text) == ["Gather", "Redirect"], "it is recognised as ours"
    assert the_call().looped_at is not None


def test_in_an_outage_all_ring_together_and_the_rest_do_when_it_begins_midway(
    twilio: Twilio, three_in_turn: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _, _ = three_in_turn
    app.state.heart.beat()
    twilio.post("voice", call_fields())
    monkeypatch.setattr(app.state.heart, "turn", lambda: None)
    app.state.reception.breaker.failed()
    together = rung(twilio.post("voice", call_fields("CA2", "+12065550199")).text)
    assert together == ([DESK_PHONE, BACK_OFFICE, MOBILE], "25", "voice/dial")
    rest = rung(twilio.post(f"voice/dial?after={one}", gave_up("CAone")).text)
    assert rest == ([BACK_OFFICE, MOBILE], "25", "voice/dial")
