"""Somebody rings the clinic: all processes, the sandbox's telephone, and the desk's API."""

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import DESK_PHONE, Clinic, eventually

pytestmark = pytest.mark.e2e
LET_RING = {"let_ring": True}


@pytest.fixture(autouse=True)
def tuesday_at_ten(clinic: Clinic) -> Iterator[None]:
    clinic.at("2026-12-01T10:00-08:00")
    yield
    clinic.sandbox.delete("/faults").raise_for_status()


def test_a_missed_call_becomes_a_lead_and_one_text(clinic: Clinic) -> None:
    maria = "+12065550141"
    sid = clinic.call(maria, script=LET_RING)
    eventually(lambda: clinic.texts_at(maria))
    [text] = clinic.texts_at(maria)
    assert "Back In Balance" in text
    assert "STOP" in text
    lead = clinic.lead(maria)
    assert lead["needs_callback_since"]
    assert lead["stage"] == "new"
    [call] = lead["calls"]
    assert (call["sid"], call["outcome"], call["returning"]) == (sid, "missed", False)
    eventually(lambda: clinic.lead(maria)["messages"][0]["state"] == "delivered")
    states = {item["step"]: item["state"] for item in clinic.lead(maria)["reminders"]}
    assert states == {1: "sent", 2: "scheduled", 3: "scheduled"}
    due = {item["step"]: item["due_at"] for item in clinic.lead(maria)["reminders"]}
    assert due[2] == "2026-12-03T22:00:00Z"
    assert due[3] == "2026-12-05T22:00:00Z"


def test_an_answered_call_needs_nothing_more(clinic: Clinic) -> None:
    caller = "+12065550142"
    clinic.call(caller, script={"answer": DESK_PHONE, "talk_seconds": 30})
    eventually(lambda: clinic.lead(caller)["calls"][0]["ended_at"])
    lead = clinic.lead(caller)
    assert lead["calls"][0]["outcome"] == "answered"
    assert lead["needs_callback_since"] is None
    assert lead["reminders"] == []
    assert clinic.texts_at(caller) == []


def test_an_after_hours_voicemail_is_kept_and_the_text_waits_for_morning(clinic: Clinic) -> None:
    caller = "+12065550143"
    clinic.at("2026-12-01T21:00-08:00")
    clinic.call(caller, script={"voicemail_seconds": 6})
    eventually(lambda: clinic.lead(caller)["calls"][0]["outcome"] == "voicemail")
    lead = clinic.lead(caller)
    assert lead["needs_callback_since"]
    assert lead["reminders"][0]["due_at"] == "2026-12-02T17:00:00Z"
    assert clinic.texts_at(caller) == []
    clinic.at("2026-12-02T09:00-08:00")
    eventually(lambda: clinic.texts_at(caller))


def test_a_reply_ends_the_follow_up(clinic: Clinic) -> None:
    caller = "+12065550144"
    clinic.call(caller, script=LET_RING)
    eventually(lambda: clinic.texts_at(caller))
    clinic.text(caller, "Yes please, Friday?")
    eventually(lambda: any(m["direction"] == "inbound" for m in clinic.lead(caller)["messages"]))
    lead = clinic.lead(caller)
    assert {item["state"] for item in lead["reminders"] if item["step"] > 1} == {"cancelled"}
    assert lead["needs_callback_since"]


def test_stop_is_for_good(clinic: Clinic) -> None:
    caller = "+12065550145"
    clinic.call(caller, script=LET_RING)
    eventually(lambda: clinic.texts_at(caller))
    clinic.text(caller, "STOP")
    eventually(lambda: clinic.lead(caller)["opted_out_at"])
    before = clinic.texts_at(caller)
    clinic.call(caller, script=LET_RING)
    clinic.at("2026-12-03T12:00-08:00")
    clinic.call("+12065550199", script=LET_RING)
    eventually(lambda: clinic.texts_at("+12065550199"))
    assert clinic.texts_at(caller) == before


def test_declining_by_key_is_honoured(clinic: Clinic) -> None:
    caller = "+12065550146"
    clinic.call(caller, script={"let_ring": True, "keys": ["2"]})
    eventually(lambda: clinic.lead(caller)["calls"][0]["ended_at"])
    clinic.call("+12065550198", script=LET_RING)
    eventually(lambda: clinic.texts_at("+12065550198"))
    assert clinic.texts_at(caller) == []
    assert clinic.lead(caller)["needs_callback_since"]


def test_a_withheld_caller_stays_visible_without_a_lead(clinic: Clinic) -> None:
    sid = clinic.call("anonymous", script={"let_ring": True, "voicemail_seconds": 4})
    eventually(lambda: clinic.find_call(sid).get("outcome") == "voicemail")
    assert clinic.find_call(sid)["lead_id"] is None


def test_every_webhook_twenty_times_at_once_is_one_of_everything(clinic: Clinic) -> None:
    caller = "+12065550147"
    clinic.sandbox.put("/faults", json={"duplicate": {"copies": 20}}).raise_for_status()
    sid = clinic.call(caller, script=LET_RING)
    eventually(lambda: clinic.texts_at(caller))
    eventually(lambda: clinic.find_call(sid).get("ended_at"))
    lead = clinic.lead(caller)
    assert len(lead["calls"]) == 1
    assert len([m for m in lead["messages"] if m["direction"] == "outbound"]) == 1
    assert len(lead["reminders"]) == 3
    assert len(clinic.texts_at(caller)) == 1
    refused = [entry for entry in clinic.sandbox.get("/log").json() if "error" in entry["kind"]]
    assert refused == []


def test_an_answer_without_the_dials_result_is_still_an_answer(clinic: Clinic) -> None:
    caller = "+12065550148"
    clinic.sandbox.put("/faults", json={"action_not_fired_on_hangup": {}}).raise_for_status()
    script = {"answer": DESK_PHONE, "talk_seconds": 20, "hangup_by": "caller"}
    clinic.call(caller, script=script)
    eventually(lambda: clinic.lead(caller)["calls"][0]["ended_at"])
    assert clinic.lead(caller)["calls"][0]["outcome"] == "answered"


def test_the_command_plays_a_call_and_says_each_step(clinic: Clinic) -> None:
    said = clinic.command("call")
    for step in ("rings", "lead", "missed", "due", "handed over", "delivered"):
        assert step in said
