"""The static document at Twilio's fallback address: made by `ringback export fallback`, served by
somebody who is not Ringback, as Twilio's TwiML Bins are."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Bin(ThreadingHTTPServer):
    document = b""
    daemon_threads = True

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/fallback"


class _Reader(BaseHTTPRequestHandler):
    server: Bin

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.end_headers()
        self.wfile.write(self.server.document)

    def log_message(self, *_: object) -> None:
        """Nothing: the sandbox's log says what was asked."""


@contextmanager
def serving() -> Iterator[Bin]:
    with Bin(("127.0.0.1", 0), _Reader) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
