"""REST: files that came with a text. As at Twilio, the file itself is somewhere else: whoever asks
with the account's credentials is sent on to an address that asks for none."""

from base64 import b64decode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from webhooks.sandbox.media import media_url
from webhooks.sandbox.rest import Authenticated, not_found, page, router
from webhooks.sandbox.sids import rfc2822
from webhooks.sandbox.state import Document

STORE = "/2010-04-01/Store"  # at Twilio on a host of its own
store = APIRouter(include_in_schema=False)


@router.get("/Messages/{sid}/Media.json")
async def list_all(request: Request, exchange: Authenticated, sid: str) -> Response:
    chosen = [each for each in exchange.state.all("media") if each["message_sid"] == sid]
    account = exchange.settings.account_sid
    return page(request, "media_list", chosen, lambda media: _shown(account, media))


@router.get("/Messages/{sid}/Media/{name}")
async def fetch(request: Request, exchange: Authenticated, sid: str, name: str) -> Response:
    media = exchange.state.get("media", name)
    if media is None or media["message_sid"] != sid:
        raise not_found(request)
    return RedirectResponse(f"{STORE}/{name}", 307)


@store.get(STORE + "/{name}")
async def file(request: Request, name: str) -> Response:
    media = request.app.state.exchange.state.get("media", name)
    if media is None:
        raise not_found(request)
    return Response(b64decode(media["data"]), media_type=media["content_type"])


def _shown(account: str, media: Document) -> dict[str, object]:
    return {
        "sid": media["sid"],
        "account_sid": account,
        "parent_sid": media["message_sid"],
        "content_type": media["content_type"],
        "date_created": rfc2822(media["created_at"]),
        "date_updated": rfc2822(media["created_at"]),
        "uri": media_url("", account, media["message_sid"], f"{media['sid']}.json"),
    }
