"""Who is looking, what they may do, and whether a change really comes from our own page.

Handlers take these as dependencies. Each opens its own short transaction: a session that was
looked up, and a refusal that was audited, stand whatever becomes of the handler's own.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from leads import sign_in
from leads.dashboard.guard import is_https
from leads.db import transaction
from leads.settings import settings

# What a page refetches by itself carries this header: nobody is sitting there because of it.
LIVE_HEADER = "X-Ringback-Live"


@dataclass(frozen=True)
class Viewer:
    """A signed-in member of the staff."""

    staff_id: int
    name: str
    email: str
    role: str
    csrf_token: str
    session_digest: str
    chime: bool
    ends: sign_in.Ends


class SignInNeeded(Exception):
    """Nobody is signed in here (any more)."""


class Denied(Exception):
    """Signed in, but not allowed; `reason` is a code for the audit."""

    def __init__(self, reason: str, viewer: Viewer | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.viewer = viewer


def cookie_name() -> str:
    """With `__Host-`, browsers let no other host of the domain set the cookie; needs https."""
    return "__Host-ringback" if is_https() else "ringback"


def viewer(request: Request) -> Viewer:
    """The signed-in member of the staff; raises SignInNeeded. Counts as activity, unless the
    page asked by itself (`LIVE_HEADER`)."""
    return _known(request, active=request.headers.get(LIVE_HEADER) != "1")


def watcher(request: Request) -> Viewer:
    """As `viewer`, for what stays open by itself: never counts as activity."""
    return _known(request, active=False)


def _known(request: Request, *, active: bool) -> Viewer:
    token = request.cookies.get(cookie_name())
    if not token:
        raise SignInNeeded
    with transaction() as session:
        found = sign_in.find(session, token, active=active)
    if found is None:
        raise SignInNeeded
    staff = found.staff
    known = Viewer(
        staff.id,
        staff.name,
        staff.email,
        staff.role,
        found.csrf_token,
        found.token_digest,
        staff.chime,
        sign_in.ends(found, active=active),
    )
    request.state.viewer = known
    return known


async def changing(request: Request, known: Annotated[Viewer, Depends(viewer)]) -> Viewer:
    """Needed by whatever changes anything: our own page sent this. Raises SignInNeeded, Denied.

    The session's token comes in the header `X-CSRF-Token` or the form field `csrf_token`.
    """
    if not is_same_origin(request):
        raise Denied("cross_site", known)
    if not is_token(await told_token(request), known.csrf_token):
        raise Denied("csrf_token", known)
    return known


async def told_token(request: Request) -> str:
    """The CSRF token that came with a request; empty when none did."""
    header = request.headers.get("X-CSRF-Token")
    if header is not None:
        return header
    field = (await request.form()).get("csrf_token", "")
    return field if isinstance(field, str) else ""


def is_token(given: str, expected: str) -> bool:
    return bool(expected) and secrets.compare_digest(
        given.encode(errors="replace"), expected.encode()
    )


def is_same_origin(request: Request) -> bool:
    """Whether the browser says that one of our own pages sent this.

    `Sec-Fetch-Site` where there is one. A browser without it (plain http on a local network)
    names an Origin, or `null` because our pages send no referrer: the token decides then.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    if origin is None or origin == "null":
        return True
    ours = {request.headers.get("host", ""), urlsplit(settings().dashboard_url).netloc}
    return urlsplit(origin).netloc in ours


def role(*roles: str) -> Callable[[Viewer], Viewer]:
    """A dependency that lets only these roles through. Raises SignInNeeded, Denied."""

    def holds_role(known: Annotated[Viewer, Depends(viewer)]) -> Viewer:
        if known.role not in roles:
            raise Denied("role", known)
        return known

    return holds_role
