"""The exchange: places calls, knows those in progress, and ends what a restart interrupted."""

import asyncio
from collections.abc import Awaitable
from urllib.parse import urlsplit

from webhooks.sandbox import outgoing, parameters
from webhooks.sandbox.exchange_parts import Parts
from webhooks.sandbox.faults import Faults
from webhooks.sandbox.line import FINAL, CallRecord, HungUp, Line, cut_off, keep, new_record
from webhooks.sandbox.numbers import TRIAL_NUMBER, OwnedNumbers
from webhooks.sandbox.settings import Settings
from webhooks.sandbox.state import State
from webhooks.sandbox.texts import Texts
from webhooks.sandbox.twiml import Refused
from webhooks.sandbox.walker import APOLOGY, Finished, Next, Walker
from webhooks.sandbox.webhook import Sender

MOST_HOPS = 5  # forwardings after which carriers give a call up
RECEIVER_SECONDS = 30  # how long a restarted sandbox waits for the other side to be up


class Exchange:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.state = State(settings.home)
        self.faults = Faults(self.state)
        self.sender = Sender(settings, self.state, self.faults)
        self.numbers = OwnedNumbers(self.state, settings.public_url)
        self.lines: dict[str, Line] = {}
        self.parts = Parts(
            settings, self.state, self.faults, self.sender, self.numbers, self.lines, self._carry_on
        )
        self.texts = Texts(self.parts)
        self.manner = outgoing.Manner()

    def start(self) -> None:
        """Ends calls and delivers texts that were on their way when the sandbox stopped."""
        cut = []
        for kept in self.state.all("calls"):
            record = CallRecord(**kept)
            if record.status not in FINAL:
                cut_off(record)
                keep(self.state, record)
                self.state.log("call", sid=record.sid, what="cut_off", status=record.status)
                cut.append(record)
        for recording in self.state.all("recordings"):
            if recording["status"] == "in-progress":
                lost = recording | {"status": "absent", "duration": 0}
                self.state.put("recordings", recording["sid"], lost)
        if cut:
            self.sender.work("restart", self._tell_of_cut_calls(cut))
        self.texts.resume()

    async def _tell_of_cut_calls(self, cut: list[CallRecord]) -> None:
        """All of a machine may be starting with us: waits until somebody listens there."""
        address = urlsplit(self.settings.target)
        port = address.port or (443 if address.scheme == "https" else 80)
        for _ in range(RECEIVER_SECONDS * 5):
            try:
                _, writer = await asyncio.open_connection(address.hostname, port)
            except OSError:
                await asyncio.sleep(0.2)
                continue
            writer.close()
            break
        for record in cut:
            if record.direction == "inbound":
                self._tell_final_status(record)
            elif record.callback and "completed" in record.callback["events"].split():
                self.sender.tell(
                    record.callback["url"],
                    record.callback["method"],
                    parameters.of_status(
                        record, self.settings.account_sid, record.status, record.sequence
                    ),
                    about=record.sid,
                    event="leg completed",
                )

    def place(self, record: CallRecord) -> Line:
        """Somebody rings one of our numbers. The call goes on by itself from here."""
        line = Line(self.state, record)
        self.lines[record.sid] = line
        line.note("dialled", from_=record.from_, to=record.to, forwarded_from=record.forwarded_from)
        line.task = self.sender.work(record.sid, self.run(line, self._voice(line)))
        return line

    def _carry_on(self, leg: Line, target: str) -> Line:
        """A phone forwards its call to one of our numbers: a call of its own begins."""
        hops = leg.root.hops + 1
        record = new_record(
            "inbound", leg.record.from_, target, "ringing",
            forwarded_from=leg.record.to, speed=leg.speed,
        )  # fmt: skip
        if hops > MOST_HOPS:
            line = Line(self.state, record)
            line.end("failed")
            return line
        line = self.place(record)
        line.hops, line.forward = hops, leg.root.forward
        return line

    async def _voice(self, line: Line) -> Next | None:
        return Next(self.numbers.setting(self.numbers.own(line.record.to), "voice_url"))

    async def run(self, line: Line, begin: Awaitable[Next | None]) -> None:
        """A call from its beginning, which says what is asked first, to its end."""
        inbound = line.record.direction == "inbound"
        number = self.numbers.own(line.record.to) if inbound else None
        fallback = self.numbers.setting(number, "voice_fallback_url") if number else ""
        status = "completed"
        try:
            first = await begin
            if first is None:
                self._end(line, line.record.status)
                return
            await Walker(self.parts, line, "voice", fallback).walk(first)
        except HungUp:
            pass
        except Finished as finished:
            status = finished.status
        except Refused as refused:
            line.record.error = {"code": refused.code, "message": str(refused)}
            line.answer()
            line.note("said", text=APOLOGY)
            line.note("application_error", code=refused.code, text=str(refused))
        except asyncio.CancelledError:
            raise
        except Exception as error:
            # A mistake of the sandbox must be as visible as one of the other side.
            line.record.error = {"code": 0, "message": f"The sandbox itself failed: {error!r}"}
            self.state.log("sandbox_error", sid=line.record.sid, error=repr(error))
            self._end(line, "failed")
            raise
        if status == "completed" and not line.record.answered_at:
            status = "no-answer"
        self._end(line, status)

    def _end(self, line: Line, status: str) -> None:
        if not line.record.hung_up_by:
            line.record.hung_up_by = "twilio"
        for stop in line.at_end:
            stop()
        line.end(status)
        self.lines.pop(line.record.sid, None)
        if line.record.direction == "inbound":
            self._tell_final_status(line.record)
        else:
            outgoing.tell_status(self, line, status)

    def _tell_final_status(self, record: CallRecord) -> None:
        number = self.numbers.own(record.to)
        if url := self.numbers.setting(number, "status_callback"):
            params = parameters.of_status(record, self.settings.account_sid, record.status, 0)
            self.sender.tell(url, "POST", params, about=record.sid, event="status")

    def call(self, sid: str) -> CallRecord | None:
        kept = self.state.get("calls", sid)
        return CallRecord(**kept) if kept else None

    def legs(self, sid: str) -> list[CallRecord]:
        return [CallRecord(**c) for c in self.state.all("calls") if c["parent_sid"] == sid]

    def settled(self, record: CallRecord) -> bool:
        """Whether the call has ended and every webhook about it has been answered."""
        sids = [record.sid, *(leg.sid for leg in self.legs(record.sid))]
        return record.status in FINAL and not any(self.sender.pending[sid] for sid in sids)

    async def reset(self) -> None:
        """Forgets everything, calls in progress and faults included."""
        await self.sender.stop()
        self.lines.clear()
        self.state.clear()
        self.faults.active.clear()
        self.manner = outgoing.Manner()
        self.numbers.own(TRIAL_NUMBER)

    async def stop(self) -> None:
        await self.sender.stop()
        self.state.close()
