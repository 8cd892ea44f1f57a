"""Our own forwarding coming back to us, and what only looks like it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from leads import Lead, PracticePhone, db
from tests.conftest import TUESDAY_TEN
from tests.webhooks.caller import CLINIC, DESK_PHONE, Twilio, call_fields, leg_fields
from tests.webhooks.rows import (
    count,
    dial_fields,
    set_clock,
    the_call,
    the_lead,
    verbs,
)


@pytest.mark.parametrize(
    ("label", "fields"),
    [
        ("our own number calls us", call_fields(caller=CLINIC)),
        ("a phone of the practice calls us", call_fields(caller=DESK_PHONE)),
        ("a phone of the practice forwards to us", call_fields(ForwardedFrom=DESK_PHONE)),
    ],
)
def test_a_forwarding_loop_ends_in_voicemail(
    twilio: Twilio, label: str, fields: dict[str, str]
) -> None:
    assert verbs(twilio.post("voice", fields).text) == ["Gather", "Redirect"], label


def test_our_leg_coming_back_as_a_second_call_answers_neither(twilio: Twilio) -> None:
    assert verbs(twilio.post("voice", call_fields("CA1")).text) == ["Dial"]
    assert verbs(twilio.post("voice", call_fields("CA2")).text) == ["Gather", "Redirect"]
    set_clock(TUESDAY_TEN + timedelta(seconds=9))
    twilio.post("voice/dial", dial_fields("completed", DialCallDuration="9", DialBridged="true"))
    assert the_call("CA1").outcome == "missed"
    assert count(Lead) == 1


@pytest.mark.parametrize("back", [call_fields("CA2", DESK_PHONE), call_fields("CA2", CLINIC)])
def test_a_leg_that_comes_back_under_our_own_number_is_no_answer_either(
    twilio: Twilio, back: dict[str, str]
) -> None:
    twilio.post("voice", call_fields("CA1"))
    assert verbs(twilio.post("voice", back).text) == ["Gather", "Redirect"]
    leg = leg_fields("CA1leg", "CA1", DESK_PHONE, "in-progress")
    twilio.post("voice/leg?phone=1&call=CA1", leg)
    voicemail = {"RecordingSid": "RE1", "RecordingUrl": "https://x/RE1", "RecordingDuration": "7"}
    twilio.post("voice/recorded", back | voicemail)
    set_clock(TUESDAY_TEN + timedelta(seconds=30))
    twilio.post("voice/dial", dial_fields("completed", DialCallDuration="29", DialBridged="true"))
    assert the_call("CA1").outcome == "missed"
    assert the_call("CA2").outcome == "voicemail"
    assert the_call("CA2").lead_id == the_lead().id, "the voicemail lands with the person"
    assert the_lead().needs_callback_since is not None


def test_two_people_behind_one_number_are_not_taken_for_a_loop_for_good(twilio: Twilio) -> None:
    twilio.post("voice", call_fields("CA1"))
    twilio.post("voice", call_fields("CA2"))
    set_clock(TUESDAY_TEN + timedelta(seconds=12))
    leg = leg_fields("CA1leg", "CA1", DESK_PHONE, "in-progress")
    twilio.post("voice/leg?phone=1&call=CA1", leg)
    assert the_call("CA1").outcome == "answered"


def test_a_retired_phone_is_a_caller_like_any_other(twilio: Twilio) -> None:
    with db.transaction() as session:
        session.scalars(select(PracticePhone)).one().retired_at = TUESDAY_TEN
    twilio.post("voice", call_fields(caller=DESK_PHONE))
    assert count(Lead) == 1
