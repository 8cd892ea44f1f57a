"""A telephone service that does next to nothing: it takes every text after a fixed time.

`python -m tests.benchmarks.provider SECONDS` is a process of its own. The sandbox keeps
conversations, delivers and calls back; at hundreds of texts a second it would be the limit.
"""

import asyncio
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs

import httpx

from services.program import die_with_parent
from tests.benchmarks.installation import NotMeasured
from tests.services.running import ROOT

TEXTS = b"/Messages.json"
LENGTH = b"content-length:"


@dataclass(frozen=True)
class Provider:
    address: str

    def count(self) -> int:
        """How many texts it has taken."""
        return int(httpx.get(self.address, timeout=20).raise_for_status().json())

    def taken(self) -> list[tuple[float, str]]:
        """When each text was taken (seconds since 1970) and for whom; and forgets them."""
        answer = httpx.delete(self.address, timeout=20).raise_for_status()
        return [(at, to) for at, to in answer.json()]


@contextmanager
def provider(latency: float) -> Iterator[Provider]:
    """One that answers after `latency` seconds, for as long as the block lasts."""
    with spoken_by(["tests.benchmarks.provider", str(latency)]) as port:
        if not port:
            raise NotMeasured("The benchmark's own telephone service did not start.")
        yield Provider(f"http://127.0.0.1:{port}")


@contextmanager
def spoken_by(module: Sequence[str]) -> Iterator[str]:
    """The first line of a module that runs for as long as the block lasts; empty if it ended."""
    process = subprocess.Popen(  # noqa: S603 (our own words)
        [sys.executable, "-m", *module],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


class Taker:
    """What all connections share."""

    def __init__(self, latency: float) -> None:
        self.latency = latency
        self.taken: list[tuple[float, str]] = []
        self.sids = (f"SM{number:032x}" for number in itertools.count(1))


class Connection(asyncio.Protocol):
    """HTTP/1.1 as far as our clients speak it: one request at a time, kept open."""

    def __init__(self, taker: Taker) -> None:
        self._taker, self._heard = taker, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        fields = head.lower().split(b"\r\n")
        lengths = [int(field[len(LENGTH) :]) for field in fields if field.startswith(LENGTH)]
        if not end or len(body) < sum(lengths):
            return
        self._heard = b""
        method, path = head.split(b" ", 2)[:2]
        if method == b"POST" and path.endswith(TEXTS):
            to = parse_qs(body.decode())["To"][0]
            asyncio.get_running_loop().call_later(self._taker.latency, self._take, to)
        elif method == b"DELETE":
            self._answer(HTTPStatus.OK, self._taker.taken)
            self._taker.taken = []
        else:
            self._answer(HTTPStatus.OK, len(self._taker.taken))

    def _take(self, to: str) -> None:
        self._taker.taken.append((time.time(), to))
        self._answer(HTTPStatus.CREATED, {"sid": next(self._taker.sids), "status": "queued"})

    def _answer(self, status: HTTPStatus, content: object) -> None:
        body = json.dumps(content).encode()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._transport.write(head.encode() + body)


async def serve(latency: float) -> None:
    """On a free port, which is said on standard output; until killed."""
    taker = Taker(latency)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(taker), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
