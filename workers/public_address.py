"""Calls ourselves through PUBLIC_URL, signed as Twilio signs: what a proxy changes breaks it."""

import ipaddress
import secrets
import time
from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

import requests
from twilio.request_validator import RequestValidator

from leads.settings import settings
from leads.verdict import Finding

NAME = "public address"
PATH = "/webhooks/twilio/check"
# Everything in it that a proxy might tidy up, as Twilio's own requests have it.
QUERY = "message=1&attempt=a%2Fb%20c&empty="
SECONDS = 8.0
SLOW = 2.0  # seconds; a caller hears nothing meanwhile
BYPASS = "Make the proxy pass path, query and body on unchanged: deploy/Caddyfile shows how."


def look() -> Sequence[Finding]:
    told = settings()
    public = told.public_url.rstrip("/")
    if told.mode == "live":
        if not told.twilio_auth_token.get_secret_value():
            cure = "Set TWILIO_AUTH_TOKEN in .env."
            return [Finding(NAME, "failed", "Without a token every request is refused.", cure)]
        if wrong := cannot_be(public):
            return [Finding(NAME, "failed", *wrong)]
    return [_asked(public)]


def cannot_be(public: str) -> tuple[str, str] | None:
    """What is wrong with it as an address for Twilio itself, and the cure; None when nothing is."""
    try:
        told = urlsplit(public)
        host = told.hostname or ""
    except ValueError:
        return "PUBLIC_URL is no address.", "Set it to the public HTTPS address."
    if not _reachable(host):
        said = f"PUBLIC_URL is {public}, which Twilio cannot reach."
        return said, "Set it to the public HTTPS address."
    if told.scheme != "https":
        said = f"PUBLIC_URL is {public}: numbers and texts would cross the net in the clear."
        return said, "Put HTTPS in front: docs/install.md."
    return None


def _reachable(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return host not in {"", "localhost"}


def dashboard() -> Sequence[Finding]:
    """Whether the links in mails lead anywhere; it may well be open to a VPN alone."""
    name = "dashboard address"
    at = settings().dashboard_url.rstrip("/")
    try:
        answer = requests.get(f"{at}/health", timeout=SECONDS, allow_redirects=False)
        well = answer.status_code == 200 and answer.json() == {"status": "ok"}
        told = f"{at} answers {answer.status_code}, and not as the dashboard does."
    except ValueError:  # which requests raises for what is no JSON, and is a RequestException too
        well, told = False, f"{at} answers, and not as the dashboard does."
    except requests.RequestException as error:
        well, told = False, f"{at} cannot be reached from here: {type(error).__name__}."
    if well:
        return [Finding(name, "ok", f"{at} answers.")]
    return [Finding(name, "warning", told, "Correct DASHBOARD_URL, or the proxy before it.")]


def _asked(public: str) -> Finding:
    nonce = secrets.token_hex(8)
    began = time.monotonic()
    try:
        answer = _post(public, nonce)
    except requests.exceptions.SSLError:
        said = f"{public} has no certificate that this machine trusts."
        return Finding(NAME, "failed", said, "Wait for Caddy's certificate, or read its log.")
    except requests.RequestException as error:
        said = f"{public} cannot be reached from here: {type(error).__name__}."
        cure = (
            "Check the name's DNS entry, the ports 80 and 443, and the proxy; a router that does "
            "not lead its own public address back needs a look from outside."
        )
        return Finding(NAME, "failed", said, cure)
    seconds = time.monotonic() - began
    if answer.status_code == 200 and _is_ours(answer, nonce):
        said = f"{public} answers a signed request in {seconds * 1000:.0f} ms."
        if seconds > SLOW:
            return Finding(NAME, "warning", said, "Callers wait as long: what slows it down?")
        return Finding(NAME, "ok", said)
    return _why(public, answer.status_code, nonce)


def _why(public: str, status: int, nonce: str) -> Finding:
    if status == 403:
        return _refused(public, nonce)
    if 300 <= status < 400:
        said = f"{public} sends on to another address, and Twilio's signature is for this one."
        cure = "Set PUBLIC_URL to the address that answers by itself, or take the redirect out."
        return Finding(NAME, "failed", said, cure)
    if status in {502, 503, 504}:
        said = f"The proxy at {public} answers {status}: it does not reach the webhooks."
        cure = "Is the webhooks process running, and does the proxy name its port?"
        return Finding(NAME, "failed", said, cure)
    said = f"{public}{PATH} answers {status}, which is not Ringback, or not on this path."
    return Finding(NAME, "failed", said, BYPASS)


def _refused(public: str, nonce: str) -> Finding:
    """The signature does not fit. Past the proxy, the same request tells whose fault it is."""
    try:
        past = _post(public, nonce, at=f"http://127.0.0.1:{settings().webhooks_port}")
    except requests.RequestException:
        past = None
    if past is not None and past.status_code == 200 and _is_ours(past, nonce):
        said = f"What is sent to {public} arrives changed, so every signature is refused."
        return Finding(NAME, "failed", said, BYPASS)
    said = f"{public} refuses our signature, as it would refuse Twilio's."
    cure = (
        "The webhooks run with another token, account or PUBLIC_URL than this command: restart "
        "them, or correct .env. If they agree, the proxy changes path, query or body."
    )
    return Finding(NAME, "failed", said, cure)


def _post(public: str, nonce: str, at: str = "") -> requests.Response:
    """A signed request for `public`, sent there or `at` another door of the same process."""
    told = settings()
    fields = {"AccountSid": told.twilio_account_sid, "Nonce": nonce, "Body": "Grüße +", "Empty": ""}
    url = f"{public}{PATH}?{QUERY}"
    signature = RequestValidator(told.twilio_auth_token.get_secret_value()).compute_signature(
        url, fields
    )
    return requests.post(
        f"{at or public}{PATH}?{QUERY}",
        data=urlencode(fields),
        headers={
            "X-Twilio-Signature": signature,
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "ringback-doctor",
        },
        timeout=SECONDS / 2,
        allow_redirects=False,
    )


def _is_ours(answer: requests.Response, nonce: str) -> bool:
    try:
        return bool(answer.json().get("nonce") == nonce)
    except (ValueError, AttributeError):
        return False
