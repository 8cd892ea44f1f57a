"""Phones as they were set up: landlines, errors that pass, and texts that are refused at once."""

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.webhooks.sandbox.sandbox_harness import MARIA, OURS, TEXT, World, twiml


def _set(world: World, **phone: Any) -> dict[str, Any]:
    kept: dict[str, Any] = world.api("PUT", f"/phones/{MARIA}", **phone)
    return kept


def _outcome(world: World) -> int | None:
    """The error of one text after the last status callback; None when it arrived."""
    sent = world.twilio.messages.create(to=MARIA, from_=OURS, body="Hello")
    final = {"delivered", "undelivered"}
    world.until(lambda: world.twilio.messages(sent.sid).fetch().status in final)
    error: int | None = world.twilio.messages(sent.sid).fetch().error_code
    return error


@pytest.mark.parametrize(
    ("phone", "error"),
    [
        ({"line_type": "landline"}, 30006),
        ({"line_type": "landline", "error_code": 30005}, 30005),
        ({"line_type": "nonFixedVoip"}, None),
        ({"line_type": "mobile", "error_code": None}, None),
    ],
)
def test_a_text_fails_as_the_line_and_its_error_say(
    world: World, phone: dict[str, Any], error: int | None
) -> None:
    _set(world, **phone)
    assert _outcome(world) == error


def test_an_error_that_was_counted_passes_and_the_line_stays(world: World) -> None:
    _set(world, error_code=30003, error_times=2)
    assert [_outcome(world) for _ in range(3)] == [30003, 30003, None]
    _set(world, line_type="landline", error_code=30003, error_times=1)
    assert [_outcome(world) for _ in range(2)] == [30003, 30006]


def test_a_restart_counts_no_text_twice(world: World) -> None:
    _set(world, error_code=30003, error_times=2)
    sent = world.twilio.messages.create(to=MARIA, from_=OURS, body="Hello")
    world.stop()
    world.start()
    world.until(lambda: world.twilio.messages(sent.sid).fetch().error_code == 30003)
    assert [_outcome(world) for _ in range(2)] == [30003, None]


@pytest.mark.parametrize("code", [21610, 21211, 21408, 30034, 63038])
def test_a_create_call_can_be_refused_with_any_code(world: World, code: int) -> None:
    _set(world, refuse_code=code)
    with pytest.raises(TwilioRestException) as refusal:
        world.twilio.messages.create(to=MARIA, from_=OURS, body="Hello")
    assert (refusal.value.status, refusal.value.code) == (400, code)
    assert world.twilio.messages.list() == []
    assert world.log("rest")[0]["accepted"] is False


def test_an_answer_to_a_text_is_refused_alike(world: World) -> None:
    _set(world, refuse_code=21408)
    world.answer(TEXT, twiml("<Message>Thank you.</Message>"))
    world.text("Hello")
    world.until(lambda: bool(world.log("text_blocked")))
    assert world.log("text_blocked")[0]["error_code"] == 21408


def test_what_is_left_out_is_again_as_it_was_at_first(world: World) -> None:
    _set(world, line_type="landline", refuse_code=21408)
    assert _set(world, refuse_code=None) == {
        "line_type": "mobile", "error_code": None, "error_times": None, "refuse_code": None,
    }  # fmt: skip
    assert _outcome(world) is None


@pytest.mark.parametrize(
    "bad",
    [
        {"line_type": "tin can"},
        {"error_times": 2},
        {"error_code": 30003, "error_times": 0},
        {"refuse_code": 7},
        {"color": "red"},
    ],
)
def test_a_phone_that_cannot_be_is_refused(world: World, bad: dict[str, object]) -> None:
    assert world.http.put(f"/sandbox/api/phones/{MARIA}", json=bad).status_code == 422
