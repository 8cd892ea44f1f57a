"""Calls that are asked for over REST: a phone is rung, and hears TwiML once it is picked up."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from webhooks.sandbox import parameters
from webhooks.sandbox.line import FINAL, Line, first_event, new_record
from webhooks.sandbox.walker import Next

if TYPE_CHECKING:
    from webhooks.sandbox.exchange import Exchange

LONGEST_RINGING = 60  # seconds, where nothing else is asked for
EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}


@dataclass
class Manner:
    """How calls go from now on that are asked for."""

    speed: float = 1
    forward: dict[str, str] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Asked:
    """What the create call asked for."""

    from_: str
    to: str
    url: str
    method: str = "POST"
    timeout: int = LONGEST_RINGING
    callback: dict[str, str] = field(default_factory=dict)  # url, method, events


def place(exchange: "Exchange", asked: Asked) -> Line:
    """Ring a phone. The call goes on by itself from here."""
    manner = exchange.manner
    record = new_record(
        "outbound-api", asked.from_, asked.to, "queued",
        speed=manner.speed, callback=asked.callback,
    )  # fmt: skip
    line = Line(exchange.state, record)
    line.forward, line.busy = dict(manner.forward), set(manner.busy)
    exchange.lines[record.sid] = line
    line.note("dialled", from_=record.from_, to=record.to)
    line.task = exchange.sender.work(record.sid, exchange.run(line, _rung(exchange, line, asked)))
    return line


async def _rung(exchange: "Exchange", line: Line, asked: Asked) -> Next | None:
    """Ring it; the document to carry out once it is picked up. None when it is not: its status
    says why."""
    tell_status(exchange, line, "initiated")
    tell_status(exchange, line, "ringing")
    line.note("ringing")
    if line.record.to in line.busy:
        line.record.status = "busy"
        return None
    picked_up = line.picked_up
    if target := line.forward.get(line.record.to):
        await asyncio.sleep(1 / line.speed)
        onward = exchange.parts.carry_on(line, target)
        await first_event(onward.answered, onward.ended)
        if not onward.answered.is_set():
            line.record.status = "busy"
            return None
        picked_up.set()
    await first_event(picked_up, line.gone, seconds=asked.timeout / line.speed)
    if not picked_up.is_set():
        line.record.status = "busy" if line.gone.is_set() else "no-answer"
        return None
    line.answer()
    tell_status(exchange, line, "in-progress")
    return Next(asked.url, asked.method)


def tell_status(exchange: "Exchange", line: Line, status: str) -> None:
    record = line.record
    if status not in FINAL:
        record.status = status
    sequence, record.sequence = record.sequence, record.sequence + 1
    line.keep()
    event = "completed" if status in FINAL else EVENTS[status]
    if record.callback and event in record.callback["events"].split():
        exchange.sender.tell(
            record.callback["url"],
            record.callback["method"],
            parameters.of_status(record, exchange.settings.account_sid, status, sequence),
            about=record.sid,
            event=f"call {event}",
        )
