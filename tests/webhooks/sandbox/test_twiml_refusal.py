"""TwiML that Twilio would refuse ends the call with an application error that the log names."""

import inspect
import re

import pytest
from twilio.twiml import messaging_response, voice_response

from tests.webhooks.sandbox.sandbox_harness import DESK, VOICE, Answer, World, said, twiml
from webhooks.sandbox.twiml_rules import RULES

ELEVEN = "".join(f"<Number>+1425555010{n % 10}</Number>" for n in range(11))
REFUSED = {
    "not well-formed": (twiml("<Say>Hello"), 12100),
    "no Response": ("<Say>Hello</Say>", 12100),
    "doctype": ("<!DOCTYPE x><Response/>", 12100),
    "empty": ("", 12100),
    "json": (Answer("{}", content_type="application/json"), 12300),
    "no content type": (Answer(twiml(), content_type=""), 12300),
    "unknown element": (twiml("<Speak>Hello</Speak>"), 12200),
    "lower case": (twiml("<say>Hello</say>"), 12200),
    "another verb of Twilio": (twiml("<Enqueue>support</Enqueue>"), 12200),
    "unknown attribute": (twiml('<Say tone="low">Hello</Say>'), 12200),
    "attribute in snake case": (twiml('<Gather num_digits="1"/>'), 12200),
    "boolean": (twiml('<Record playBeep="yes"/>'), 12200),
    "number": (twiml('<Pause length="long"/>'), 12200),
    "dial timeout": (twiml(f'<Dial timeout="4">{DESK}</Dial>'), 12200),
    "event": (
        twiml(f'<Dial><Number statusCallbackEvent="begun">{DESK}</Number></Dial>'),
        12200,
    ),
    "address": (twiml('<Gather action="ftp://x/y"/>'), 12200),
    "nested wrongly": (twiml(f"<Gather><Dial>{DESK}</Dial></Gather>"), 12200),
    "noun on top": (twiml(f"<Number>{DESK}</Number>"), 12200),
    "text in a verb": (twiml("<Hangup>now</Hangup>"), 12200),
    "message in a call": (twiml("<Message>Hello</Message>"), 12200),
    "empty speech": (twiml("<Say> </Say>"), 13520),
    "long speech": (twiml(f"<Say>{'a' * 4097}</Say>"), 13520),
    "nobody dialled": (twiml("<Dial/>"), 13201),
    "not a number": (twiml("<Dial>the front desk</Dial>"), 13223),
    "eleven numbers": (twiml(f"<Dial>{ELEVEN}</Dial>"), 13200),
    "caller ID of a stranger": (
        twiml(f'<Dial callerId="+12125550199">{DESK}</Dial>'),
        13214,
    ),
    "64 kB": (twiml(f"<!-- {'x' * 66000} -->"), 11750),
    "redirects": (twiml(f"<Redirect>{VOICE}</Redirect>"), 12400),
    "not found": (Answer("none", status=404), 11200),
    "broken": (Answer(twiml(), status=500), 11200),
}


@pytest.mark.parametrize(("answer", "code"), REFUSED.values(), ids=REFUSED)
def test_a_refused_document_ends_the_call_with_an_application_error(
    world: World, answer: str | Answer, code: int
) -> None:
    world.answer(VOICE, answer)
    call = world.ring()
    assert call["error"]["code"] == code, call["error"]
    assert said(call)[-1].startswith("We are sorry, an application error")


def test_the_log_names_the_refused_document(world: World) -> None:
    world.answer(VOICE, twiml("<Speak/>"))
    call = world.ring()
    (entry,) = world.log("application_error")
    assert entry["sid"] == call["sid"]
    assert entry["error_code"] == 12200
    assert "<Speak>" in entry["error"]


ACCEPTED = {
    "nothing": twiml(),
    "speech markup": twiml('<Say>Hello <break strength="weak"/><emphasis>you</emphasis></Say>'),
    "a declaration and a comment": '<?xml version="1.0" encoding="UTF-8"?><!-- hi --><Response/>',
    "a number written by people": twiml('<Dial timeout="5">(425) 555-0100</Dial>'),
    "reject": twiml('<Reject reason="busy"/>'),
    "recording": twiml('<Start><Recording channels="dual"/></Start>', "<Say>Recorded.</Say>"),
    "play": twiml('<Play loop="2">https://example.com/hello.mp3</Play>', '<Play digits="12"/>'),
    "plain text": Answer("Read this aloud.", content_type="text/plain"),
    "html": Answer(twiml("<Say>Hello</Say>"), content_type="text/html; charset=utf-8"),
}


@pytest.mark.parametrize("answer", ACCEPTED.values(), ids=ACCEPTED)
def test_sound_documents_are_carried_out(world: World, answer: str | Answer) -> None:
    world.answer(VOICE, answer)
    call = world.ring(script={})
    assert call["error"] is None


@pytest.mark.parametrize(
    "whisper", [twiml(f"<Dial>{DESK}</Dial>"), twiml("<Record/>"), twiml("<Redirect>/x</Redirect>")]
)
def test_a_whisper_holds_prompts_alone(world: World, whisper: str) -> None:
    world.answer(VOICE, twiml(f'<Dial><Number url="/whisper">{DESK}</Number></Dial>'))
    world.answer("/whisper", whisper)
    call = world.ring(script={"answer": DESK})
    assert call["error"]["code"] == 12200
    assert call["legs"][0]["status"] == "completed"


def test_record_without_action_asks_the_same_address_again(world: World) -> None:
    answers = [twiml('<Record finishOnKey="#"/>'), twiml("<Say>Thank you.</Say>")]
    world.answer(VOICE, lambda _: answers.pop(0))
    sid = world.begin(speed=5)
    world.until(lambda: world.call(sid)["listening"] == "voicemail")
    world.api("POST", f"/calls/{sid}/speak", seconds=2)
    world.until(lambda: world.call(sid)["settled"])
    assert [("RecordingUrl" in params) for params in world.receiver.at(VOICE)] == [False, True]


def test_every_attribute_is_one_of_the_library() -> None:
    response, messaging = voice_response.VoiceResponse, messaging_response.MessagingResponse
    verbs = {
        "Say": response.say, "Play": response.play, "Pause": response.pause,
        "Gather": response.gather, "Dial": response.dial, "Record": response.record,
        "Redirect": response.redirect, "Hangup": response.hangup, "Reject": response.reject,
        "Start": response.start, "Number": voice_response.Dial.number,
        "Recording": voice_response.Start.recording, "Message": messaging.message,
    }  # fmt: skip
    texts = {"self", "kwargs", "message", "url", "number", "phone_number", "body"}
    for name, method in verbs.items():
        own = texts - ({"url"} if name == "Number" else set())
        wanted = set(inspect.signature(method).parameters) - own
        camel = {re.sub(r"_(\w)", lambda m: m[1].upper(), n.rstrip("_")) for n in wanted}
        assert set(RULES[name].attributes) == camel, name
