"""REST: recordings and their sound."""

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from webhooks.sandbox import audio
from webhooks.sandbox.recording import recording_url
from webhooks.sandbox.rest import Authenticated, equals, not_found, page, router, within
from webhooks.sandbox.sids import rfc2822
from webhooks.sandbox.state import Document


@router.get("/Recordings.json")
@router.get("/Calls/{call}/Recordings.json")
async def list_all(request: Request, exchange: Authenticated, call: str = "") -> Response:
    chosen = (
        recording
        for recording in reversed(exchange.state.all("recordings"))
        if equals(request, CallSid=recording["call_sid"])
        and call in {"", recording["call_sid"]}
        and recording["status"] != "absent"
        and within(request, "DateCreated", recording["created_at"])
    )
    return page(request, "recordings", chosen, lambda recording: _shown(exchange, recording))


@router.get("/Recordings/{name}")
async def fetch(request: Request, exchange: Authenticated, name: str) -> Response:
    """`.json` describes it; `.wav`, `.mp3` or no ending at all is its sound."""
    sid, _, ending = name.partition(".")
    recording = exchange.state.get("recordings", sid)
    if recording is None:
        raise not_found(request)
    if ending == "json":
        return JSONResponse(_shown(exchange, recording))
    if recording["status"] != "completed" or ending not in {"", "wav", "mp3"}:
        raise not_found(request)  # as at Twilio, while the sound is not ready yet
    if ending == "mp3":
        return Response(audio.mp3(recording["duration"]), media_type="audio/mpeg")
    sound = audio.wav(recording["duration"], recording["channels"])
    return Response(sound, media_type="audio/x-wav")


@router.delete("/Recordings/{name}")
async def delete(request: Request, exchange: Authenticated, name: str) -> Response:
    if not exchange.state.remove("recordings", name.removesuffix(".json")):
        raise not_found(request)
    return Response(status_code=204)


def _shown(exchange: Authenticated, recording: Document) -> dict[str, Any]:
    account, sid = exchange.settings.account_sid, recording["sid"]
    uri = f"/2010-04-01/Accounts/{account}/Recordings/{sid}"
    seconds = recording["duration"]
    return {
        "sid": sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "call_sid": recording["call_sid"],
        "conference_sid": None,
        "status": "processing" if recording["status"] == "in-progress" else recording["status"],
        "channels": recording["channels"],
        "source": recording["source"],
        "duration": None if seconds is None else str(seconds),
        "error_code": None,
        "price": None,
        "price_unit": "USD",
        "encryption_details": None,
        "date_created": rfc2822(recording["created_at"]),
        "date_updated": rfc2822(recording["created_at"]),
        "start_time": rfc2822(recording["created_at"]),
        "media_url": recording_url(exchange.settings.api_base, account, sid),
        "uri": f"{uri}.json",
        "subresource_uris": {"transcriptions": f"{uri}/Transcriptions.json"},
    }
