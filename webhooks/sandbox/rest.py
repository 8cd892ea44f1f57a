"""Twilio's REST API as far as it is used: texts, calls, recordings, numbers and lookups.

Basic authentication with the account's SID and token; errors and pages as Twilio writes them.
"""

import binascii
import secrets
from base64 import b64decode
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from webhooks.sandbox.exchange import Exchange
from webhooks.sandbox.sids import parse_stamp
from webhooks.sandbox.state import Document

ROOT = "/2010-04-01/Accounts"
LOOKUPS = "/v2/PhoneNumbers"  # at Twilio on a host of its own
LARGEST_PAGE = 1000


class RestError(Exception):
    """An answer in Twilio's own form: HTTP status, Twilio's code, words."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def error_response(error: RestError) -> JSONResponse:
    body = {
        "code": error.code,
        "message": str(error),
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if error.status == 401 else None
    return JSONResponse(body, error.status, headers)


def not_found(request: Request) -> RestError:
    return RestError(404, 20404, f"The requested resource {request.url.path} was not found")


def known_account(request: Request) -> Exchange:
    """The exchange, for whoever knows its SID and token. Raises RestError."""
    exchange: Exchange = request.app.state.exchange
    settings = exchange.settings
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        user, _, password = b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        user, password = "", ""
    known = secrets.compare_digest(user.encode(), settings.account_sid.encode())
    right = secrets.compare_digest(password.encode(), settings.auth_token.encode())
    if scheme.lower() != "basic" or not (known and right):
        raise RestError(401, 20003, "Authenticate")
    return exchange


def authenticated(request: Request) -> Exchange:
    """The same, where the path names the account. Raises RestError."""
    exchange = known_account(request)
    if request.path_params.get("account") != exchange.settings.account_sid:
        raise not_found(request)
    return exchange


Authenticated = Annotated[Exchange, Depends(authenticated)]
router = APIRouter(prefix=ROOT + "/{account}", include_in_schema=False)


async def form(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def page(
    request: Request, key: str, items: Iterable[Document], shown: Callable[[Document], Any]
) -> Response:
    """One page of `items`, which come newest first. The token names the last one seen."""
    items = list(items)
    query = dict(request.query_params)
    size = _positive(query.get("PageSize"), 50)
    number = _positive(query.get("Page"), 0)
    token = query.get("PageToken", "").removeprefix("PA")
    position = next((i + 1 for i, item in enumerate(items) if item["sid"] == token), 0)
    if not token:
        position = number * size
    listed = items[position : position + size]
    onward = None
    if items[position + size :]:
        onward = query | {
            "PageSize": str(size), "Page": str(number + 1), "PageToken": f"PA{listed[-1]['sid']}",
        }  # fmt: skip
    path = request.url.path

    def uri(changed: dict[str, str] | None) -> str | None:
        return None if changed is None else f"{path}?{urlencode(changed)}"

    first = {k: v for k, v in query.items() if k != "PageToken"}
    return JSONResponse({
        key: [shown(item) for item in listed],
        "page": number,
        "page_size": size,
        "start": position,
        "end": max(position, position + len(listed) - 1),
        "uri": uri(query | {"PageSize": str(size), "Page": str(number)}),
        "first_page_uri": uri(first | {"PageSize": str(size), "Page": "0"}),
        "next_page_uri": uri(onward),
        "previous_page_uri": None,
    })  # fmt: skip


def _positive(text: str | None, default: int) -> int:
    if text is None or not text.isdigit():
        return default
    return min(int(text), LARGEST_PAGE)


def within(request: Request, name: str, stamp: str | None) -> bool:
    """Whether a time satisfies the query's `name`, `name<` and `name>` (both inclusive)."""
    query = request.query_params
    wanted = [name, f"{name}<", f"{name}>"]
    if not any(query.get(n) for n in wanted):
        return True
    if stamp is None:
        return False
    at = parse_stamp(stamp).replace(microsecond=0)  # Twilio's times have whole seconds
    on, before, after = (_time(query.get(n)) for n in wanted)
    return (
        (on is None or on <= at < on + timedelta(days=1))
        and (before is None or at <= before)
        and (after is None or at >= after)
    )


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise RestError(400, 20001, f"'{text}' is not a date") from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def equals(request: Request, **values: str | None) -> bool:
    query = request.query_params
    return all(not query.get(name) or query[name] == value for name, value in values.items())
