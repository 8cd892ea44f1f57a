"""<Dial>: rings phones together and connects the first that accepts.

1. Every number becomes a leg of its own, with its own call SID and status callbacks.
2. A phone that is picked up is connected, or first hears its whisper; the others ring on
   meanwhile. A whisper that ends without hanging up accepts the call.
3. The accepted leg is connected until one side hangs up; the others are given up.
4. The action hears how it went. When the caller hangs up it hears it too, and its answer is
   ignored: whether Twilio asks it then is not known, so a fault can keep it away.
"""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from webhooks.sandbox import parameters, recording, walker
from webhooks.sandbox.line import FINAL, HungUp, Line, first_event, new_record
from webhooks.sandbox.numbers import WITHHELD, normal
from webhooks.sandbox.twiml import Refused, Verb, dialled
from webhooks.sandbox.webhook import WebhookFailed

if TYPE_CHECKING:
    from webhooks.sandbox.walker import Next, Walker

ALL_EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
FORWARD_AFTER = 1.0  # seconds that a forwarding phone rings


class Dial:
    def __init__(self, parent: "Walker", verb: Verb) -> None:
        self._walker = parent
        self._parts = parent.parts
        self._line = parent.line
        self._verb = verb
        self._bridged = False
        self._recording: recording.Recorder | None = None
        self._tasks: dict[asyncio.Task[bool], Line] = {}
        self.legs: list[Line] = []

    async def run(self) -> "Next | None":
        """Raises HungUp when the caller does, Refused for a caller ID that is not allowed."""
        caller_id = self._caller_id()
        if self._verb.get("answerOnBridge") != "true":
            self._line.answer()
        for number in dialled(self._verb):
            leg = self._leg(number, caller_id)
            self._tasks[asyncio.create_task(self._ring(leg, number))] = leg
        try:
            accepted = await self._first_to_accept()
            if accepted:
                await self._connected(accepted)
        except asyncio.CancelledError:
            # The sandbox stops: the legs stay as they are, for the next start to end them.
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)
            raise
        await self._give_up(accepted)
        return await self._result(accepted)

    def _caller_id(self) -> str:
        record = self._line.record
        wanted = self._verb.get("callerId") or record.from_
        number = wanted if wanted in WITHHELD else normal(wanted) or wanted
        if number not in {record.from_, record.to} and not self._parts.numbers.owns(number):
            raise Refused(
                13214,
                "<Dial callerId> must be the caller's number, the number called, or one of the "
                f"account's numbers, and {wanted} is none of them.",
            )
        return number

    def _leg(self, number: Verb, caller_id: str) -> Line:
        callback = {}
        if url := number.get("statusCallback"):
            callback = {
                "url": urljoin(self._walker.url, url),
                "method": number.get("statusCallbackMethod", "POST"),
                "events": number.get("statusCallbackEvent", "completed"),
            }
        record = new_record(
            "outbound-dial", caller_id, normal(number.text) or "", "queued",
            parent_sid=self._line.record.sid, speed=self._line.speed, callback=callback,
            whisper=bool(number.get("url")),
        )  # fmt: skip
        leg = Line(self._parts.state, record, self._line.root)
        self._parts.lines[record.sid] = leg
        self._line.children.append(leg)
        self.legs.append(leg)
        return leg

    async def _ring(self, leg: Line, number: Verb) -> bool:
        """Whether this phone took the call; the leg's own status is settled if it did not."""
        self._status(leg, "initiated")
        self._status(leg, "ringing")
        leg.note("ringing")
        if leg.record.to in self._line.busy:
            self._finish(leg, "busy")
            return False
        if target := self._line.forward.get(leg.record.to):
            if not await self._forwarded(leg, target):
                self._finish(leg, "busy")
                return False
        else:
            await first_event(leg.picked_up, leg.gone)
            if leg.gone.is_set():
                self._finish(leg, "busy")  # turned away by whoever looked at it
                return False
        leg.answer()
        self._status(leg, "in-progress")
        if leg.record.whisper:
            return await self._whisper(leg, number)
        return True

    async def _forwarded(self, leg: Line, target: str) -> bool:
        """The phone hands its call on to one of our numbers, as carriers do."""
        await asyncio.sleep(FORWARD_AFTER / leg.speed)
        onward = self._parts.carry_on(leg, target)
        self._line.note("forwarded", phone=leg.record.to, to=target, call=onward.record.sid)
        try:
            await first_event(onward.answered, onward.ended)
        except asyncio.CancelledError:
            onward.hang_up("caller")
            raise
        if onward.answered.is_set():
            self._parts.sender.work(onward.record.sid, _tied(leg, onward))
        return onward.answered.is_set()

    async def _whisper(self, leg: Line, number: Verb) -> bool:
        url = urljoin(self._walker.url, number.get("url"))
        first = walker.Next(url, number.get("method", "POST"), {}, "whisper")
        try:
            await walker.Walker(self._parts, leg, "whisper").walk(first)
        except (HungUp, walker.Finished):
            leg.note("declined")
        except (Refused, WebhookFailed) as error:
            self._line.record.error = {"code": getattr(error, "code", None), "message": str(error)}
            leg.note("application_error", text=str(error))
        else:
            return True
        self._finish(leg, "completed")
        return False

    async def _first_to_accept(self) -> Line | None:
        seconds = self._verb.number("timeout", 30)
        gone = asyncio.ensure_future(self._line.gone.wait())
        waiting: set[asyncio.Task[bool]] = set(self._tasks)
        end = self._line.elapsed + seconds
        try:
            while waiting:
                # Whoever has picked up may hear the whisper to its end, after the ringing too.
                left = None if self._someone_listens() else (end - self._line.elapsed)
                if left is not None and left <= 0:
                    return None
                done, _ = await asyncio.wait(
                    {*waiting, gone},
                    timeout=0.05 if left is None else left / self._line.speed,
                    return_when="FIRST_COMPLETED",
                )
                if self._line.gone.is_set():
                    return None
                for task in [t for t in waiting if t in done]:
                    waiting.discard(task)
                    if task.result():
                        return self._tasks[task]
        finally:
            gone.cancel()
        return None

    def _someone_listens(self) -> bool:
        return any(leg.picked_up.is_set() and not leg.ended.is_set() for leg in self.legs)

    async def _connected(self, leg: Line) -> None:
        self._bridged = True
        self._line.answer()
        await self._give_up(leg)
        record = self._verb.get("record", "do-not-record")
        if record not in {"do-not-record", "false"}:
            self._recording = recording.Recorder(self._walker, self._verb, "DialVerb", record)
        leg.note("connected")
        self._line.listen("talk")
        limit = self._verb.number("timeLimit", 14400) / self._line.speed
        await first_event(self._line.gone, leg.gone, seconds=limit)
        self._line.listen(None)

    async def _give_up(self, keep: Line | None) -> None:
        """Stops ringing everybody but the one who is connected."""
        unanswered = "canceled" if keep or self._line.gone.is_set() else "no-answer"
        for task, leg in self._tasks.items():
            if leg is keep:
                continue
            task.cancel()
            await asyncio.wait({task})
            if not leg.ended.is_set():
                self._finish(leg, "completed" if leg.record.answered_at else unanswered)

    async def _result(self, accepted: Line | None) -> "Next | None":
        if accepted:
            self._finish(accepted, "completed")
        if self._recording:
            self._recording.stop()
        step = self._action(accepted) if self._verb.get("action") else None
        if self._line.gone.is_set():
            if step and not self._parts.faults.take("action_not_fired_on_hangup", step.url, "POST"):
                await self._walker.ask_in_vain(step)
            raise HungUp
        return step

    def _action(self, accepted: Line | None) -> "Next":
        leg = accepted or self.legs[-1]
        params = {
            "DialCallStatus": self._outcome(),
            "DialCallSid": leg.record.sid,
            "DialBridged": "true" if self._bridged else "false",
        }
        if leg.record.answered_at:
            params["DialCallDuration"] = str(leg.record.duration)
        if self._recording:
            params["RecordingUrl"] = self._recording.url
        return self._walker.link(self._verb, "action", "dial", params)

    def _outcome(self) -> str:
        """A phone that was picked up and did not accept is `completed` too: hence DialBridged."""
        statuses = {leg.record.status for leg in self.legs}
        ranked = ("completed", "no-answer", "canceled", "busy", "failed")
        return next((status for status in ranked if status in statuses), "failed")

    def _finish(self, leg: Line, status: str) -> None:
        leg.hang_up("twilio") if status == "completed" else None
        leg.end(status)
        self._status(leg, status)
        self._parts.lines.pop(leg.record.sid, None)

    def _status(self, leg: Line, status: str) -> None:
        record = leg.record
        if status not in FINAL:
            record.status = status
        sequence, record.sequence = record.sequence, record.sequence + 1
        leg.keep()
        event = "completed" if status in FINAL else ALL_EVENTS[status]
        if record.callback and event in record.callback["events"].split():
            self._parts.sender.tell(
                record.callback["url"],
                record.callback["method"],
                parameters.of_status(record, self._parts.account_sid, status, sequence),
                about=record.sid,
                event=f"leg {event}",
            )


async def _tied(leg: Line, onward: Line) -> None:
    """A forwarded call and the leg that it came from end together."""
    await first_event(onward.ended, leg.gone, leg.ended)
    onward.hang_up("caller")
    leg.hang_up("callee")
