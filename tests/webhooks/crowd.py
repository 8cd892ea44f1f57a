"""Callers who ring at once, each on a connection of their own, with a watch in the hand."""

import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
from httpx import Response

from tests.webhooks.caller import Twilio, call_fields

# Seconds. On a machine that does nothing else it is below two, which `make chaos` shows; a busy one
# stands still for longer. Twilio waits for fifteen.
LONGEST = 6.0


def timed(ask: Callable[[], Response]) -> tuple[Response, float]:
    """The answer, and the seconds until it was there, at the client."""
    began = time.monotonic()
    return ask(), time.monotonic() - began


@contextmanager
def crowd(twilio: Twilio, size: int = 32) -> Iterator[list[Twilio]]:
    """That many Twilios, already connected: a handshake is no part of the answer."""
    clients = [httpx.Client(base_url=twilio.client.base_url, timeout=20) for _ in range(size)]
    try:
        for client in clients:
            client.get("/health")
        yield [Twilio(client) for client in clients]
    finally:
        for client in clients:
            client.close()


def ring_at_once(twilios: list[Twilio], prefix: str = "CA") -> list[tuple[Response, float]]:
    def ring(index: int) -> tuple[Response, float]:
        area = 200 + zlib.crc32(prefix.encode()) % 700  # nobody rings twice: that may be a loop
        fields = call_fields(f"{prefix}{index}", f"+1206{area}{index:04}")
        return timed(lambda: twilios[index].post("voice", fields))

    with ThreadPoolExecutor(len(twilios)) as pool:
        return list(pool.map(ring, range(len(twilios))))


def eventually(holds: Callable[[], object], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
