"""REST: messaging services, their numbers, and registrations. At Twilio on a host of its own.

Nothing is registered here: a campaign waits, unless it is a mock, which Twilio takes at once.
"""

import secrets
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from webhooks.sandbox.exchange import Exchange
from webhooks.sandbox.rest import RestError, form, known_account, not_found
from webhooks.sandbox.state import Document

KIND = "services"
Known = Annotated[Exchange, Depends(known_account)]
router = APIRouter(prefix="/v1", include_in_schema=False)


@router.get("/Services")
async def list_services(request: Request, exchange: Known) -> Response:
    return _page(request, "services", [_shown(each) for each in exchange.state.all(KIND)])


@router.post("/Services")
async def create_service(request: Request, exchange: Known) -> Response:
    given = await form(request)
    made: Document = {
        "sid": f"MG{secrets.token_hex(16)}",
        "friendly_name": given.get("FriendlyName", ""),
        "inbound_request_url": given.get("InboundRequestUrl") or None,
        "use_inbound_webhook_on_number": given.get("UseInboundWebhookOnNumber") == "true",
        "numbers": [],
        "campaigns": [],
    }
    exchange.state.put(KIND, made["sid"], made)
    return JSONResponse(_shown(made), 201)


@router.get("/Services/{sid}")
async def fetch_service(request: Request, exchange: Known, sid: str) -> Response:
    return JSONResponse(_shown(_kept(request, exchange, sid)))


@router.get("/Services/{sid}/PhoneNumbers")
async def list_numbers(request: Request, exchange: Known, sid: str) -> Response:
    kept = _kept(request, exchange, sid)
    known = [exchange.numbers.by_sid(number) for number in kept["numbers"]]
    return _page(
        request,
        "phone_numbers",
        [{"sid": n["sid"], "phone_number": n["number"], "service_sid": sid} for n in known if n],
    )


@router.post("/Services/{sid}/PhoneNumbers")
async def add_number(request: Request, exchange: Known, sid: str) -> Response:
    kept = _kept(request, exchange, sid)
    number = exchange.numbers.by_sid((await form(request)).get("PhoneNumberSid", ""))
    if number is None:
        raise RestError(404, 20404, "The PhoneNumberSid was not found")
    kept["numbers"].append(number["sid"])
    exchange.state.put(KIND, sid, kept)
    return JSONResponse({"sid": number["sid"], "phone_number": number["number"]}, 201)


@router.get("/Services/{sid}/Compliance/Usa2p")
async def list_campaigns(request: Request, exchange: Known, sid: str) -> Response:
    return _page(request, "compliance", _kept(request, exchange, sid)["campaigns"])


@router.post("/Services/{sid}/Compliance/Usa2p")
async def create_campaign(request: Request, exchange: Known, sid: str) -> Response:
    kept = _kept(request, exchange, sid)
    given = await form(request)
    mock = given.get("Mock") == "true"
    made: Document = {
        "sid": f"QE{secrets.token_hex(16)}",
        "messaging_service_sid": sid,
        "campaign_status": "VERIFIED" if mock else "PENDING",
        "mock": mock,
    }
    kept["campaigns"].append(made)
    exchange.state.put(KIND, sid, kept)
    return JSONResponse(made, 201)


@router.get("/Tollfree/Verifications")
async def list_verifications(request: Request, exchange: Known) -> Response:
    """None: a toll-free number is verified by people."""
    assert exchange.settings.account_sid  # noqa: S101 - the token was right
    return _page(request, "verifications", [])


def _kept(request: Request, exchange: Exchange, sid: str) -> Document:
    kept = exchange.state.get(KIND, sid)
    if kept is None:
        raise not_found(request)
    return kept


def _shown(service: Document) -> Document:
    return {key: value for key, value in service.items() if key not in {"numbers", "campaigns"}}


def _page(request: Request, key: str, items: Sequence[Document]) -> Response:
    """One page has them all: a clinic has one service and a few numbers."""
    url = str(request.url)
    meta = {"page": 0, "page_size": 50, "first_page_url": url, "previous_page_url": None}
    return JSONResponse(
        {key: list(items), "meta": {**meta, "url": url, "next_page_url": None, "key": key}}
    )
