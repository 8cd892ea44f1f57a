"""The page with the phone: its files, what it shows, and the control that moves the clock."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from webhooks.sandbox import clock
from webhooks.sandbox.control import TheExchange, shown_call
from webhooks.sandbox.numbers import formatted

STATIC = Path(__file__).parent / "static"
FILES = {"phone.css": "text/css", "phone.js": "text/javascript", "icon.svg": "image/svg+xml"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
CALLS_SHOWN, TEXTS_SHOWN, WIRE_SHOWN = 8, 200, 40
WIRE = ("webhook", "webhook_lost", "rest", "application_error", "text_blocked", "sandbox_error")

router = APIRouter(include_in_schema=False)


@router.get("/")
async def index() -> Response:
    return FileResponse(STATIC / "phone.html", media_type="text/html", headers=HEADERS)


@router.get("/sandbox/static/{name}")
async def static(name: str) -> Response:
    if name not in FILES:
        raise HTTPException(404, "There is no such file.")
    return FileResponse(STATIC / name, media_type=FILES[name], headers=HEADERS)


@router.get("/sandbox/api/view")
async def view(exchange: TheExchange, seen: int = -1) -> Any:
    """What the page shows; 204 while it is what the page has `seen` already."""
    state = exchange.state
    if seen == state.revision:
        return Response(status_code=204)
    calls = [call for call in state.all("calls", 60) if call["parent_sid"] is None]
    return {
        "revision": state.revision,
        "numbers": [
            {"number": n["number"], "shown": formatted(n["number"])} for n in exchange.numbers.all()
        ],
        "calls": [shown_call(exchange, c["sid"]) for c in reversed(calls[-CALLS_SHOWN:])],
        "texts": state.all("texts", TEXTS_SHOWN),
        "wire": [_wire(entry) for entry in state.log_tail(WIRE_SHOWN, WIRE)],
        "faults": sorted(exchange.faults.active),
        "clock": bool(exchange.settings.clock_command),
    }


def _wire(entry: dict[str, Any]) -> dict[str, Any]:
    """One line of what went over the wire: to us, from us, and how it ended."""
    what = entry.get("event") or f"{entry.get('method', '')} {_resource(entry.get('path', ''))}"
    outcome = entry.get("status") or entry.get("error") or entry.get("fault") or entry["kind"]
    good = isinstance(entry.get("status"), int) and entry["status"] < 400
    return {
        "seq": entry["seq"],
        "at": entry["at"],
        "kind": entry["kind"],
        "what": what,
        "outcome": str(outcome),
        "good": good,
        "milliseconds": entry.get("duration_ms"),
    }


def _resource(path: str) -> str:
    return re.sub(r"^/2010-04-01/Accounts/AC[0-9a-f]+/", "", path)


class ClockMove(BaseModel):
    model_config = ConfigDict(extra="forbid")

    verb: Literal["set", "advance", "reset"]
    to: Annotated[str, Field(max_length=40)] = ""


@router.post("/sandbox/api/clock")
async def move_clock(exchange: TheExchange, move: ClockMove) -> dict[str, Any]:
    try:
        told = await clock.move(exchange.settings.clock_command, move.verb, move.to)
    except clock.ClockRefused as refused:
        raise HTTPException(422, str(refused)) from refused
    exchange.state.log("clock", verb=move.verb, to=move.to, told=told)
    return {"told": told}
