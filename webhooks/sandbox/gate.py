"""Stands before the REST API: puts every request and its outcome into the log, and plays faults.

Dropping a connection without an answer is nothing that ASGI knows, so it reaches for uvicorn's
transport behind `send`; under another server the request breaks off as a 500.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from webhooks.sandbox.exchange import Exchange
from webhooks.sandbox.faults import RestFault
from webhooks.sandbox.rest import RestError, error_response

BEFORE: Sequence[RestFault] = (
    "drop_before_accepting",
    "rate_limit",
    "unauthorized",
    "suspended",
    "error_before_accepting",
)
AFTER: Sequence[RestFault] = ("drop_after_accepting", "error_after_accepting")
BROKEN = RestError(500, 20500, "An internal server error has occurred")
REFUSALS = {
    "rate_limit": RestError(429, 20429, "Too Many Requests"),
    "unauthorized": RestError(401, 20003, "Authenticate"),
    "suspended": RestError(403, 30002, "Account suspended"),
    "error_before_accepting": BROKEN,
    "error_after_accepting": BROKEN,
}


async def pass_through(
    app: ASGIApp, exchange: Exchange, scope: Scope, receive: Receive, send: Send
) -> None:
    started = time.monotonic()
    body = await _body(receive)
    if body is None:
        return
    path, method = scope["path"], scope["method"]
    faults = exchange.faults
    fault: str | None = next((f for f in BEFORE if faults.take(f, path, method)), None)
    hang = None if fault else faults.take("hang", path, method)
    answers: list[Message] = []
    if hang:
        fault = "hang"
        if hang.accepted:
            answers = await _answers(app, scope, body)
    elif not fault:
        answers = await _answers(app, scope, body)
        if answers[0]["status"] < 300:
            fault = next((f for f in AFTER if faults.take(f, path, method)), None)
    exchange.state.log(
        "rest",
        method=method,
        path=path,
        query=scope["query_string"].decode("latin-1"),
        params=dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)),
        fault=fault,
        duration_ms=round((time.monotonic() - started) * 1000, 1),
        **_outcome(answers),
    )
    if hang:
        await asyncio.sleep(hang.seconds)
    if fault in REFUSALS:
        await error_response(REFUSALS[fault])(scope, receive, send)
    elif not answers or fault == "drop_after_accepting":
        _drop(send)
    else:
        for message in answers:
            await send(message)


def _drop(send: Send) -> None:
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionAbortedError("The sandbox drops this connection, as it was told to.")
    transport.abort()


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when whoever sent it was gone before its end."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


async def _answers(app: ASGIApp, scope: Scope, body: bytes) -> list[Message]:
    """What the API answers to that request, kept back until it is decided whether to send it."""
    answers: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        answers.append(message)

    await app(scope, receive, send)
    return answers


def _outcome(answers: list[Message]) -> dict[str, Any]:
    """Status, and SID or error code: what became of the request, whether it was told or not."""
    if not answers:
        return {"accepted": False, "status": None}
    status = answers[0]["status"]
    outcome: dict[str, Any] = {"accepted": status < 300, "status": status}
    body = b"".join(m.get("body", b"") for m in answers[1:])
    if dict(answers[0]["headers"]).get(b"content-type") == b"application/json":
        shown = json.loads(body)
        outcome |= {k: shown[k] for k in ("sid", "code", "message") if k in shown}
    return outcome
