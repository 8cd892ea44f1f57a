"""Lookup as Twilio's own Python library sees it."""

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.webhooks.sandbox.sandbox_harness import ACCOUNT, MARIA, HostRewriter, World

ASKED = "line_type_intelligence"


def test_a_phone_that_nobody_set_up_is_a_mobile(world: World) -> None:
    found = world.twilio.lookups.v2.phone_numbers(MARIA).fetch(fields=ASKED)
    assert found.line_type_intelligence == {
        "error_code": None, "mobile_country_code": "001", "mobile_network_code": "01",
        "carrier_name": "Practice Mobile", "type": "mobile",
    }  # fmt: skip
    assert (found.calling_country_code, found.country_code) == ("1", "US")
    assert (found.phone_number, found.national_format) == (MARIA, "(425) 555-0142")
    assert found.valid is True
    assert found.validation_errors is None
    assert found.caller_name is None
    assert found.url == f"https://lookups.twilio.com/v2/PhoneNumbers/{MARIA}"


@pytest.mark.parametrize(
    ("line_type", "carrier"),
    [("landline", "Practice Landline"), ("nonFixedVoip", "Practice Internet"), ("tollFree", None)],
)
def test_it_says_the_type_that_was_set(world: World, line_type: str, carrier: str | None) -> None:
    world.api("PUT", f"/phones/{MARIA}", line_type=line_type)
    found = world.twilio.lookups.v2.phone_numbers(MARIA).fetch(fields=f"{ASKED},caller_name")
    assert found.line_type_intelligence["type"] == line_type
    assert found.line_type_intelligence["carrier_name"] == carrier
    assert found.line_type_intelligence["mobile_network_code"] is None
    assert found.caller_name == {"caller_name": None, "caller_type": None, "error_code": None}


def test_the_free_lookup_says_nothing_of_the_line(world: World) -> None:
    found = world.twilio.lookups.v2.phone_numbers("4255550142").fetch()
    assert found.phone_number == MARIA
    assert found.line_type_intelligence is None


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("+1425", "TOO_SHORT"),
        ("+142555501420", "TOO_LONG"),
        ("+14250001234", "INVALID_BUT_POSSIBLE"),
        ("+9991234567", "INVALID_COUNTRY_CODE"),
        ("anonymous", "NOT_A_NUMBER"),
    ],
)
def test_an_invalid_number_is_no_error(world: World, number: str, reason: str) -> None:
    found = world.twilio.lookups.v2.phone_numbers(number).fetch(fields=ASKED)
    assert found.valid is False
    assert found.validation_errors == [reason]
    assert found.phone_number == number
    assert found.country_code is None
    assert found.line_type_intelligence is None


def test_each_lookup_is_in_the_log(world: World) -> None:
    world.twilio.lookups.v2.phone_numbers(MARIA).fetch(fields=ASKED)
    world.twilio.lookups.v2.phone_numbers("+1425").fetch()
    told = [{k: v for k, v in e.items() if k not in {"seq", "at"}} for e in world.log("lookup")]
    assert told == [
        {"kind": "lookup", "number": MARIA, "fields": [ASKED], "valid": True,
         "line_type": "mobile"},
        {"kind": "lookup", "number": "+1425", "fields": [], "valid": False, "line_type": None},
    ]  # fmt: skip
    assert len(world.log("rest")) == 2


def test_a_misspelt_field_is_refused(world: World) -> None:
    with pytest.raises(TwilioRestException) as refusal:
        world.twilio.lookups.v2.phone_numbers(MARIA).fetch(fields="line_type")
    assert refusal.value.status == 400


def test_a_stranger_and_a_fault_get_no_lookup(world: World) -> None:
    stranger = Client(ACCOUNT, "wrong", http_client=HostRewriter(world.base))
    with pytest.raises(TwilioRestException) as refusal:
        stranger.lookups.v2.phone_numbers(MARIA).fetch()
    assert (refusal.value.status, refusal.value.code) == (401, 20003)
    stranger.http_client.session.close()
    world.api("PUT", "/faults", rate_limit={"count": 1, "path": "/v2/PhoneNumbers"})
    with pytest.raises(TwilioRestException) as limited:
        world.twilio.lookups.v2.phone_numbers(MARIA).fetch()
    assert limited.value.status == 429
    assert world.log("lookup") == []


def test_another_path_beside_lookup_is_20404(world: World) -> None:
    with pytest.raises(TwilioRestException) as refusal:
        world.twilio.lookups.v2.bucket("field", "bucket").fetch()
    assert (refusal.value.status, refusal.value.code) == (404, 20404)
