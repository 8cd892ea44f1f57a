"""Callers who ring at once, each on a connection of their own, with a watch in the hand."""

import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
from httpx import Response

from tests.standstill import Standstill, wanted
from tests.webhooks.caller import Twilio, call_fields

Timed = tuple[Response, float]  # an answer, and the seconds until it was there, at the client
WATCH = Standstill()  # of this process, from its first measurement on
KNOWN_AFTER = 0.2  # seconds: the end of a standstill, and its way here


def timed(ask: Callable[[], Response]) -> Timed:
    """How long it took, without what the machine stood still meanwhile."""
    WATCH.begin()
    began = time.time()
    answer = ask()
    ended = time.time()
    time.sleep(KNOWN_AFTER)
    return answer, ended - began - WATCH.seconds(began, ended)


def soon(*seconds: float) -> bool:
    """Whether each of these is within two seconds, or what they are on this busy machine."""
    return max(seconds) < wanted()


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


def ring_at_once(twilios: list[Twilio], prefix: str = "CA") -> list[Timed]:
    def ring(index: int) -> Timed:
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
