"""Texts from phones: what Twilio answers by itself, and whom it no longer lets us text."""

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.webhooks.sandbox.sandbox_harness import MARIA, OURS, TEXT, Answer, World, twiml


def _send(world: World) -> None:
    world.twilio.messages.create(to=MARIA, from_=OURS, body="Hello")


def _bodies(world: World) -> list[str]:
    return [t["body"] for t in world.api("GET", f"/phones/{MARIA}/texts") if t["to"] == MARIA]


def test_a_text_becomes_a_signed_webhook(world: World) -> None:
    sid = world.text("Can I come at 3?")
    world.until(lambda: bool(world.receiver.received))
    (request,) = world.receiver.received
    assert request.signed
    assert request.path == TEXT
    assert request.params["MessageSid"] == request.params["SmsSid"] == sid
    assert request.params["SmsMessageSid"] == sid
    assert request.params["Body"] == "Can I come at 3?"
    assert request.params["NumMedia"] == "0"
    assert request.params["FromState"] == "WA"


def test_media_are_named_in_the_webhook(world: World) -> None:
    media = [{"url": "http://127.0.0.1:8002/x.jpg"}]
    world.api("POST", "/texts", **{"from": MARIA, "to": OURS, "body": "", "media": media})
    world.until(lambda: bool(world.receiver.received))
    params = world.receiver.received[0].params
    assert params["NumMedia"] == "1"
    assert params["MediaUrl0"].endswith("/x.jpg")
    assert params["MediaContentType0"] == "image/jpeg"


@pytest.mark.parametrize("word", ["STOP", "stop", " Unsubscribe ", "END", "quit", "OPTOUT"])
def test_a_stop_word_is_answered_blocks_and_still_fires(world: World, word: str) -> None:
    world.text(word)
    world.until(lambda: bool(world.receiver.received))
    assert world.receiver.received[0].params["Body"] == word
    assert _bodies(world)[0].startswith("You have successfully been unsubscribed.")
    with pytest.raises(TwilioRestException) as refusal:
        _send(world)
    assert refusal.value.code == 21610
    world.text(word)
    assert len(_bodies(world)) == 1


@pytest.mark.parametrize("words", ["stop please", "please stop", "STOP!", "can I cancel?"])
def test_a_phrase_does_not_block(world: World, words: str) -> None:
    world.text(words)
    _send(world)
    world.until(lambda: _bodies(world) == ["Hello"])


def test_start_lifts_it(world: World) -> None:
    world.text("STOP")
    world.text("START")
    _send(world)
    world.until(lambda: len(_bodies(world)) == 3)
    assert "re-subscribed" in _bodies(world)[1]


def test_help_is_answered(world: World) -> None:
    world.text("HELP")
    assert _bodies(world) == ["Reply STOP to unsubscribe. Msg&Data Rates May Apply."]


def test_a_stop_to_one_number_leaves_another_free(world: World) -> None:
    world.text("STOP")
    world.twilio.messages.create(to=MARIA, from_="+14254379975", body="From another number")


def test_a_toll_free_number_stops_at_stop_alone(world: World) -> None:
    world.text("QUIT", to="+18335550100")
    world.twilio.messages.create(to=MARIA, from_="+18335550100", body="Hello")
    world.text("STOP", to="+18335550100")
    with pytest.raises(TwilioRestException):
        world.twilio.messages.create(to=MARIA, from_="+18335550100", body="Hello")


@pytest.mark.parametrize(
    ("answer", "replies"),
    [
        (Answer(""), []),
        (Answer("", status=204), []),
        (twiml(), []),
        (twiml("<Message>Thank you.</Message>"), ["Thank you."]),
        (twiml("<Message><Body>Thank you.</Body></Message>"), ["Thank you."]),
        (Answer("OK", content_type="text/plain"), ["OK"]),
        (twiml("<Say>Thank you.</Say>"), None),
        (Answer("<Response>", content_type="text/xml"), None),
        (Answer("{}", content_type="application/json"), None),
        (Answer("down", status=503), None),
    ],
)
def test_an_answer_to_a_text_is_carried_out_or_refused(
    world: World, answer: str | Answer, replies: list[str] | None
) -> None:
    world.answer(TEXT, answer)
    world.text("Hello")
    world.until(lambda: bool(world.log("webhook")))
    if replies is None:
        world.until(lambda: bool(world.log("application_error")))
    else:
        world.until(lambda: _bodies(world) == replies)
        assert world.log("application_error") == []
