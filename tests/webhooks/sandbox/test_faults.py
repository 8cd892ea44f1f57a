"""What goes wrong on demand, and Twilio's own limits, as the log and our side see them."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.webhooks.sandbox.sandbox_harness import (
    DESK,
    MARIA,
    OURS,
    STATUS,
    VOICE,
    Answer,
    World,
    said,
    twiml,
)

DIAL = f'<Dial action="/dial" timeout="10"><Number>{DESK}</Number></Dial>'


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("sandbox"), total_seconds=0.4) as world:
        yield world


def _fault(world: World, name: str, **fault: object) -> None:
    world.api("PUT", "/faults", **{name: {"count": 1, **fault}})


def _send(world: World) -> None:
    world.twilio.messages.create(to=MARIA, from_=OURS, body="Hello")


def _texts(world: World) -> int:
    return len(world.twilio.messages.list())


@pytest.mark.parametrize(("name", "accepted"), [
    ("drop_before_accepting", 0), ("drop_after_accepting", 1),
])  # fmt: skip
def test_a_dropped_connection_has_no_answer(world: World, name: str, accepted: int) -> None:
    _fault(world, name, method="POST")
    with pytest.raises(requests.exceptions.ConnectionError):
        _send(world)
    assert _texts(world) == accepted
    entry = next(e for e in world.log("rest") if e["fault"])
    assert (entry["fault"], entry["accepted"]) == (name, bool(accepted))
    assert ("sid" in entry) == bool(accepted)
    _send(world)  # it happened as often as it was told to


@pytest.mark.parametrize(("name", "status", "accepted"), [
    ("rate_limit", 429, 0), ("error_before_accepting", 500, 0), ("error_after_accepting", 500, 1),
])  # fmt: skip
def test_an_error_is_answered(world: World, name: str, status: int, accepted: int) -> None:
    _fault(world, name)
    with pytest.raises(TwilioRestException) as error:
        _send(world)
    assert error.value.status == status
    assert _texts(world) == accepted


@pytest.mark.parametrize(("name", "status", "code"), [
    ("unauthorized", 401, 20003), ("suspended", 403, 30002),
])  # fmt: skip
def test_the_account_is_refused_as_often_as_told(
    world: World, name: str, status: int, code: int
) -> None:
    _fault(world, name, count=2, path="/Messages", method="POST")
    assert _texts(world) == 0  # a listing is no POST
    for _ in range(2):
        with pytest.raises(TwilioRestException) as error:
            _send(world)
        assert (error.value.status, error.value.code) == (status, code)
    assert [e["accepted"] for e in world.log("rest") if e["fault"] == name] == [False, False]
    _send(world)
    assert _texts(world) == 1


@pytest.mark.parametrize("accepted", [False, True])
def test_a_hanging_request_outlasts_the_client(world: World, accepted: bool) -> None:
    _fault(world, "hang", seconds=0.5, accepted=accepted)
    world.twilio.http_client.timeout = 0.2
    with pytest.raises(requests.exceptions.ReadTimeout):
        _send(world)
    world.twilio.http_client.timeout = 5
    assert _texts(world) == int(accepted)


def test_one_webhook_many_times_at_once_is_signed_and_carries_one_token(world: World) -> None:
    _fault(world, "duplicate", copies=20, path=VOICE)
    world.ring()
    copies = [r for r in world.receiver.received if r.path == VOICE]
    assert len(copies) == 20
    assert all(copy.signed for copy in copies)
    assert len({copy.headers["i-twilio-idempotency-token"] for copy in copies}) == 1
    assert len(world.receiver.at(STATUS)) == 1


def test_a_reordered_status_is_overtaken_by_the_next(world: World) -> None:
    _fault(world, "reorder", path="/sms/status")
    callback = f"{world.receiver.public_url}/sms/status"
    world.twilio.messages.create(to=MARIA, from_=OURS, body="Hello", status_callback=callback)
    world.until(lambda: len(world.receiver.received) == 3)
    statuses = [r.params["MessageStatus"] for r in world.receiver.received]
    assert statuses == ["sent", "sending", "delivered"]


def test_a_lost_status_is_in_the_log_alone(world: World) -> None:
    _fault(world, "status_lost", path=STATUS)
    world.ring()
    assert world.receiver.at(STATUS) == []
    assert len(world.log("webhook_lost")) == 1


def test_a_delayed_webhook_comes_later(world: World) -> None:
    _fault(world, "delay", seconds=0.3, path=STATUS)
    began = time.monotonic()
    world.ring()
    assert world.receiver.received[-1].at - began >= 0.3


def test_the_action_can_stay_away_when_the_caller_hangs_up(world: World) -> None:
    world.answer(VOICE, twiml(DIAL))
    _fault(world, "action_not_fired_on_hangup")
    world.ring(script={"hangup_while": "ringing"})
    assert world.receiver.at("/dial") == []
    assert len(world.receiver.at(STATUS)) == 1


def test_faults_are_shown_counted_and_cleared(world: World) -> None:
    world.api("PUT", "/faults", duplicate={"count": 2}, delay={"probability": 1, "seconds": 0})
    world.ring()
    assert list(world.api("GET", "/faults")) == ["delay"]
    world.api("DELETE", "/faults")
    assert world.api("GET", "/faults") == {}


@pytest.mark.parametrize(
    "bad",
    [
        {"explode": {}},
        {"delay": {"count": 1, "probability": 0.5}},
        {"delay": {"probability": 2}},
        {"delay": {"sometimes": True}},
    ],
)
def test_an_unknown_fault_is_refused(world: World, bad: dict[str, object]) -> None:
    assert world.http.put("/sandbox/api/faults", json=bad).status_code == 422


def test_a_slow_answer_is_not_waited_for_and_not_asked_again(world: World) -> None:
    world.answer(VOICE, Answer(twiml("<Say>Late.</Say>"), delay=1))
    call = world.ring()
    assert call["error"]["code"] == 11200
    assert "0.4 s" in call["error"]["message"]
    assert len(world.receiver.at(VOICE)) == 1


def test_a_server_error_is_not_asked_again(world: World) -> None:
    world.answer(VOICE, Answer("", status=503))
    call = world.ring()
    assert call["error"]["code"] == 11200
    assert len(world.receiver.at(VOICE)) == 1
    assert said(call) == ["We are sorry, an application error has occurred. Goodbye."]


def test_a_failed_connection_is_tried_once_more(tmp_path: Path) -> None:
    with World(tmp_path, public_url="http://127.0.0.1:1", target="http://127.0.0.1:1") as world:
        call = world.ring()
        assert call["error"]["code"] == 11205
        tries = [entry for entry in world.log("webhook") if entry["event"] == "voice"]
        assert [entry["attempt"] for entry in tries] == [1, 2]


def test_webhooks_are_signed_for_the_public_address_and_sent_to_the_target(tmp_path: Path) -> None:
    with World(tmp_path, public_url="https://calls.example.com") as world:
        world.answer(VOICE, twiml("<Redirect>/next</Redirect>"))
        world.ring()
        assert all(request.signed for request in world.receiver.received)
        assert world.receiver.received[0].headers["host"] == "calls.example.com"
        assert len(world.receiver.at("/next")) == 1
