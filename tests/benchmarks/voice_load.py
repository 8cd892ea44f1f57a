"""Rings the clinic over and over: signed voice webhooks on keep-alive sockets, as Twilio's.

A process of its own, so that its work is not the server's: `python -m
tests.benchmarks.voice_load` reads a `Plan` from standard input and writes a `Load`, both JSON.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

PATH = "/webhooks/twilio/voice"
CLINIC = "+14254379974"
# Not the clinic's own area, where its desk phone is, nor that of the calls that are texted.
AREA_CODES = ("253", "360", "509", "212", "213", "312", "415", "503", "602", "702")
MOST_PER_SECOND = 1500  # requests made ready beforehand: signing is not what is measured


@dataclass(frozen=True)
class Plan:
    address: str  # where webhooks really go, such as http://127.0.0.1:8001
    public_url: str  # what is signed
    account_sid: str
    token: str
    connections: int
    seconds: float
    first: int  # the number of the first caller; every request has a caller of its own


@dataclass(frozen=True)
class Load:
    seconds: float
    latencies_ms: list[float]  # of the answered requests
    failures: list[str]  # answers that did not ring the practice, by their beginning


async def ring(plan: Plan) -> Load:
    """Each connection sends its next request when the last is answered, until time is up."""
    most = int(plan.seconds * MOST_PER_SECOND) + plan.connections
    ready = iter([signed(plan, plan.first + place) for place in range(most)])
    address = urlsplit(plan.address)
    sockets = [
        await asyncio.open_connection(address.hostname, address.port)
        for _ in range(plan.connections)
    ]
    latencies: list[float] = []
    failures: list[str] = []
    # The first request of each connection pays for it; Twilio keeps its connections.
    await asyncio.gather(*(_ask(*socket, next(ready)) for socket in sockets))
    begun = time.perf_counter()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (sent := time.perf_counter()) - begun < plan.seconds:
            request = next(ready, None)
            if request is None:
                return
            answer = await _ask(reader, writer, request)
            latencies.append((time.perf_counter() - sent) * 1000)
            # Trouble is answered with 200 and an apology: only a ring is a success.
            if b"<Dial" not in answer:
                failures.append(answer[:200].decode(errors="replace"))

    await asyncio.gather(*(talk(reader, writer) for reader, writer in sockets))
    seconds = time.perf_counter() - begun
    for _, writer in sockets:
        writer.close()
    return Load(seconds, latencies, failures)


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    """One request and its answer, head and body."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(_fields(head))
    return head + await reader.readexactly(int(fields[b"content-length"]))


def _fields(head: bytes) -> Iterator[tuple[bytes, bytes]]:
    for line in head.split(b"\r\n")[1:]:
        name, colon, value = line.partition(b":")
        if colon:
            yield name.strip().lower(), value.strip()


def signed(plan: Plan, number: int) -> bytes:
    """The whole request of caller `number`, as it goes over the wire."""
    area, line = divmod(number, 10_000)
    caller = f"+1{AREA_CODES[area % len(AREA_CODES)]}555{line:04}"
    fields = {
        "AccountSid": plan.account_sid,
        "ApiVersion": "2010-04-01",
        "CallSid": f"CA{number:032x}",
        "CallStatus": "ringing",
        "Called": CLINIC,
        "Caller": caller,
        "Direction": "inbound",
        "From": caller,
        "FromCity": "SEATTLE",
        "FromCountry": "US",
        "FromState": "WA",
        "FromZip": "98101",
        "StirVerstat": "TN-Validation-Passed-A",
        "To": CLINIC,
        "ToCity": "",
        "ToCountry": "US",
        "ToState": "WA",
        "ToZip": "",
    }
    body = urlencode(fields).encode()
    signature = RequestValidator(plan.token).compute_signature(plan.public_url + PATH, fields)
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {urlsplit(plan.address).netloc}\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"X-Twilio-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(ring(Plan(**json.load(sys.stdin))))), sys.stdout)
