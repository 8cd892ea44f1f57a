"""`ringback doctor`'s questions to Twilio and to itself, against a sandbox and broken proxies."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from leads import TrackingNumber, WebhookEvent, db
from leads.settings import settings
from leads.verdict import Finding
from tests.conftest import ACCOUNT_SID, AUTH_TOKEN, forget_settings
from tests.server import serving
from tests.workers.conftest import Phones
from workers import public_address, twilio_api, twilio_numbers
from workers.doctor import CHECKS, _number

WHOLE = (ACCOUNT_SID, AUTH_TOKEN)
pytestmark = pytest.mark.usefixtures("phones")


def found(findings: Any, check: str) -> Finding:
    (one,) = [finding for finding in findings if finding.check == check]
    return one  # type: ignore[no-any-return]


def looked(name: str) -> list[Finding]:
    (check,) = [check for check in CHECKS if check.name == name]
    return list(check.look())


def test_all_is_well_in_a_trial(environment: pytest.MonkeyPatch) -> None:
    with environment.context() as patch:
        patch.setenv("DASHBOARD_URL", "http://127.0.0.1:9")  # whatever else runs on this machine
        forget_settings()
        findings = [finding for check in CHECKS for finding in check.look()]
    forget_settings()
    assert found(findings, "dashboard address").verdict == "warning"  # none runs in this test
    bad = [f for f in findings if f.verdict in {"failed", "warning"}]
    assert [f.check for f in bad] == ["dashboard address"], bad
    assert found(findings, "public address").verdict == "ok"
    assert found(findings, "Twilio account").verdict == "ok"
    assert found(findings, "clock, Twilio").verdict == "ok"
    assert found(findings, "number 425-437-9974").verdict == "ok"


def test_the_check_of_the_public_address_stores_nothing() -> None:
    assert found(public_address.look(), "public address").verdict == "ok"
    with db.transaction() as session:
        assert session.scalar(select(func.count()).select_from(WebhookEvent)) == 0


@contextmanager
def proxy(change: Callable[[Request], dict[str, Any]]) -> Iterator[str]:
    """A proxy before our webhooks; `change` says what it makes of a request."""
    ours = settings().public_url

    async def pass_on(request: Request) -> Response:
        told: dict[str, Any] = {
            "url": ours + str(request.url.path),
            "params": str(request.url.query),
            "content": await request.body(),
            "headers": {
                name: value
                for name, value in request.headers.items()
                if name not in {"host", "content-length"}
            },
        }
        told |= change(request)
        url = f"{told['url']}?{told['params']}"
        async with httpx.AsyncClient() as client:
            got = await client.post(url, content=told["content"], headers=told["headers"])
        return Response(got.content, got.status_code, {"Content-Type": "application/json"})

    with serving(Starlette(routes=[Route("/{path:path}", pass_on, methods=["POST"])])) as address:
        yield address


@contextmanager
def public(environment: pytest.MonkeyPatch, url: str) -> Iterator[None]:
    with environment.context() as patch:
        patch.setenv("PUBLIC_URL", url)
        forget_settings()
        yield
    forget_settings()


@pytest.mark.parametrize(
    ("change", "verdict", "said"),
    [
        (lambda _: {}, "ok", "answers a signed request"),
        # Signatures are checked against PUBLIC_URL, whatever Host arrives.
        (lambda r: {"headers": {**dict(r.headers), "host": "elsewhere.example"}}, "ok", ""),
        (lambda r: {"url": settings().public_url + "/x" + r.url.path}, "failed", "answers 404"),
        (lambda _: {"params": "message=1&attempt=a%2Fb+c&empty="}, "failed", "refuses our sig"),
        (lambda _: {"content": b"AccountSid=" + ACCOUNT_SID.encode()}, "failed", "refuses our"),
    ],
    ids=["as it is", "another Host", "another path", "another query", "another body"],
)
def test_what_a_proxy_does_to_a_signed_request(
    environment: pytest.MonkeyPatch,
    change: Callable[[Request], dict[str, Any]],
    verdict: str,
    said: str,
) -> None:
    ours = settings().public_url

    def of_ours(request: Request) -> dict[str, Any]:
        told = change(request)
        if "url" in told:
            told["url"] = ours + "/x" + request.url.path
        return told

    with proxy(of_ours) as address, public(environment, address):
        finding = found(public_address.look(), "public address")
    assert (finding.verdict, said in finding.text) == (verdict, True), finding
    assert bool(finding.cure) == (verdict != "ok")


def test_a_proxy_that_changes_the_query_is_told_apart_from_a_wrong_token(
    environment: pytest.MonkeyPatch,
) -> None:
    port = settings().public_url.rpartition(":")[2]
    with (
        proxy(lambda _: {"params": "tidied=1"}) as address,
        environment.context() as patch,
    ):
        patch.setenv("WEBHOOKS_PORT", port)
        with public(environment, address):
            finding = found(public_address.look(), "public address")
    assert "arrives changed" in finding.text, finding


def test_webhooks_with_another_token_are_found() -> None:
    """As after a change of .env without a restart: the process holds the old token."""
    answer = httpx.post(
        f"{settings().public_url}/webhooks/twilio/check",
        data={"AccountSid": ACCOUNT_SID, "Nonce": "1"},
        headers={"X-Twilio-Signature": "c2lnbmVkIGJ5IGFub3RoZXIgdG9rZW4="},
    )
    assert answer.status_code == 403
    assert "Nonce" not in answer.text


def refusing(_: Request) -> Response:
    return Response("no", 403)


def sending_on(request: Request) -> Response:
    return RedirectResponse("https://elsewhere.example" + request.url.path, 301)


def broken(_: Request) -> Response:
    return Response("bad gateway", 502)


@pytest.mark.parametrize(
    ("answering", "said"),
    [
        (refusing, "refuses our signature"),
        (sending_on, "sends on to another address"),
        (broken, "does not reach the webhooks"),
        (lambda _: Response("welcome"), "is not Ringback"),
        (lambda _: Response("[]", media_type="application/json"), "is not Ringback"),
    ],
)
def test_what_else_may_answer_at_the_public_address(
    environment: pytest.MonkeyPatch,
    answering: Callable[[Request], Response],
    said: str,
) -> None:
    app = Starlette(routes=[Route("/{path:path}", answering, methods=["POST"])])
    with serving(app) as address, public(environment, address):
        finding = found(public_address.look(), "public address")
    assert (finding.verdict, said in finding.text) == ("failed", True), finding


def test_an_address_where_nobody_listens_is_said(environment: pytest.MonkeyPatch) -> None:
    with public(environment, "http://127.0.0.1:9"):
        finding = found(public_address.look(), "public address")
    assert finding.verdict == "failed"
    assert "cannot be reached from here" in finding.text


@pytest.mark.parametrize("url", ["http://127.0.0.1:8001", "http://calls.example.com"])
def test_a_live_installation_needs_a_public_https_address(
    environment: pytest.MonkeyPatch, url: str
) -> None:
    with environment.context() as patch:
        patch.setenv("TWILIO_API_BASE", "https://api.twilio.com")
        with public(environment, url):
            finding = found(public_address.look(), "public address")
    assert finding.verdict == "failed"


def test_a_wrong_token_is_said_by_each_check_in_a_sentence(environment: pytest.MonkeyPatch) -> None:
    with environment.context() as patch:
        patch.setenv("TWILIO_AUTH_TOKEN", "another")
        forget_settings()
        twilio_api.client.cache_clear()
        findings = [finding for check in CHECKS[1:] for finding in check.look()]
        twilio_api.client.cache_clear()
    forget_settings()
    assert found(findings, "Twilio account").text == "Twilio refuses our account or token."
    assert {f.check for f in findings if f.verdict == "failed"} == {
        *("Twilio account", "number", "messaging", "recordings")
    }


def test_a_number_that_twilio_does_not_have_is_missing(environment: pytest.MonkeyPatch) -> None:
    with db.transaction() as session:
        TrackingNumber.add(session, "+14255550177", "Billboard", "front")
    # The practice telephone takes up any number that is rung; Twilio does not.
    assert found(looked("number"), "number 425-555-0177").verdict == "not applicable"
    assert found(looked("number"), "number 425-437-9974").verdict == "ok"
    (missing,) = [each for each in twilio_numbers.compare() if each.sid is None]
    with environment.context() as patch:
        patch.setenv("TWILIO_API_BASE", "https://api.twilio.com")
        forget_settings()
        (finding,) = _number(missing)
    forget_settings()
    assert (finding.verdict, "has no such number" in finding.text) == ("failed", True)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [('{"status": "ok"}', "ok"), ("<html>", "warning"), ("[]", "warning")],
)
def test_the_dashboards_address_must_lead_to_it(
    environment: pytest.MonkeyPatch, answer: str, verdict: str
) -> None:
    app = Starlette(routes=[Route("/health", lambda _: Response(answer))])
    with serving(app) as address, environment.context() as patch:
        patch.setenv("DASHBOARD_URL", address)
        forget_settings()
        assert found(public_address.dashboard(), "dashboard address").verdict == verdict
    forget_settings()


def configure(phones: Phones, **changes: str) -> None:
    path = f"/2010-04-01/Accounts/{ACCOUNT_SID}/IncomingPhoneNumbers"
    listed = phones.client.get(f"{path}.json", auth=WHOLE).raise_for_status().json()
    sid = listed["incoming_phone_numbers"][0]["sid"]
    phones.client.post(f"{path}/{sid}.json", data=changes, auth=WHOLE).raise_for_status()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"VoiceUrl": "https://old.example.com/voice"}, "Not as it should be at Twilio: voice."),
        ({"SmsUrl": "", "StatusCallback": ""}, "call status, text."),
        ({"VoiceApplicationSid": "AP1"}, "voice_application_sid is set"),
        ({"TrunkSid": "TK1"}, "trunk_sid is set"),
    ],
)
def test_a_number_that_leads_elsewhere_is_said(
    phones: Phones, changes: dict[str, str], said: str
) -> None:
    configure(phones, **changes)
    finding = found(looked("number"), "number 425-437-9974")
    assert (finding.verdict, said in finding.text) == ("failed", True), finding


def test_a_fallback_on_this_same_machine_is_none(phones: Phones) -> None:
    configure(phones, VoiceFallbackUrl=f"{settings().public_url}/fallback.xml")
    finding = found(looked("number"), "number 425-437-9974, fallback")
    assert finding.verdict == "failed"
    configure(phones, VoiceFallbackUrl="https://handler.twilio.com/twiml/EH1")
    assert found(looked("number"), "number 425-437-9974, fallback").verdict == "ok"


def test_an_address_that_is_got_and_not_posted_is_a_difference() -> None:
    """A GET would carry the caller's number in its query."""
    there = SimpleNamespace(
        sid="PN1",
        **twilio_numbers.wanted_addresses("front"),
        **dict.fromkeys(twilio_numbers.METHODS.values(), "POST"),
        voice_fallback_url="",
    )
    there.voice_method = "GET"
    (difference,) = twilio_numbers._compared("+14254379974", "front", there, 0).differences
    assert (difference.setting, difference.wanted) == ("voice_method", "POST")
