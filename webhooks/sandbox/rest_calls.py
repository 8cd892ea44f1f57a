"""REST: calls."""

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from webhooks.sandbox import outgoing
from webhooks.sandbox.numbers import formatted, normal, number_sid
from webhooks.sandbox.rest import (
    Authenticated,
    RestError,
    equals,
    form,
    not_found,
    page,
    router,
    within,
)
from webhooks.sandbox.sids import rfc2822
from webhooks.sandbox.state import Document
from webhooks.sandbox.twiml_rules import address


@router.get("/Calls.json")
async def list_calls(request: Request, exchange: Authenticated) -> Response:
    chosen = (
        call
        for call in reversed(exchange.state.all("calls"))
        if equals(
            request,
            To=call["to"],
            From=call["from_"],
            Status=call["status"],
            ParentCallSid=call["parent_sid"],
        )
        and within(request, "StartTime", call["created_at"])
        and within(request, "EndTime", call["ended_at"])
    )
    return page(request, "calls", chosen, lambda call: _call(exchange, call))


@router.get("/Calls/{sid}.json")
async def fetch_call(request: Request, exchange: Authenticated, sid: str) -> Response:
    call = exchange.state.get("calls", sid)
    if call is None:
        raise not_found(request)
    return JSONResponse(_call(exchange, call))


@router.post("/Calls.json")
async def create_call(request: Request, exchange: Authenticated) -> Response:
    """Rings a phone; `Url` says what it hears once it is picked up."""
    told = await form(request)
    from_, to = normal(told.get("From", "")), normal(told.get("To", ""))
    if from_ is None or not exchange.numbers.owns(from_):
        raise RestError(400, 21210, "'From' phone number not verified")
    if to is None:
        raise RestError(400, 21211, "Invalid 'To' Phone Number")
    if not told.get("Url", "").startswith(("http://", "https://")) or address(told["Url"]):
        raise RestError(400, 21205, "Url is not a valid URL")
    callback = {}
    if told.get("StatusCallback"):
        events = (await request.form()).getlist("StatusCallbackEvent") or ["completed"]
        callback = {
            "url": told["StatusCallback"],
            "method": told.get("StatusCallbackMethod", "POST"),
            "events": " ".join(str(event) for event in events),
        }
    timeout = told.get("Timeout", "")
    asked = outgoing.Asked(
        from_, to, told["Url"], told.get("Method", "POST"),
        int(timeout) if timeout.isdigit() else outgoing.LONGEST_RINGING, callback,
    )  # fmt: skip
    record = outgoing.place(exchange, asked).record
    return JSONResponse(_call(exchange, exchange.state.get("calls", record.sid) or {}), 201)


@router.post("/Calls/{sid}.json")
async def update_call(request: Request, exchange: Authenticated, sid: str) -> Response:
    """Hangs up, which is all that can be changed here."""
    line = exchange.lines.get(sid)
    if line is None:
        raise not_found(request)
    if (await form(request)).get("Status") not in {"completed", "canceled"}:
        raise RestError(400, 21218, "The sandbox can only end a call: Status=completed.")
    line.hang_up("twilio")
    await line.ended.wait()
    return await fetch_call(request, exchange, sid)


def _call(exchange: Authenticated, call: Document) -> dict[str, Any]:
    account = exchange.settings.account_sid
    uri = f"/2010-04-01/Accounts/{account}/Calls/{call['sid']}"
    inbound = call["direction"] == "inbound"
    return {
        "sid": call["sid"],
        "account_sid": account,
        "api_version": "2010-04-01",
        "parent_call_sid": call["parent_sid"],
        "phone_number_sid": number_sid(call["to"] if inbound else call["from_"]),
        "from": call["from_"],
        "from_formatted": formatted(call["from_"]),
        "to": call["to"],
        "to_formatted": formatted(call["to"]),
        "status": call["status"],
        "direction": call["direction"],
        "forwarded_from": call["forwarded_from"],
        "caller_name": call["caller_name"],
        "stir_verstat": call["stir"],
        "answered_by": None,
        "group_sid": None,
        "trunk_sid": None,
        "queue_time": "0",
        "duration": None if call["duration"] is None else str(call["duration"]),
        "price": None,
        "price_unit": "USD",
        "date_created": rfc2822(call["created_at"]),
        "date_updated": rfc2822(call["ended_at"] or call["created_at"]),
        "start_time": rfc2822(call["created_at"]),
        "end_time": rfc2822(call["ended_at"]),
        "annotation": None,
        "uri": f"{uri}.json",
        "subresource_uris": {"recordings": f"{uri}/Recordings.json"},
    }
