"""Calls from dialling to the final status, as a caller, a phone and our webhooks see them."""

import pytest

from tests.webhooks.sandbox.sandbox_harness import (
    DESK,
    EMPTY,
    MARIA,
    MOBILE,
    OURS,
    STATUS,
    VOICE,
    World,
    said,
    twiml,
)

DIAL = f'<Dial action="/dial" timeout="20"><Number>{DESK}</Number></Dial>'


def test_a_missed_call_asks_for_the_prompt_and_ends_with_one_signed_final_status(
    world: World,
) -> None:
    world.answer(VOICE, twiml(DIAL))
    world.answer("/dial", twiml("<Say>Sorry we missed you.</Say>"))
    call = world.ring(script={"let_ring": True})
    dialled = world.receiver.at("/dial")[0]
    assert dialled["DialCallStatus"] == "no-answer"
    assert dialled["DialBridged"] == "false"
    assert dialled["CallStatus"] == "in-progress"
    assert said(call) == ["Sorry we missed you."]
    (final,) = world.receiver.at(STATUS)
    assert final["CallStatus"] == "completed"
    assert int(final["CallDuration"]) >= 20
    assert final["Duration"] == "1"
    assert all(request.signed for request in world.receiver.received)


def test_the_first_webhook_says_where_the_caller_seems_to_be(world: World) -> None:
    world.ring(caller_name="MARIA LOPEZ", forwarded_from="+14255550100")
    first = world.receiver.at(VOICE)[0]
    assert first["From"] == first["Caller"] == MARIA
    assert first["To"] == first["Called"] == OURS
    assert first["CallStatus"] == "ringing"
    assert first["FromCity"] == first["CallerCity"] == "BELLEVUE"
    assert first["CallerName"] == "MARIA LOPEZ"
    assert first["ForwardedFrom"] == "+14255550100"
    assert first["StirVerstat"] == "TN-Validation-Passed-A"


def test_a_withheld_caller_has_no_geography(world: World) -> None:
    world.ring(from_="+266696687")
    first = world.receiver.at(VOICE)[0]
    assert first["FromCity"] == first["FromCountry"] == ""


def test_a_desk_phone_is_connected_when_it_is_picked_up(world: World) -> None:
    world.answer(VOICE, twiml(DIAL))
    call = world.ring(script={"answer": DESK, "answer_after": 4, "talk_seconds": 30})
    dialled = world.receiver.at("/dial")[0]
    assert dialled["DialCallStatus"] == "completed"
    assert dialled["DialBridged"] == "true"
    assert 30 <= int(dialled["DialCallDuration"]) <= 60  # each real second is twenty here
    (leg,) = call["legs"]
    assert dialled["DialCallSid"] == leg["sid"]
    assert leg["status"] == "completed"


def test_legs_report_their_own_progress(world: World) -> None:
    world.answer(
        VOICE,
        twiml(
            f'<Dial action="/dial" timeout="10"><Number statusCallback="/leg?phone=1"'
            f' statusCallbackEvent="initiated ringing answered completed">{DESK}</Number>'
            f"<Number>{MOBILE}</Number></Dial>"
        ),
    )
    call = world.ring(script={"answer": DESK, "answer_after": 2})
    steps = world.receiver.at("/leg")
    assert [s["CallStatus"] for s in steps] == ["initiated", "ringing", "in-progress", "completed"]
    assert [s["SequenceNumber"] for s in steps] == ["0", "1", "2", "3"]
    desk, mobile = call["legs"]
    assert {s["CallSid"] for s in steps} == {desk["sid"]}
    assert {s["ParentCallSid"] for s in steps} == {call["sid"]}
    assert steps[0]["To"] == DESK
    assert mobile["status"] == "canceled"


WHISPERED = twiml(
    f'<Dial action="/dial" timeout="10"><Number url="/whisper">{MOBILE}</Number></Dial>'
)
WHISPER = twiml(
    '<Gather numDigits="1" action="/accept"><Say>Press 1 to take this call.</Say></Gather>',
    "<Hangup/>",
)


def _accept(params: dict[str, str]) -> str:
    return EMPTY if params["Digits"] == "1" else twiml("<Hangup/>")


def test_a_mobile_is_connected_by_its_key(world: World) -> None:
    world.answer(VOICE, WHISPERED)
    world.answer("/whisper", WHISPER)
    world.answer("/accept", _accept)
    call = world.ring(script={"answer": MOBILE, "answer_keys": "1"})
    accept = world.receiver.at("/accept")[0]
    assert accept["ParentCallSid"] == call["sid"]
    assert accept["Digits"] == "1"
    assert world.receiver.at("/dial")[0]["DialBridged"] == "true"


@pytest.mark.parametrize("keys", ["", "2"])
def test_a_mailbox_or_another_key_is_not_connected(world: World, keys: str) -> None:
    world.answer(VOICE, WHISPERED)
    world.answer("/whisper", WHISPER)
    world.answer("/accept", _accept)
    world.ring(script={"answer": MOBILE, "answer_keys": keys})
    dialled = world.receiver.at("/dial")[0]
    assert dialled["DialCallStatus"] == "completed"
    assert dialled["DialBridged"] == "false"


def test_a_caller_who_hangs_up_while_it_rings_is_told_to_the_action(world: World) -> None:
    world.answer(VOICE, twiml(DIAL))
    call = world.ring(script={"hangup_while": "ringing", "patience": 3})
    dialled = world.receiver.at("/dial")[0]
    assert dialled["DialCallStatus"] == "canceled"
    assert dialled["CallStatus"] == "completed"
    assert call["hung_up_by"] == "caller"
    assert len(world.receiver.at(STATUS)) == 1


def test_a_caller_who_leaves_before_an_answer_has_no_completed_call(world: World) -> None:
    world.answer(VOICE, twiml(DIAL.replace("<Dial", '<Dial answerOnBridge="true"')))
    call = world.ring(script={"hangup_while": "ringing"})
    assert call["status"] == "no-answer"
    assert world.receiver.at(STATUS)[0]["CallStatus"] == "no-answer"


VOICEMAIL = (
    '<Record action="/recorded" recordingStatusCallback="/recording" transcribe="true"'
    ' transcribeCallback="/transcription" maxLength="120"/>'
)


def test_a_voicemail_gives_its_recording_and_transcription(world: World) -> None:
    world.answer(VOICE, twiml("<Say>Leave a message.</Say>", VOICEMAIL))
    call = world.ring(script={"voicemail_seconds": 12, "voicemail_text": "It is Maria."})
    (recorded,) = world.receiver.at("/recorded")
    assert recorded["Digits"] == "hangup"
    assert 12 <= int(recorded["RecordingDuration"]) <= 16  # begun seconds count
    (recording,) = world.receiver.at("/recording")
    assert recording["RecordingStatus"] == "completed"
    assert recording["RecordingSid"] == recorded["RecordingSid"]
    (transcription,) = world.receiver.at("/transcription")
    assert transcription["TranscriptionText"] == "It is Maria."
    assert call["hung_up_by"] == "caller"


def test_a_caller_who_says_nothing_leaves_no_recording(world: World) -> None:
    world.answer(VOICE, twiml(VOICEMAIL, "<Say>Goodbye.</Say>"))
    call = world.ring(script={"hangup_after_prompt": False})
    assert world.receiver.at("/recorded") == []
    assert said(call) == ["Goodbye."]


def test_keys_pressed_in_a_prompt_cut_it_short(world: World) -> None:
    prompt = "<Say>" + "To decline texts, press 2. " * 20 + "</Say>"
    world.answer(VOICE, twiml(f'<Gather numDigits="1" action="/choice">{prompt}</Gather>'))
    call = world.ring(speed=20, script={"keys": ["2"]})
    assert world.receiver.at("/choice")[0]["Digits"] == "2"
    assert call["duration"] < 10


def test_an_unanswered_prompt_falls_through(world: World) -> None:
    world.answer(
        VOICE,
        twiml(
            '<Gather numDigits="1" action="/choice"><Say>Press 2.</Say></Gather>',
            "<Redirect>/voicemail</Redirect>",
        ),
    )
    world.answer("/voicemail", twiml("<Say>Speak now.</Say>"))
    call = world.ring()
    assert world.receiver.at("/choice") == []
    assert said(call) == ["Press 2.", "Speak now."]


def test_step_by_step_play(world: World) -> None:
    world.answer(VOICE, twiml(DIAL))
    sid = world.begin(speed=1)
    world.until(lambda: bool(world.call(sid)["legs"]))
    world.api("POST", f"/calls/{sid}/answer", leg=DESK)
    world.until(lambda: world.call(sid)["listening"] == "talk")
    world.api("POST", f"/calls/{sid}/hangup", by="callee")
    world.until(lambda: world.call(sid)["settled"])
    assert world.receiver.at("/dial")[0]["DialBridged"] == "true"


def test_a_desk_phone_that_forwards_back_makes_a_second_call(world: World) -> None:
    def voice(params: dict[str, str]) -> str:
        if params.get("ForwardedFrom") == DESK:
            return twiml("<Say>A loop: leave a message.</Say>")
        return twiml(DIAL)

    world.answer(VOICE, voice)
    call = world.ring(forward={DESK: OURS}, script={})
    second = world.receiver.at(VOICE)[1]
    assert second["From"] == MARIA
    assert second["CallSid"] != call["sid"]
    assert world.receiver.at("/dial")[0]["DialCallStatus"] == "completed"
