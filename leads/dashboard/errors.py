"""Every refusal in words: a page for people, `application/problem+json` for programs."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from leads import audit, desk
from leads.dashboard.guard import address
from leads.dashboard.pages import render
from leads.dashboard.security import LIVE_HEADER, Denied, SignInNeeded
from leads.db import transaction

log = structlog.get_logger()

PAGE_TEXTS = {
    400: "This request could not be understood. Nothing was changed.",
    403: "Your role does not allow this. Ask an admin if you need it.",
    404: "There is nothing here. It may have been moved or deleted.",
    405: "This address cannot do that. Nothing was changed.",
    422: "Something in this request does not fit. Nothing was changed. Go back and correct it.",
}
OUTDATED = "This page is too old to change anything. Reload it and try again; nothing was changed."


def install(app: FastAPI) -> None:
    app.add_exception_handler(SignInNeeded, sign_in_needed)
    app.add_exception_handler(Denied, denied)
    app.add_exception_handler(desk.Refused, refused)
    app.add_exception_handler(RequestValidationError, unfit)
    app.add_exception_handler(HTTPException, told)
    app.add_exception_handler(DataError, unkeepable)
    app.add_exception_handler(OperationalError, database_away)
    app.add_exception_handler(PoolTimeout, database_away)
    app.add_exception_handler(Exception, broken)


def answer(
    request: Request,
    status: int,
    text: str,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """The refusal in the form that whoever asked can read. `text` is whole sentences."""
    title = HTTPStatus(status).phrase
    if request.url.path.startswith("/api/"):
        problem = {"type": "about:blank", "title": title, "status": status, "detail": text, **more}
        return JSONResponse(problem, status, headers, "application/problem+json")
    page = render(request, "error.html", status_code=status, title=title, message=text)
    page.headers.update(headers or {})
    return page


def sign_in_needed(request: Request, error: Exception) -> Response:  # noqa: ARG001 - the shape of a handler
    """To the sign-in page, and from there back to the same path (not its query, which may hold a
    number)."""
    if request.headers.get(LIVE_HEADER) == "1" or request.url.path == "/live":
        # Nobody clicked: the page says so itself, and keeps what is half written on it.
        return Response(status_code=401)
    if request.headers.get("HX-Request") == "true":
        # A fetch would follow a redirect and put the sign-in page where a fragment belongs.
        return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
    back = request.url.path
    named = request.method == "GET" and back != "/"
    return RedirectResponse(f"/sign-in?next={quote(back)}" if named else "/sign-in", 303)


def denied(request: Request, error: Exception) -> Response:
    assert isinstance(error, Denied)  # noqa: S101 - for mypy: the handler is installed for it
    staff_id = error.viewer.staff_id if error.viewer else None
    with transaction() as session:
        audit.record(
            session,
            "access_denied",
            staff_id=staff_id,
            address=address(request),
            reason=error.reason,
        )
    return answer(request, 403, PAGE_TEXTS[403] if error.reason == "role" else OUTDATED)


def refused(request: Request, error: Exception) -> Response:
    return answer(request, 409, str(error))


def unfit(request: Request, error: Exception) -> Response:
    """Says what does not fit and where, and never repeats the value: it may be personal."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - for mypy, as above
    places = [
        {"where": ".".join(str(part) for part in each["loc"]), "problem": each["msg"]}
        for each in error.errors()
    ]
    return answer(request, 422, PAGE_TEXTS[422], errors=places)


def unkeepable(request: Request, error: Exception) -> Response:  # noqa: ARG001 - the shape of a handler
    """PostgreSQL keeps no NUL and no number past its column: nothing that people type."""
    return answer(request, 422, PAGE_TEXTS[422])


def told(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - for mypy, as above
    own = error.detail if error.detail != HTTPStatus(error.status_code).phrase else None
    text = own or PAGE_TEXTS.get(error.status_code, "This did not work. Nothing was changed.")
    return answer(request, error.status_code, text, error.headers)


def database_away(request: Request, error: Exception) -> Response:
    log.error("database_away", error=type(error).__name__)
    text = "The database does not answer. Nothing was changed. Try again in a minute."
    return answer(request, 503, text, {"Retry-After": "5"})


def broken(request: Request, error: Exception) -> Response:  # noqa: ARG001 - the shape of a handler
    """A bug of ours. The guard logs it; the page says what it means for whoever asked."""
    text = "Something went wrong on our side. Nothing was changed. Try again."
    return answer(request, 500, text)
