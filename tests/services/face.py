"""A program to be supervised: answers every GET, and on SIGTERM notes whether PostgreSQL
still listens at that moment."""

import signal
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Face(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the name that http.server asks for
        self.send_response(200)
        self.end_headers()

    def log_request(self, *_: object) -> None:
        return


def end(*_: object) -> None:
    with socket.socket(socket.AF_UNIX) as probe:
        answered = probe.connect_ex(".ringback/sockets/.s.PGSQL.5432") == 0
    Path(f"ended-{sys.argv[1]}").write_text("PostgreSQL listens" if answered else "too late")
    raise SystemExit(0)


signal.signal(signal.SIGTERM, end)
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Face).serve_forever()
