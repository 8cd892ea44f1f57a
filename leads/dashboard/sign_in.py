"""The doors: sign-in by password or one-time link, and sign-out."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from leads import audit, sign_in
from leads.dashboard.guard import address, is_https
from leads.dashboard.pages import navigation, render
from leads.dashboard.security import (
    Denied,
    SignInNeeded,
    Viewer,
    changing,
    cookie_name,
    is_same_origin,
    is_token,
    told_token,
    viewer,
)
from leads.db import transaction
from leads.first_admin import FIRST_ADMIN
from leads.password import WeakPassword
from leads.staff import Staff
from leads.throttle import TooManyAttempts

router = APIRouter(include_in_schema=False)

WRONG = "The e-mail or the password is wrong. Try again, or ask an admin for a one-time link."
SPENT = "This link was used already or is more than 15 minutes old. Ask for a new one."


def form_cookie() -> str:
    """The cookie that the sign-in form's token must equal: nobody is signed in yet to hold it.
    Without it, another site could sign a browser in as somebody else."""
    return cookie_name() + "-form"


@router.get("/sign-in")
def show(request: Request, next: str = "/") -> Response:  # noqa: A002 - its name in the address
    try:
        known = viewer(request)
    except SignInNeeded:
        return form(request, "sign_in.html", next=own_path(next), error=None, email="")
    return RedirectResponse(first_page(own_path(next), known.role), 303)


@router.get("/sign-in/link")
def show_link(request: Request, token: str = "") -> Response:
    """One button. Opening a link must not use it up: scanners and previews open links."""
    return form(request, "sign_in_link.html", token=token, error=None)


async def from_form(request: Request) -> None:
    """Needed by both posts: our own form sent this. Raises Denied."""
    expected = request.cookies.get(form_cookie(), "")
    if not is_same_origin(request) or not is_token(await told_token(request), expected):
        raise Denied("sign_in_form", None)


@router.post("/sign-in", dependencies=[Depends(from_form)])
def enter(
    request: Request,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002 - its name in the form
) -> Response:
    def again(status: int, error: str) -> HTMLResponse:
        back = own_path(next)
        return form(request, "sign_in.html", status, next=back, error=error, email=email)

    try:
        token = sign_in.with_password(email, password, address(request))
    except sign_in.WrongCredentials:
        return again(403, WRONG)
    except TooManyAttempts as error:
        page = again(429, str(error))
        page.headers["Retry-After"] = str(error.seconds)
        return page
    return let_in(request, token, own_path(next))


@router.post("/sign-in/link", dependencies=[Depends(from_form)])
def enter_by_link(request: Request, token: Annotated[str, Form()] = "") -> Response:
    try:
        with transaction() as session:
            opened = sign_in.with_link(session, token, address(request))
            entered = sign_in.find(session, opened, active=False)
            needs_password = entered is not None and is_first_time(entered.staff)
    except sign_in.LinkSpent:
        return form(request, "sign_in_link.html", 403, token="", error=SPENT)
    return let_in(request, opened, "/password" if needs_password else "/")


def is_first_time(member: Staff) -> bool:
    """Whether the link was their only way in. The first start's admin comes by link every time."""
    return member.password_hash is None and member.email != FIRST_ADMIN


@router.post("/sign-out")
def leave(request: Request, known: Annotated[Viewer, Depends(changing)]) -> Response:
    with transaction() as session:
        sign_in.revoke(session, known.session_digest)
        audit.record(session, "signed_out", staff_id=known.staff_id, address=address(request))
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(cookie_name(), path="/", secure=is_https(), httponly=True)
    return answer


@router.post("/session/activity", dependencies=[Depends(changing)])
def stay() -> Response:
    """Somebody is here: asking is enough, as every request of theirs puts the end off."""
    return Response(status_code=204)


@router.get("/password")
def show_password(request: Request, known: Annotated[Viewer, Depends(viewer)]) -> Response:
    return password_page(request, known)


def password_page(
    request: Request, known: Viewer, status: int = 200, error: str | None = None
) -> HTMLResponse:
    with transaction() as session:
        first = session.get_one(Staff, known.staff_id).password_hash is None
    return render(request, "set_password.html", status, first=first, error=error)


@router.post("/password")
def set_password(
    request: Request,
    known: Annotated[Viewer, Depends(changing)],
    password: Annotated[str, Form()] = "",
) -> Response:
    try:
        with transaction() as session:
            sign_in.set_password(session, known.staff_id, password, known.session_digest)
    except WeakPassword as error:
        return password_page(request, known, 422, str(error))
    return RedirectResponse(first_page("/", known.role), 303)


def form(request: Request, template: str, status: int = 200, **context: object) -> HTMLResponse:
    """A page with a form for somebody not signed in, and the cookie that its token must equal.

    The cookie is kept while it is there, so that two open sign-in pages both work.
    """
    token = request.cookies.get(form_cookie()) or secrets.token_urlsafe(32)
    page = render(request, template, status_code=status, csrf_token=token, **context)
    set_cookie(page, form_cookie(), token)
    return page


def let_in(request: Request, token: str, target: str) -> Response:
    """Set the session's cookie; a session that this browser had before ends."""
    before = request.cookies.get(cookie_name())
    with transaction() as session:
        if before:
            sign_in.revoke(session, sign_in.digest(before))
        opened = sign_in.find(session, token, active=False)
        target = first_page(target, opened.staff.role) if opened else target
    answer = RedirectResponse(target, 303)
    set_cookie(answer, cookie_name(), token, int(sign_in.LONGEST.total_seconds()))
    return answer


def first_page(target: str, role: str) -> str:
    """`target`, unless that is the desk, which not every role sees."""
    return navigation.home(role) if target == "/" else target


def set_cookie(answer: Response, name: str, value: str, seconds: int | None = None) -> None:
    # Lax, not Strict: a link in a notification must find its reader signed in. What changes
    # anything asks for a token besides (`security.changing`).
    answer.set_cookie(
        name, value, max_age=seconds, path="/", secure=is_https(), httponly=True, samesite="lax"
    )


def own_path(raw: str) -> str:
    """`raw` when it is a path of this dashboard, else `/`: never a way to another site."""
    plain = raw.isascii() and raw.isprintable() and "\\" not in raw
    return raw if plain and raw.startswith("/") and not raw.startswith("//") else "/"
