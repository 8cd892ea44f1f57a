"""The REST API as Twilio's own Python library sees it."""

import io
import wave
from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.webhooks.sandbox.sandbox_harness import (
    ACCOUNT,
    DESK,
    MARIA,
    OURS,
    TOKEN,
    VOICE,
    HostRewriter,
    World,
    twiml,
)
from webhooks.sandbox.audio import MP3_FRAME


def test_a_text_is_queued_sent_and_delivered_with_signed_callbacks(world: World) -> None:
    callback = f"{world.receiver.public_url}/sms/status?message=7"
    sent = world.twilio.messages.create(
        to=MARIA, from_=OURS, body="Hello Maria", status_callback=callback, validity_period=3600
    )
    assert sent.status == "queued"
    assert sent.num_segments == "1"
    assert sent.error_code is None
    world.until(lambda: len(world.receiver.received) == 3)
    statuses = [request.params["MessageStatus"] for request in world.receiver.received]
    assert statuses == ["sending", "sent", "delivered"]
    assert all(request.signed for request in world.receiver.received)
    assert all(request.path == "/sms/status?message=7" for request in world.receiver.received)
    fetched = world.twilio.messages(sent.sid).fetch()
    assert fetched.status == "delivered"
    assert fetched.date_sent is not None
    (text,) = world.api("GET", f"/phones/{MARIA}/texts")
    assert text["body"] == "Hello Maria"


def test_a_messaging_service_accepts_first_and_chooses_the_number(world: World) -> None:
    sent = world.twilio.messages.create(
        to=MARIA, messaging_service_sid="MG" + "3" * 32, body="Hello"
    )
    assert sent.status == "accepted"
    assert sent.from_ == OURS


def test_a_phone_that_takes_no_texts_leaves_them_undelivered(world: World) -> None:
    world.api("PUT", f"/phones/{MARIA}", error_code=30006)
    callback = f"{world.receiver.public_url}/sms/status"
    sent = world.twilio.messages.create(
        to=MARIA, from_=OURS, body="Hello", status_callback=callback
    )
    world.until(lambda: len(world.receiver.received) == 3)
    assert world.receiver.received[-1].params["MessageStatus"] == "undelivered"
    assert world.receiver.received[-1].params["ErrorCode"] == "30006"
    assert world.twilio.messages(sent.sid).fetch().error_code == 30006
    assert world.api("GET", f"/phones/{MARIA}/texts") == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"to": "+1425", "from_": OURS, "body": "x"}, 21211),
        ({"to": "anonymous", "from_": OURS, "body": "x"}, 21211),
        ({"to": "+266696687", "from_": OURS, "body": "x"}, 21211),
        ({"to": MARIA, "from_": "nobody", "body": "x"}, 21212),
        ({"to": MARIA, "from_": MARIA, "body": "x"}, 21266),
        ({"to": MARIA, "body": "x"}, 21603),
        ({"to": MARIA, "from_": OURS}, 21602),
        ({"to": MARIA, "from_": OURS, "body": "x" * 1601}, 21617),
        ({"to": MARIA, "from_": OURS, "body": "x", "status_callback": "nowhere"}, 21609),
        ({"to": MARIA, "from_": OURS, "body": "x", "validity_period": 36001}, 20001),
    ],
)
def test_a_bad_text_is_refused_with_twilios_code(
    world: World, given: dict[str, str], code: int
) -> None:
    with pytest.raises(TwilioRestException) as refusal:
        world.twilio.messages.create(**given)
    assert (refusal.value.status, refusal.value.code) == (400, code)
    assert world.twilio.messages.list() == []


def test_texts_are_listed_newest_first_over_pages_and_by_time(world: World) -> None:
    began = datetime.now(UTC).replace(microsecond=0)
    for number in range(5):
        world.twilio.messages.create(to=MARIA, from_=OURS, body=f"text {number}")
    world.twilio.messages.create(to=DESK, from_=OURS, body="to another")
    listed = world.twilio.messages.list(to=MARIA, date_sent_after=began, page_size=2)
    assert [message.body for message in listed] == [f"text {n}" for n in (4, 3, 2, 1, 0)]
    assert world.twilio.messages.list(date_sent_before=began - timedelta(seconds=1)) == []
    assert world.twilio.messages.list(date_sent_after=began + timedelta(minutes=1)) == []


def test_calls_and_their_legs_are_listed(world: World) -> None:
    world.answer(VOICE, twiml(f"<Dial><Number>{DESK}</Number></Dial>"))
    call = world.ring(script={"answer": DESK})
    (inbound,) = world.twilio.calls.list(to=OURS, status="completed")
    assert inbound.sid == call["sid"]
    assert inbound.direction == "inbound"
    assert int(inbound.duration or 0) >= 5
    assert inbound.start_time is not None
    (leg,) = world.twilio.calls.list(parent_call_sid=inbound.sid)
    assert leg.direction == "outbound-dial"
    assert leg.to == DESK
    hour = timedelta(hours=1)
    now = datetime.now(UTC)
    assert len(world.twilio.calls.list(start_time_after=now - hour)) == 2
    assert world.twilio.calls.list(start_time_after=now + hour) == []
    assert world.twilio.calls(inbound.sid).fetch().status == "completed"


def test_a_recording_is_real_audio_of_its_length(world: World) -> None:
    world.answer(VOICE, twiml('<Record action="/recorded"/>'))
    world.ring(script={"voicemail_seconds": 3})
    (recording,) = world.twilio.recordings.list()
    seconds = int(recording.duration or 0)
    assert seconds in {3, 4, 5}
    assert recording.source == "RecordVerb"
    url = f"{world.base}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{recording.sid}"
    sound = world.http.get(f"{url}.wav", auth=(ACCOUNT, TOKEN))
    with wave.open(io.BytesIO(sound.content)) as played:
        assert played.getnframes() / played.getframerate() == seconds
    silence = world.http.get(f"{url}.mp3", auth=(ACCOUNT, TOKEN))
    assert silence.headers["content-type"] == "audio/mpeg"
    assert len(silence.content) // len(MP3_FRAME) * 1152 / 32000 == pytest.approx(seconds, abs=0.04)
    assert world.http.get(f"{url}.wav").status_code == 401
    assert recording.delete()
    assert world.twilio.recordings.list() == []
    with pytest.raises(TwilioRestException) as gone:
        world.twilio.recordings(recording.sid).fetch()
    assert gone.value.code == 20404


def test_a_number_is_configured_as_told(world: World) -> None:
    (number,) = world.twilio.incoming_phone_numbers.list(phone_number=OURS)
    assert number.voice_url == f"{world.receiver.public_url}/webhooks/twilio/voice"
    number.update(voice_url=f"{world.receiver.public_url}/elsewhere")
    world.answer("/elsewhere", twiml("<Say>Elsewhere.</Say>"))
    world.ring()
    assert len(world.receiver.at("/elsewhere")) == 1


def test_a_fallback_is_asked_when_the_first_answer_is_no_good(world: World) -> None:
    (number,) = world.twilio.incoming_phone_numbers.list()
    number.update(voice_fallback_url=f"{world.receiver.public_url}/fallback")
    world.answer(VOICE, "<Response><Nonsense/></Response>")
    world.answer("/fallback", twiml("<Say>Please call again.</Say>"))
    call = world.ring()
    assert call["error"] is None
    assert world.receiver.at("/fallback")[0]["ErrorCode"] == "12200"


def test_a_call_can_be_ended_over_rest(world: World) -> None:
    world.answer(VOICE, twiml(f"<Dial><Number>{DESK}</Number></Dial>"))
    sid = world.begin(speed=1)
    world.until(lambda: bool(world.call(sid)["legs"]))
    assert world.twilio.calls(sid).update(status="completed").status == "completed"


@pytest.mark.parametrize(("account", "token"), [(ACCOUNT, "wrong"), ("AC" + "9" * 32, TOKEN)])
def test_a_stranger_is_refused(world: World, account: str, token: str) -> None:
    stranger = Client(account, token, http_client=HostRewriter(world.base))
    with pytest.raises(TwilioRestException) as refusal:
        stranger.messages.create(to=MARIA, from_=OURS, body="x")
    assert (refusal.value.status, refusal.value.code) == (401, 20003)
    stranger.http_client.session.close()


def test_what_is_not_there_is_20404(world: World) -> None:
    for ask in (
        world.twilio.messages("SM" + "0" * 32).fetch,
        world.twilio.calls("CA" + "0" * 32).fetch,
        world.twilio.queues("QU" + "0" * 32).fetch,
    ):
        with pytest.raises(TwilioRestException) as refusal:
            ask()
        assert refusal.value.status == 404
