"""REST: the account itself and its numbers."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from webhooks.sandbox.numbers import CONFIGURATION, formatted, normal
from webhooks.sandbox.rest import (
    ROOT,
    Authenticated,
    RestError,
    equals,
    form,
    not_found,
    page,
    router,
)
from webhooks.sandbox.sids import rfc2822, stamp
from webhooks.sandbox.state import Document

# Their names in REST are those of CONFIGURATION in camel case.
PARAMETERS = {
    "".join(word.capitalize() for word in name.split("_")): name for name in CONFIGURATION
}
account_router = APIRouter(prefix=ROOT, include_in_schema=False)


@account_router.get("/{account}.json")
async def fetch_account(exchange: Authenticated) -> Response:
    sid = exchange.settings.account_sid
    return JSONResponse({
        "sid": sid,
        "owner_account_sid": sid,
        "friendly_name": "The practice telephone",
        "status": "active",
        "type": "Full",
        "date_created": rfc2822(stamp()),
        "date_updated": rfc2822(stamp()),
        "uri": f"{ROOT}/{sid}.json",
    })  # fmt: skip


@router.post("/IncomingPhoneNumbers.json")
async def buy_number(request: Request, exchange: Authenticated) -> Response:
    given = await form(request)
    number = normal(given.get("PhoneNumber", ""))
    if number is None:
        raise RestError(400, 21421, f"PhoneNumber is invalid: {given.get('PhoneNumber', '')}")
    return JSONResponse(_number(exchange, exchange.numbers.own(number)), 201)


@router.get("/IncomingPhoneNumbers.json")
async def list_numbers(request: Request, exchange: Authenticated) -> Response:
    chosen = (
        number for number in exchange.numbers.all() if equals(request, PhoneNumber=number["number"])
    )
    return page(request, "incoming_phone_numbers", chosen, lambda number: _number(exchange, number))


@router.get("/IncomingPhoneNumbers/{sid}.json")
async def fetch_number(request: Request, exchange: Authenticated, sid: str) -> Response:
    number = exchange.numbers.by_sid(sid)
    if number is None:
        raise not_found(request)
    return JSONResponse(_number(exchange, number))


@router.post("/IncomingPhoneNumbers/{sid}.json")
async def configure_number(request: Request, exchange: Authenticated, sid: str) -> Response:
    given = await form(request)
    changes = {PARAMETERS[name]: value for name, value in given.items() if name in PARAMETERS}
    number = exchange.numbers.configure(sid, changes)
    if number is None:
        raise not_found(request)
    return JSONResponse(_number(exchange, number))


def _number(exchange: Authenticated, number: Document) -> dict[str, Any]:
    account = exchange.settings.account_sid
    uri = f"/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{number['sid']}.json"
    configured = {name: exchange.numbers.setting(number, name) for name in CONFIGURATION}
    return {
        "sid": number["sid"],
        "account_sid": account,
        "api_version": "2010-04-01",
        "phone_number": number["number"],
        **configured,
        "friendly_name": configured["friendly_name"] or formatted(number["number"]),
        "voice_method": "POST",
        "voice_fallback_method": "POST",
        "status_callback_method": "POST",
        "sms_method": "POST",
        "sms_fallback_method": "POST",
        "voice_caller_id_lookup": False,
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "beta": False,
        "origin": "twilio",
        "address_requirements": "none",
        "date_created": rfc2822(stamp()),
        "date_updated": rfc2822(stamp()),
        "uri": uri,
    }
