"""REST: texts."""

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from webhooks.sandbox.message_errors import in_words
from webhooks.sandbox.numbers import is_textable, normal
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

LONGEST_BODY = 1600  # characters
LONGEST_VALIDITY = 36000  # seconds


@router.post("/Messages.json")
async def create(request: Request, exchange: Authenticated) -> Response:
    given = await form(request)
    to = normal(given.get("To", "")) or given.get("To", "")
    body = given.get("Body", "")
    service = given.get("MessagingServiceSid")
    callback = given.get("StatusCallback", "")
    validity = given.get("ValidityPeriod")
    if not to:
        raise RestError(400, 21604, "A 'To' phone number is required.")
    if not is_textable(to):
        raise RestError(400, 21211, f"Invalid 'To' Phone Number: {given['To']}")
    if not body and "MediaUrl" not in given:
        raise RestError(400, 21602, "Message body is required.")
    if len(body) > LONGEST_BODY:
        raise RestError(
            400, 21617, "The concatenated message body exceeds the 1600 character limit"
        )
    if callback and (address(callback) or "://" not in callback):
        raise RestError(400, 21609, "The 'StatusCallback' URL is not a valid URL.")
    if validity and not (validity.isdigit() and 1 <= int(validity) <= LONGEST_VALIDITY):
        raise RestError(400, 20001, f"ValidityPeriod must be from 1 to {LONGEST_VALIDITY} seconds")
    from_ = _sender(exchange, given.get("From", ""), service, to)
    if refusal := exchange.texts.refusal(from_, to):
        raise RestError(400, refusal, in_words(refusal))
    message = exchange.texts.create(to, from_, body, callback, service, "outbound-api")
    return JSONResponse(_shown(exchange, message), 201)


def _sender(exchange: Authenticated, wanted: str, service: str | None, to: str) -> str:
    """The number that sends: the one named, or one of the messaging service."""
    if wanted:
        from_ = normal(wanted)
        if from_ is None or not is_textable(from_):
            raise RestError(400, 21212, f"Invalid From Number: {wanted}")
        if from_ == to:
            raise RestError(400, 21266, "'To' and 'From' number cannot be the same")
        exchange.numbers.own(from_)
        return from_
    if not service:
        raise RestError(400, 21603, "A 'From' or 'MessagingServiceSid' parameter is required.")
    if not service.startswith("MG"):
        raise RestError(400, 21701, f"The Messaging Service {service} does not exist")
    # A service stays with the number that this phone knows already.
    known = [
        m["from"] if m["direction"] != "inbound" else m["to"]
        for m in exchange.state.all("messages")
        if to in {m["from"], m["to"]}
    ]
    return str(known[-1] if known else exchange.numbers.all()[0]["number"])


@router.get("/Messages.json")
async def list_all(request: Request, exchange: Authenticated) -> Response:
    chosen = (
        message
        for message in reversed(exchange.state.all("messages"))
        if equals(request, To=message["to"], From=message["from"])
        and within(request, "DateSent", message["sent_at"] or message["created_at"])
    )
    return page(request, "messages", chosen, lambda message: _shown(exchange, message))


@router.get("/Messages/{sid}.json")
async def fetch(request: Request, exchange: Authenticated, sid: str) -> Response:
    message = exchange.state.get("messages", sid)
    if message is None:
        raise not_found(request)
    return JSONResponse(_shown(exchange, message))


def _shown(exchange: Authenticated, message: Document) -> dict[str, object]:
    account = exchange.settings.account_sid
    uri = f"/2010-04-01/Accounts/{account}/Messages/{message['sid']}"
    code = message["error_code"]
    return {
        "sid": message["sid"],
        "account_sid": account,
        "api_version": "2010-04-01",
        "messaging_service_sid": message["service"],
        "from": message["from"],
        "to": message["to"],
        "body": message["body"],
        "direction": message["direction"],
        "status": message["status"],
        "num_segments": str(message["segments"]),
        "num_media": str(len(message["media"])),
        "error_code": code,
        "error_message": in_words(code) if code else None,
        "price": None,
        "price_unit": "USD",
        "date_created": rfc2822(message["created_at"]),
        "date_updated": rfc2822(message["updated_at"]),
        "date_sent": rfc2822(message["sent_at"]),
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }
