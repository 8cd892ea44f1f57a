"""What every request must fulfil and every answer carries, whatever made the answer.

Plain ASGI around the whole application, so that error pages have the headers as well and
streams pass through unbuffered.
"""

import ipaddress
from urllib.parse import urlsplit

import structlog
from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leads.log import what_failed
from leads.settings import settings

log = structlog.get_logger()

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
ONE_YEAR = 31_536_000
LARGEST_BODY = 256 * 1024  # bytes; the longest that people write here is a note
LARGER_BODIES = {"/leads/import": 33 * 1024 * 1024}  # a contact list, and the form around it
# Health checks come from load balancers, which know an address and no name. They tell nothing.
ANY_HOST = {"/health", "/ready"}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class TooLarge(HTTPException):
    """The request's body is larger than anything that people send here."""

    def __init__(self) -> None:
        super().__init__(413, "That is too much at once. Nothing was saved. Send less.")


class Guard:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        received = 0
        largest = LARGER_BODIES.get(scope["path"], LARGEST_BODY)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message))
            await send(message)

        async def receive_guarded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > largest:
                raise TooLarge
            return message

        if scope["path"] not in ANY_HOST and not is_our_host(headers.get("host", "")):
            refusal = PlainTextResponse(
                "This is not the address of this dashboard. Open the one in DASHBOARD_URL.", 400
            )
            await refusal(scope, receive, send_guarded)
            return
        try:
            _check_told_length(headers, largest)
            await self.app(scope, receive_guarded, send_guarded)
        except TooLarge as error:
            await PlainTextResponse(error.detail, 413)(scope, receive, send_guarded)
        except Exception as error:
            # The page has been answered (errors.py). The server would log the error's text,
            # in which a database quotes names and numbers.
            log.error("request_failed", **what_failed(error))


def _add_headers(headers: MutableHeaders) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
    headers.setdefault("Cache-Control", "no-store")
    if is_https():
        headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}"


def _check_told_length(headers: Headers, largest: int) -> None:
    told = headers.get("content-length", "")
    if told.isascii() and told.isdigit() and int(told) > largest:
        raise TooLarge


def is_our_host(host: str) -> bool:
    """Whether a Host header names this dashboard. A page elsewhere whose name was pointed at
    this machine (DNS rebinding) is told apart by it."""
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return name is not None and name in {urlsplit(settings().dashboard_url).hostname, *LOOPBACK}


def is_https() -> bool:
    return urlsplit(settings().dashboard_url).scheme == "https"


def address(request: Request) -> str:
    """The network address that asked: behind a proxy on this machine, the one it names.

    A home's IPv6 addresses are too many to count one by one, so its /64 stands for them.
    """
    peer = request.client.host if request.client else ""
    if is_loopback(peer) and (told := request.headers.get("x-forwarded-for")):
        peer = told.rpartition(",")[2].strip()
    try:
        parsed = ipaddress.ip_address(peer)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def is_loopback(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False


def is_direct_from_here(request: Request) -> bool:
    """Whether a program on this machine asked by itself, not through a proxy."""
    passed_on = {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"}
    peer = request.client.host if request.client else ""
    return is_loopback(peer) and passed_on.isdisjoint(request.headers.keys())
