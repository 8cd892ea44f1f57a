"""Calls that are asked for over REST, by Twilio's own library."""

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.webhooks.sandbox.sandbox_harness import DESK, MARIA, OURS, World, twiml

DIAL = (
    f'<Dial callerId="{OURS}" timeout="20" action="/over">'
    '<Number statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed">'
    f"{MARIA}</Number></Dial>"
)


def create(world: World, **how: Any) -> str:
    told = {"to": DESK, "from_": OURS, "url": f"{world.receiver.public_url}/picked-up?click=7"}
    events = ["initiated", "ringing", "answered", "completed"]
    callback = {"status_callback": f"{world.receiver.public_url}/status?click=7"}
    made = world.twilio.calls.create(**{**told, **callback, "status_callback_event": events, **how})
    assert made.direction == "outbound-api"
    assert made.status == "queued"
    return str(made.sid)


def statuses(world: World, path: str) -> list[str]:
    return [told["CallStatus"] for told in world.receiver.at(path)]


def over(world: World, sid: str) -> dict[str, Any]:
    shown: dict[str, Any] = world.api("GET", f"/calls/{sid}?wait=15")
    assert shown["settled"]
    return shown


def test_a_phone_is_rung_hears_twiml_and_reaches_another(world: World) -> None:
    world.receiver.answers["/picked-up"] = twiml(DIAL)
    sid = create(world)
    world.api("POST", f"/calls/{sid}/answer", leg=0)
    world.until(lambda: world.api("GET", f"/calls/{sid}")["legs"])
    world.api("POST", f"/calls/{sid}/answer", leg=MARIA)
    world.until(lambda: world.api("GET", f"/calls/{sid}")["listening"] == "talk")
    world.api("POST", f"/calls/{sid}/hangup", by="callee")
    [leg] = over(world, sid)["legs"]
    assert (leg["from"], leg["to"], leg["status"]) == (OURS, MARIA, "completed")
    [asked] = world.receiver.at("/picked-up")
    assert (asked["Direction"], asked["From"], asked["To"]) == ("outbound-api", OURS, DESK)
    assert statuses(world, "/status") == ["initiated", "ringing", "in-progress", "completed"]
    assert statuses(world, "/leg")[-1] == "completed"
    [result] = world.receiver.at("/over")
    assert (result["DialCallStatus"], result["DialBridged"]) == ("completed", "true")
    listed = world.twilio.calls.list(to=DESK)
    assert [(call.sid, call.direction) for call in listed] == [(sid, "outbound-api")]
    assert all(request.signed for request in world.receiver.received)


@pytest.mark.parametrize(
    ("manner", "status"), [({"busy": [DESK]}, "busy"), ({"speed": 100}, "no-answer")]
)
def test_who_does_not_pick_up_hears_nothing(
    world: World, manner: dict[str, Any], status: str
) -> None:
    world.api("PUT", "/outgoing", **manner)
    sid = create(world, timeout=20)
    assert over(world, sid)["status"] == status
    assert world.receiver.at("/picked-up") == []
    assert statuses(world, "/status")[-1] == status


@pytest.mark.parametrize(
    ("how", "code"),
    [({"from_": MARIA}, 21210), ({"to": "nobody"}, 21211), ({"url": "picked-up"}, 21205)],
)
def test_what_twilio_refuses_is_refused(world: World, how: dict[str, str], code: int) -> None:
    with pytest.raises(TwilioRestException) as refused:
        create(world, **how)
    assert (refused.value.status, refused.value.code) == (400, code)
    assert world.api("GET", "/calls") == []
