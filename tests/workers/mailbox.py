"""A real mail server and a real chat's webhook on sockets, which keep what they take."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

USER, PASSWORD = "ringback", "a password: with / and @"


@dataclass
class Mailbox:
    """`code`: what it answers to a mail; 250 takes it."""

    port: int = 0
    code: int = 250
    mails: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)
    signed_in: list[bool] = field(default_factory=list)

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.code != 250:
            return f"{self.code} not now"
        assert isinstance(envelope.content, bytes)
        read = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(read, EmailMessage)
        self.mails.append(read)
        self.to.append(envelope.rcpt_tos)
        self.secured.append(session.ssl is not None)
        self.signed_in.append(bool(session.authenticated))
        return "250 taken"

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]


def authenticate(_: SMTP, __: Session, ___: Envelope, ____: str, given: Any) -> AuthResult:
    right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)  # the refusal is then the server's own


@contextmanager
def mail_server(
    tls: SSLContext | None = None, *, at_once: bool = False, port: int = 0, **how: Any
) -> Iterator[Mailbox]:
    """`tls` by STARTTLS, or from the first byte (`at_once`)."""
    box = Mailbox()
    how |= {"ssl_context": tls} if at_once else {"tls_context": tls}
    server = Controller(box, hostname="127.0.0.1", port=port or free_port(), **how)
    server.start()
    box.port = server.port
    try:
        yield box
    finally:
        server.stop()


def free_port() -> int:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return server.server_port


@dataclass
class Webhook:
    """`status`: what it answers; 200 takes it."""

    address: str = ""
    status: int = 200
    posts: list[dict[str, Any]] = field(default_factory=list)
    gets: list[str] = field(default_factory=list)


@contextmanager
def webhook() -> Iterator[Webhook]:
    kept = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if kept.status == 200:
                kept.posts.append(json.loads(body))
            self.answer()

        def do_GET(self) -> None:
            kept.gets.append(self.path)
            self.answer()

        def answer(self) -> None:
            self.send_response(kept.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept.address = f"http://127.0.0.1:{server.server_port}/a-secret-path"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield kept
        finally:
            server.shutdown()
