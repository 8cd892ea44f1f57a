"""A sandbox and a receiver of its webhooks, both over real sockets."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl

import httpx
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from webhooks.sandbox.app import Sandbox
from webhooks.sandbox.settings import Settings

ACCOUNT = "AC" + "1" * 32
TOKEN = "2" * 32
OURS = "+14254379974"
MARIA = "+14255550142"
DESK = "+14255550100"
MOBILE = "+14255550101"
VOICE = "/webhooks/twilio/voice"
STATUS = "/webhooks/twilio/voice/status"
TEXT = "/webhooks/twilio/sms"
EMPTY = "<Response/>"


@contextmanager
def served(app: ASGIApp) -> Iterator[int]:
    """The port on which `app` is served by uvicorn in a thread, until the block ends."""
    config = uvicorn.Config(app, port=0, log_level="error", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.005)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)


@dataclass
class Answer:
    body: str = EMPTY
    status: int = 200
    content_type: str = "text/xml"
    delay: float = 0


@dataclass(frozen=True)
class Received:
    path: str  # with its query
    params: dict[str, str]
    headers: dict[str, str]
    signed: bool
    at: float


@dataclass
class Receiver:
    """Our side of the webhooks: answers each path with what a test put there."""

    public_url: str = ""
    answers: dict[str, str | Answer | Callable[[dict[str, str]], str]] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        params = dict(parse_qsl(body.decode(), keep_blank_values=True))
        query = scope["query_string"].decode()
        path = scope["path"] + (f"?{query}" if query else "")
        headers = {k.decode().lower(): v.decode() for k, v in scope["headers"]}
        signed = RequestValidator(TOKEN).validate(
            self.public_url + path, params, headers.get("x-twilio-signature", "")
        )
        self.received.append(Received(path, params, headers, signed, time.monotonic()))
        told = self.answers.get(scope["path"], EMPTY)
        if callable(told):
            told = told(params)
        answer = told if isinstance(told, Answer) else Answer(told)
        if answer.delay:
            await asyncio.sleep(answer.delay)
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [(b"content-type", answer.content_type.encode())],
            }
        )
        await send({"type": "http.response.body", "body": answer.body.encode()})

    def at(self, path: str) -> list[dict[str, str]]:
        """The parameters of every request to that path, in order of arrival."""
        return [r.params for r in self.received if r.path.partition("?")[0] == path]


class HostRewriter(TwilioHttpClient):  # type: ignore[misc]  # the library has no types
    """Twilio's own client, sent to another host."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=5)
        self.base = base

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        for host in ("api", "lookups"):
            url = url.replace(f"https://{host}.twilio.com", self.base)
        return super().request(method, url, *args, **kwargs)


class World:
    """A sandbox with a receiver. It can be restarted; its folder stays."""

    def __init__(self, home: Path, **settings: Any) -> None:
        self.receiver = Receiver()
        self._home = home
        self._settings = settings
        self._receiving: AbstractContextManager[int] = served(self.receiver)
        self._running: AbstractContextManager[int] | None = None

    def __enter__(self) -> "World":
        port = self._receiving.__enter__()
        self.receiver.public_url = self._settings.get("public_url", f"http://127.0.0.1:{port}")
        self._target = f"http://127.0.0.1:{port}"
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()
        self._receiving.__exit__(kind, error, at)

    def start(self) -> None:
        settings = Settings(
            account_sid=ACCOUNT,
            auth_token=TOKEN,
            public_url=self.receiver.public_url,
            target=self._target,
            api_base="http://127.0.0.1:8002",
            home=self._home,
        )
        self.sandbox = Sandbox(lambda: replace(settings, **self._settings))
        self._running = served(self.sandbox)
        port = self._running.__enter__()
        self.base = f"http://127.0.0.1:{port}"
        self.http = httpx.Client(base_url=self.base, timeout=20, trust_env=False)
        self.twilio = Client(ACCOUNT, TOKEN, http_client=HostRewriter(self.base))

    def stop(self) -> None:
        if self._running:
            self.http.close()
            session = self.twilio.http_client.session
            session.close()
            self._running.__exit__(None, None, None)
            self._running = None

    def reset(self) -> None:
        self.api("DELETE", "/state")
        self.receiver.answers.clear()
        self.receiver.received.clear()

    def api(self, method: str, path: str, **body: Any) -> Any:
        """A request to the control API; its answer as JSON, or an error as an AssertionError."""
        response = self.http.request(method, f"/sandbox/api{path}", json=body or None)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def ring(self, *, wait: float = 15, **call: Any) -> dict[str, Any]:
        """Plays a call to its end: answers the call as the control API shows it."""
        sid = self.begin(**call)
        played: dict[str, Any] = self.api("GET", f"/calls/{sid}?wait={wait}")
        assert played["settled"], played
        return played

    def begin(self, from_: str = MARIA, **call: Any) -> str:
        whole = {"from": from_, "to": OURS, "speed": 50, **call}
        sid: str = self.api("POST", "/calls", **whole)["sid"]
        return sid

    def call(self, sid: str) -> dict[str, Any]:
        call: dict[str, Any] = self.api("GET", f"/calls/{sid}")
        return call

    def text(self, body: str, from_: str = MARIA, to: str = OURS) -> str:
        sid: str = self.api("POST", "/texts", **{"from": from_, "to": to, "body": body})["sid"]
        return sid

    def log(self, kind: str = "") -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.api("GET", f"/log?kind={kind}" if kind else "/log")
        return entries

    def answer(self, path: str, answer: str | Answer | Callable[[dict[str, str]], str]) -> None:
        self.receiver.answers[path] = answer

    def until(self, fact: Callable[[], bool], seconds: float = 5) -> None:
        end = time.monotonic() + seconds
        while not fact():
            assert time.monotonic() < end, "it did not happen in time"
            time.sleep(0.01)


def twiml(*verbs: str) -> str:
    return f"<Response>{''.join(verbs)}</Response>"


def said(call: dict[str, Any]) -> list[str]:
    return [entry["text"] for entry in call["transcript"] if entry["what"] == "said"]
