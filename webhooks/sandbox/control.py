"""The sandbox's own HTTP API: play with it by hand, drive it from a test, read its log.

Everything is JSON below /sandbox/api, described in full at /sandbox/api/openapi.json.

    POST   /calls                      {"from", "to", "forwarded_from"?, "caller_name"?, "stir"?,
                                        "speed"?, "forward"?, "script"?} → {"sid"}
    GET    /calls                      newest first; GET /calls/{sid}?wait=20 waits until it settled
    POST   /calls/{sid}/answer         {"leg": number, index or SID}: that phone is picked up
    POST   /calls/{sid}/keys           {"digits"}: the caller presses keys
    POST   /calls/{sid}/legs/{leg}/keys {"digits"}: whoever picked up presses keys
    POST   /calls/{sid}/speak          {"seconds", "text"?}: the caller speaks, then is silent
    POST   /calls/{sid}/hangup         {"by": "caller" or "callee"}
    PUT    /outgoing                   {"speed"?, "forward"?, "busy"?}: how calls go that are asked
                                        for by POST Calls.json; their leg 0 is the phone rung
    POST   /texts                      {"from", "to", "body", "media"?}: a phone texts us;
                                        media: [{"content_type"?, and "url" or "data"}]
    GET    /phones/{number}/texts      what arrived there and what it sent
    PUT    /phones/{number}            {"line_type"?, "error_code"?, "error_times"?, "refuse_code"?}
    GET    /log?since=0&kind=          append-only; tests judge by it
    GET, PUT, DELETE /faults           {name: {"count" or "probability", ...}}
    DELETE /state                      forgets everything, the log too

A phone is set up as a whole: what is left out is again as it was at first. `line_type` (mobile)
is what Lookup says of it, and texts to a landline fail with 30006. `error_code` (null): texts to
it are accepted and then fail with that code, the next `error_times` of them or, without, all.
`refuse_code` (null): the create call itself is refused with that code, as HTTP 400. Each lookup
is a log entry of the kind `lookup`: `number`, `fields`, `valid`, `line_type`.

`speed` shortens speech, ringing and talk: at 20, a phone that rings for 20 s rings for one.
Durations are told as the call's own seconds, so a talk of 60 s stays one of 60 s.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request

from webhooks.sandbox.control_bodies import (
    Answering,
    HangingUp,
    Keys,
    NewCall,
    NewText,
    Number,
    Outgoing,
    Phone,
    Speech,
)
from webhooks.sandbox.exchange import Exchange
from webhooks.sandbox.faults import Fault, Name
from webhooks.sandbox.line import Line, new_record
from webhooks.sandbox.numbers import normal
from webhooks.sandbox.outgoing import Manner
from webhooks.sandbox.script import Player
from webhooks.sandbox.state import Document

router = APIRouter(prefix="/sandbox/api", tags=["sandbox"])


def _exchange(request: Request) -> Exchange:
    exchange: Exchange = request.app.state.exchange
    return exchange


TheExchange = Annotated[Exchange, Depends(_exchange)]


@router.post("/calls", status_code=201)
async def place_call(exchange: TheExchange, call: NewCall) -> dict[str, str]:
    script = call.script
    if script and script.let_ring and script.answer:
        raise HTTPException(422, "The script lets it ring and answers: leave one of them out.")
    record = new_record(
        "inbound",
        call.from_,
        call.to,
        "ringing",
        forwarded_from=call.forwarded_from,
        caller_name=call.caller_name,
        stir=call.stir,
        speed=call.speed,
    )
    line = exchange.place(record)
    line.forward = dict(call.forward)
    if script:
        Player(exchange.sender, line, script)
    return {"sid": record.sid}


@router.get("/calls")
async def list_calls(exchange: TheExchange, newest: int = 100) -> list[Document]:
    calls = [call for call in exchange.state.all("calls") if call["parent_sid"] is None]
    return [shown_call(exchange, call["sid"]) for call in reversed(calls[-newest:])]


@router.get("/calls/{sid}")
async def get_call(
    exchange: TheExchange, sid: str, wait: Annotated[float, Query(ge=0, le=120)] = 0
) -> Document:
    def settled() -> bool:
        record = exchange.call(sid)
        return record is None or exchange.settled(record)

    await exchange.state.wait_until(settled, wait)
    return shown_call(exchange, sid)


def shown_call(exchange: Exchange, sid: str) -> Document:
    record = exchange.call(sid)
    if record is None:
        raise HTTPException(404, "There is no such call.")
    names = [
        "sid",
        "parent_sid",
        "direction",
        "to",
        "status",
        "forwarded_from",
        "caller_name",
        "created_at",
        "answered_at",
        "ended_at",
        "duration",
        "hung_up_by",
        "error",
        "listening",
        "speed",
    ]

    def view(of: Any) -> Document:
        return {"from": of.from_, **{name: getattr(of, name) for name in names}}

    legs = [view(leg) | {"whisper": leg.whisper} for leg in exchange.legs(sid)]
    settled = exchange.settled(record)
    return view(record) | {"settled": settled, "legs": legs, "transcript": record.transcript}


def _line(exchange: Exchange, sid: str) -> Line:
    line = exchange.lines.get(sid)
    if line is None:
        raise HTTPException(409, "This call is not in progress.")
    return line


def _leg(exchange: Exchange, sid: str, wanted: str | int) -> Line:
    """The leg that rings or talks, by its phone's number, its SID or its place (from 0)."""
    line = _line(exchange, sid)
    children = line.children
    if line.record.direction == "outbound-api":
        children = [line, *children]  # the phone that is rung first
    if isinstance(wanted, int):
        chosen = children[wanted : wanted + 1]
    else:
        names = {wanted, normal(wanted)}
        chosen = [leg for leg in children if leg.record.sid in names or leg.record.to in names]
    live = [leg for leg in chosen if not leg.ended.is_set()]
    if not live:
        raise HTTPException(409, "That phone is not ringing and not connected.")
    return live[-1]


@router.post("/calls/{sid}/answer")
async def answer(exchange: TheExchange, sid: str, body: Answering) -> dict[str, str]:
    leg = _leg(exchange, sid, body.leg)
    leg.pick_up()
    return {"sid": leg.record.sid}


@router.post("/calls/{sid}/keys")
async def press_keys(exchange: TheExchange, sid: str, body: Keys) -> dict[str, bool]:
    return {"heard": _line(exchange, sid).press(body.digits)}


@router.post("/calls/{sid}/legs/{leg}/keys")
async def press_keys_at_leg(
    exchange: TheExchange, sid: str, leg: str, body: Keys
) -> dict[str, bool]:
    return {"heard": _leg(exchange, sid, leg).press(body.digits)}


@router.post("/calls/{sid}/speak")
async def speak(exchange: TheExchange, sid: str, body: Speech) -> dict[str, bool]:
    line = _line(exchange, sid)
    line.speak(body.seconds, body.text)
    return {"heard": line.record.listening == "voicemail"}


@router.post("/calls/{sid}/hangup")
async def hang_up(exchange: TheExchange, sid: str, body: HangingUp) -> dict[str, bool]:
    """The callee is the phone that picked up; before that, every ringing phone turns it away."""
    line = _line(exchange, sid)
    if body.by == "caller":
        line.hang_up("caller")
        return {"hung_up": True}
    live = [leg for leg in line.children if not leg.ended.is_set()]
    answered = [leg for leg in live if leg.picked_up.is_set()]
    for leg in answered or live:
        leg.hang_up("callee")
    return {"hung_up": bool(live)}


@router.put("/outgoing")
async def set_outgoing(exchange: TheExchange, body: Outgoing) -> Outgoing:
    exchange.manner = Manner(body.speed, dict(body.forward), set(body.busy))
    return body


@router.post("/texts", status_code=201)
async def text(exchange: TheExchange, body: NewText) -> dict[str, str]:
    if not body.body and not body.media:
        raise HTTPException(422, "A text needs words or media.")
    media = [item.model_dump() for item in body.media]
    return {"sid": exchange.texts.receive(body.from_, body.to, body.body, media)["sid"]}


@router.get("/phones/{number}/texts")
async def texts(exchange: TheExchange, number: Number) -> list[Document]:
    """Oldest first; what it sent and what arrived. Replies of Twilio itself have no SID."""
    return [text for text in exchange.state.all("texts") if text["phone"] == number]


@router.put("/phones/{number}")
async def set_phone(exchange: TheExchange, number: Number, phone: Phone) -> Phone:
    exchange.texts.phones.set(number, phone.model_dump())
    return phone


@router.get("/log")
async def read_log(
    exchange: TheExchange,
    since: int = 0,
    kind: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100_000)] = 10_000,
) -> list[Document]:
    return exchange.state.log_since(since, kind, limit)


@router.get("/faults")
async def get_faults(exchange: TheExchange) -> dict[str, Fault]:
    return exchange.faults.active


@router.put("/faults")
async def set_faults(exchange: TheExchange, faults: dict[Name, Fault]) -> dict[str, Fault]:
    exchange.faults.set(faults)
    return exchange.faults.active


@router.delete("/faults", status_code=204)
async def clear_faults(exchange: TheExchange) -> None:
    exchange.faults.clear()


@router.delete("/state", status_code=204)
async def reset(exchange: TheExchange) -> None:
    await exchange.reset()
