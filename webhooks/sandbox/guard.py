"""Who may use the page and the control API: this machine alone, unless it was opened.

A page of another site in the same browser comes from this machine too, so the names that a
browser gives for itself and for us are looked at as well.
"""

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

CLOSED = (
    "The sandbox's page and control API answer this machine alone; SANDBOX_OPEN=1 opens them, "
    "which only a closed network makes safe."
)
FOREIGN = "The sandbox answers no request that another site sent."


def objection(scope: Scope, open_to_all: bool) -> str | None:
    """Why this request must be refused, or None."""
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    if not open_to_all:
        peer = (scope.get("client") or ("", 0))[0]
        if not _is_loopback(peer) or not _is_loopback(urlsplit(f"//{host}").hostname or ""):
            return CLOSED
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return FOREIGN
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"} and (
        scope["path"].startswith("/sandbox/")
    ):
        return FOREIGN
    return None


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
