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
from leads.dashboard.pages.lead import no_such_lead
from leads.dashboard.pages.rendering import frame, render
from leads.dashboard.security import LIVE_HEADER, Denied, SignInNeeded, watcher
from leads.db import transaction

log = structlog.get_logger()

PAGE_TITLES = {
    400: "This could not be understood",
    403: "This is not open to you",
    404: "There is nothing here",
    405: "This address cannot do that",
    409: "This cannot be done now",
    413: "That is too much at once",
    422: "Something does not fit",
    500: "Something went wrong",
    503: "The database does not answer",
}
PAGE_TEXTS = {
    400: "This request could not be understood. Nothing was changed.",
    403: "Your role does not allow this. Ask an admin if you need it.",
    404: "It may have been moved or deleted. Nothing was changed.",
    405: "A button leads here, and nothing was changed. Go back and press it again.",
    422: "What was sent here does not fit. Nothing was changed. Go back and correct it.",
}
LARGEST_ID = 2**31 - 1  # of the smaller id columns; the larger never come near it
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
    if is_api(request):
        title = HTTPStatus(status).phrase
        problem = {"type": "about:blank", "title": title, "status": status, "detail": text, **more}
        return JSONResponse(problem, status, headers, "application/problem+json")
    page = error_page(request, status, text)
    page.headers.update(headers or {})
    return page


def is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def error_page(request: Request, status: int, text: str) -> Response:
    """In the dashboard's frame for signed-in staff, so that they go on; alone for anybody else,
    and when our side is broken, because the frame asks the database."""
    told = {
        "title": PAGE_TITLES.get(status, "This did not work"),
        "message": text,
        "back": getattr(request.state, "way_back", ""),  # see pages/navigation.py
    }
    if status < 500:
        try:
            watcher(request)
            with transaction() as session:
                return render(request, "error.html", status, frame=frame(session), **told)
        except (SignInNeeded, OperationalError, PoolTimeout):
            pass
    return render(request, "error_alone.html", status, **told)


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
    if not is_api(request) and any(each["loc"][0] == "path" for each in error.errors()):
        return nothing_here(request)
    places = [
        {"where": ".".join(str(part) for part in each["loc"]), "problem": each["msg"]}
        for each in error.errors()
    ]
    return answer(request, 422, PAGE_TEXTS[422], errors=places)


def nothing_here(request: Request) -> Response:
    """An address whose id is none: to whoever followed it the same as one that is not there."""
    if "lead_id" not in request.path_params:
        return answer(request, 404, PAGE_TEXTS[404])
    with transaction() as session:
        return no_such_lead(request, frame(session))


def unkeepable(request: Request, error: Exception) -> Response:  # noqa: ARG001 - the shape of a handler
    """PostgreSQL keeps no NUL and no number past its column: nothing that people type."""
    ids = [str(value) for value in request.path_params.values()]
    if not is_api(request) and any(value.isdigit() and int(value) > LARGEST_ID for value in ids):
        return nothing_here(request)
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
