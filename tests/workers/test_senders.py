"""What doctor says of messaging services, registrations and recordings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from leads import TrackingNumber, db
from leads.settings import settings
from leads.verdict import Finding
from tests.conftest import ACCOUNT_SID, AUTH_TOKEN, forget_settings
from tests.server import serving
from tests.workers.conftest import Phones
from workers import twilio_account, twilio_api, twilio_senders
from workers.twilio_numbers import Compared, TwilioSilent

WHOLE = (ACCOUNT_SID, AUTH_TOKEN)
NUMBER = "registration 425-437-9974"


def looked() -> dict[str, Finding]:
    return {finding.check: finding for finding in twilio_senders.look()}


def service(phones: Phones, *, members: bool = True, **fields: str) -> str:
    made = phones.client.post("/v1/Services", data={"FriendlyName": "Texts", **fields}, auth=WHOLE)
    sid = str(made.raise_for_status().json()["sid"])
    if members:
        number = phones.client.get(
            f"/2010-04-01/Accounts/{ACCOUNT_SID}/IncomingPhoneNumbers.json", auth=WHOLE
        ).json()["incoming_phone_numbers"][0]["sid"]
        path = f"/v1/Services/{sid}/PhoneNumbers"
        phones.client.post(path, data={"PhoneNumberSid": number}, auth=WHOLE).raise_for_status()
    return sid


@contextmanager
def told(environment: pytest.MonkeyPatch, **names: str) -> Iterator[None]:
    with environment.context() as patch:
        for name, value in names.items():
            patch.setenv(name, value)
        forget_settings()
        twilio_api.client.cache_clear()
        yield
    twilio_api.client.cache_clear()
    forget_settings()


def test_a_service_that_keeps_replies_from_us_is_said(phones: Phones) -> None:
    assert "incoming texts" not in looked()
    service(phones)
    finding = looked()["incoming texts"]
    assert finding.verdict == "failed"
    assert "replies and STOP" in finding.text


@pytest.mark.parametrize("how", ["deferred", "ours"])
def test_a_service_that_passes_replies_on_is_well(phones: Phones, how: str) -> None:
    inbound = f"{settings().public_url}/webhooks/twilio/sms"
    deferred = {"UseInboundWebhookOnNumber": "true"}
    fields = deferred if how == "deferred" else {"InboundRequestUrl": inbound}
    service(phones, members=True, **fields)
    assert "incoming texts" not in looked()


def test_the_named_service_must_have_our_numbers(
    phones: Phones, environment: pytest.MonkeyPatch
) -> None:
    sid = service(phones, members=False)
    with told(environment, TWILIO_MESSAGING_SERVICE_SID=sid):
        finding = looked()["messaging service"]
    assert (finding.verdict, "425-437-9974 is not in it" in finding.text) == ("failed", True)
    sid = service(phones, UseInboundWebhookOnNumber="true")
    with told(environment, TWILIO_MESSAGING_SERVICE_SID=sid):
        assert looked()["messaging service"].verdict == "ok"


def test_a_named_service_that_sends_from_other_numbers_is_said(
    phones: Phones, environment: pytest.MonkeyPatch
) -> None:
    """A STOP goes to the number that wrote to them, and that one is not ours."""
    sid = service(phones, UseInboundWebhookOnNumber="true")
    account = f"/2010-04-01/Accounts/{ACCOUNT_SID}/IncomingPhoneNumbers.json"
    bought = phones.client.post(account, data={"PhoneNumber": "+14255550188"}, auth=WHOLE)
    number = bought.raise_for_status().json()["sid"]
    path = f"/v1/Services/{sid}/PhoneNumbers"
    phones.client.post(path, data={"PhoneNumberSid": number}, auth=WHOLE).raise_for_status()
    with told(environment, TWILIO_MESSAGING_SERVICE_SID=sid):
        finding = looked()["messaging service"]
    assert (finding.verdict, "also sends from 425-555-0188" in finding.text) == ("failed", True)


def test_a_named_service_that_does_not_exist_is_an_error_in_words(
    phones: Phones, environment: pytest.MonkeyPatch
) -> None:
    assert phones
    with (
        told(environment, TWILIO_MESSAGING_SERVICE_SID=f"MG{'0' * 32}"),
        pytest.raises(TwilioSilent, match="answered with 404"),
    ):
        twilio_senders.look()


def test_a_registered_number_is_told_from_one_that_waits(phones: Phones) -> None:
    sid = service(phones, UseInboundWebhookOnNumber="true")
    path = f"/v1/Services/{sid}/Compliance/Usa2p"
    assert looked()[NUMBER].verdict == "not applicable"
    phones.client.post(path, data={}, auth=WHOLE).raise_for_status()
    assert looked()[NUMBER].verdict == "not applicable"
    phones.client.post(path, data={"Mock": "true"}, auth=WHOLE).raise_for_status()
    assert looked()[NUMBER].verdict == "ok"


def test_a_toll_free_number_is_asked_for_elsewhere(phones: Phones) -> None:
    with db.transaction() as session:
        TrackingNumber.add(session, "+18885550177", "Toll-free", "front")
    path = f"/2010-04-01/Accounts/{ACCOUNT_SID}/IncomingPhoneNumbers.json"
    phones.client.post(path, data={"PhoneNumber": "+18885550177"}, auth=WHOLE).raise_for_status()
    assert looked()["registration 888-555-0177"].verdict == "not applicable"


@pytest.mark.parametrize(
    ("states", "confirmed", "verdict"),
    [
        ([], False, "warning"),
        ([], True, "failed"),
        (["IN_PROGRESS"], True, "failed"),
        (["FAILED", "VERIFIED"], True, "ok"),
        (["TWILIO_APPROVED"], False, "ok"),
    ],
)
def test_texts_of_a_number_that_is_not_registered_reach_nobody(
    environment: pytest.MonkeyPatch, states: list[str], confirmed: bool, verdict: str
) -> None:
    number = Compared("+14254379974", "PN1")
    with told(environment, TWILIO_API_BASE="https://api.twilio.com"):
        finding = twilio_senders._registered(number, states, confirmed=confirmed)
    assert finding.verdict == verdict
    assert bool(finding.cure) == (verdict != "ok")


@contextmanager
def twilio_with_a_recording(
    environment: pytest.MonkeyPatch, answer: Callable[[], Response]
) -> Iterator[None]:
    recording: dict[str, Any] = {"sid": f"RE{'2' * 32}", "account_sid": ACCOUNT_SID}

    def listed(_: Request) -> Response:
        return JSONResponse({"recordings": [recording], "next_page_uri": None})

    def heard(request: Request) -> Response:
        assert "authorization" not in request.headers
        return answer()

    account = f"/2010-04-01/Accounts/{ACCOUNT_SID}"
    app = Starlette(
        routes=[
            Route(f"{account}/Recordings.json", listed),
            Route(f"{account}/Recordings/{recording['sid']}.mp3", heard),
        ]
    )
    with serving(app) as address, told(environment, TWILIO_API_BASE=address):
        yield


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(200, "failed"), (307, "failed"), (401, "ok"), (403, "ok"), (404, "warning")],
)
def test_a_recording_that_strangers_can_hear_is_said(
    environment: pytest.MonkeyPatch, status: int, verdict: str
) -> None:
    with twilio_with_a_recording(environment, lambda: Response("sound", status)):
        (finding,) = twilio_account.recordings()
    assert finding.verdict == verdict
