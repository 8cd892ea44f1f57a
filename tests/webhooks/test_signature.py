"""Refusal is 403, never 500, and nothing is stored."""

import pytest
from sqlalchemy import func, select
from starlette.requests import Request

from leads import Call, WebhookEvent, db
from tests.conftest import ACCOUNT_SID, forget_settings
from tests.webhooks.caller import Twilio, call_fields
from webhooks.signature import Form, _signed


def stored() -> int:
    with db.transaction() as session:
        events = session.scalar(select(func.count(WebhookEvent.id))) or 0
        return events + (session.scalar(select(func.count(Call.id))) or 0)


VECTOR_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
VECTOR = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "Caller": "+14158675309",
    "To": "+18005551212",
}


@pytest.mark.parametrize(
    ("label", "url", "form", "signature"),
    [
        ("as documented", VECTOR_URL, VECTOR, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (
            "an empty value adds its name",
            VECTOR_URL,
            {**VECTOR, "FromCity": ""},
            "rgYR2kBuAyautHd1O8qtzewx1UY=",
        ),
        (
            "with the default port",
            "https://mycompany.com:443/myapp.php?foo=1&bar=2",
            VECTOR,
            "kvajT1Ptam85bY51eRf/AJRuM3w=",
        ),
        (
            "signed with the port, configured without it",
            VECTOR_URL,
            VECTOR,
            "kvajT1Ptam85bY51eRf/AJRuM3w=",
        ),
        (
            "a text with an umlaut and a tooth",
            VECTOR_URL,
            {"Body": "Grüße 🦷 +x", "From": "+14158675309"},
            "b/SspSWya0ieZMvcWsFS/r1zzaQ=",
        ),
    ],
)
def test_the_published_vectors_are_accepted(
    label: str, url: str, form: dict[str, str], signature: str
) -> None:
    request = Request({"type": "http", "headers": [(b"x-twilio-signature", signature.encode())]})
    assert _signed(request, url, Form(form)), label
    assert not _signed(request, url + "x", Form(form)), label


@pytest.mark.parametrize(
    ("label", "signature", "body"),
    [
        ("no signature", None, b"AccountSid=AC1"),
        ("an empty signature", "", b"AccountSid=AC1"),
        ("not base64", "!!!", b"AccountSid=AC1"),
        ("a JSON body", "x", b'{"a": 1}'),
        ("no body", "x", b""),
        ("bytes that are no text", "x", b"\xff\xfe=1"),
        ("a lone percent sign", "x", b"a=%"),
        ("a thousand and one fields", "x", b"&".join(b"a=1" for _ in range(1001))),
        ("a huge body", "x", b"a=" + b"1" * 300_000),
    ],
)
def test_a_bad_request_is_refused_and_nothing_is_kept(
    twilio: Twilio, label: str, signature: str | None, body: bytes
) -> None:
    for path in ("voice", "voice/status", "sms", "sms/status?message=1", "recording"):
        assert twilio.post_raw(path, body, signature).status_code == 403, label
    assert stored() == 0


def test_another_accounts_signed_request_is_refused(twilio: Twilio) -> None:
    twilio.account_sid = "AC" + "9" * 32
    assert twilio.post("voice", call_fields()).status_code == 403
    assert stored() == 0


def test_a_request_without_an_account_is_refused(twilio: Twilio) -> None:
    assert twilio.post("voice", call_fields(), base=False).status_code == 403
    assert stored() == 0


def test_both_tokens_are_accepted_while_one_is_rotated(
    twilio: Twilio, environment: pytest.MonkeyPatch
) -> None:
    with environment.context() as patch:
        patch.setenv("TWILIO_AUTH_TOKEN_SECONDARY", "the next one")
        forget_settings()
        assert twilio.post("voice", call_fields("CA1")).status_code == 200
        twilio.token = "the next one"
        assert twilio.post("voice", call_fields("CA2")).status_code == 200
        twilio.token = "a third one"
        assert twilio.post("voice", call_fields("CA3")).status_code == 403
    forget_settings()


def test_an_empty_token_closes_the_door(twilio: Twilio, environment: pytest.MonkeyPatch) -> None:
    twilio.token = ""
    with environment.context() as patch:
        patch.setenv("TWILIO_AUTH_TOKEN", "")
        forget_settings()
        assert twilio.post("voice", call_fields()).status_code == 403
    forget_settings()


def test_a_changed_parameter_is_refused(twilio: Twilio) -> None:
    fields = {"AccountSid": ACCOUNT_SID, **call_fields()}
    signature = twilio.signature("voice", fields)
    body = b"AccountSid=" + ACCOUNT_SID.encode() + b"&CallSid=CA2"
    assert twilio.post_raw("voice", body, signature).status_code == 403
