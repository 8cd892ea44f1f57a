"""One call as it goes on: a caller's, or a leg to a phone that is being rung.

What its party does (keys, speech, hanging up) arrives here from the control API; what Twilio does
to it comes from the walker. Seconds are seconds of the call: at speed 20 they pass in a twentieth.
"""

import asyncio
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from webhooks.sandbox.sids import new_sid, now, parse_stamp, stamp
from webhooks.sandbox.state import State

if TYPE_CHECKING:
    from collections.abc import Callable

FINAL = {"completed", "busy", "failed", "no-answer", "canceled"}


class HungUp(Exception):
    """The party on this line hung up."""


@dataclass
class CallRecord:
    """A call as it is kept; the REST resource and the page are views of it."""

    sid: str
    direction: str  # inbound or outbound-dial
    from_: str
    to: str
    status: str
    parent_sid: str | None = None
    forwarded_from: str | None = None
    caller_name: str | None = None
    stir: str | None = None
    created_at: str = ""
    answered_at: str | None = None
    ended_at: str | None = None
    duration: int | None = None  # seconds from answer to end
    speed: float = 1
    hung_up_by: str | None = None  # caller, callee, twilio or restart
    error: dict[str, Any] | None = None  # the application error that ended it
    listening: str | None = None  # what Twilio waits for: keys, voicemail or talk
    transcript: list[dict[str, Any]] = field(default_factory=list)
    callback: dict[str, str] = field(default_factory=dict)  # the leg's status callback
    sequence: int = 0  # the number of the leg's next status event
    whisper: bool = False  # whether the phone is asked something before it is connected


class Line:
    def __init__(self, state: State, record: CallRecord, root: "Line | None" = None) -> None:
        self.record = record
        self.root = root or self  # the caller's line, which hears of everything
        self.speed = record.speed
        self.picked_up = asyncio.Event()
        self.gone = asyncio.Event()
        self.answered = asyncio.Event()
        self.ended = asyncio.Event()
        self.at_end: list[Callable[[], None]] = []  # recordings that run as long as the call
        self.children: list[Line] = []
        self.forward: dict[str, str] = {}  # phones that forward, and where to
        self.busy: set[str] = set()  # phones that are engaged
        self.hops = 0  # how often this call was forwarded by such a phone
        self.task: asyncio.Task[None] | None = None
        self.on_cue: Callable[[str, Line], None] = lambda _what, _line: None
        self._state = state
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        self._speech: asyncio.Queue[tuple[float, str]] = asyncio.Queue()
        self._started = asyncio.get_running_loop().time()
        self._answered: float | None = None
        self.keep()

    # What its party does.

    def pick_up(self) -> None:
        self.picked_up.set()

    def press(self, digits: str) -> bool:
        """Whether anything listens: keys pressed too early are lost, as on any telephone."""
        self.note("keys", digits=digits)
        for digit in digits:
            self._keys.put_nowait(digit)
        return self.record.listening in {"keys", "voicemail"}

    def speak(self, seconds: float, text: str) -> None:
        self._speech.put_nowait((seconds, text))

    def hang_up(self, by: str) -> None:
        if not self.gone.is_set() and not self.ended.is_set():
            self.record.hung_up_by = self.record.hung_up_by or by
            self.note("hung_up", by=by)
            self.gone.set()

    # What the walker does with it. All of these raise HungUp.

    def check(self) -> None:
        if self.gone.is_set():
            raise HungUp

    async def sleep(self, seconds: float) -> None:
        self.check()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds) / self.speed):
                await self.gone.wait()
        self.check()

    async def key(self, seconds: float) -> str | None:
        """The next key, or None when nobody presses one in time."""
        key: str | None = await self._next(seconds, self._keys)
        return key

    async def speech_or_key(self, seconds: float) -> tuple[float, str] | str | None:
        """Whichever comes first of something said and a key, or None."""
        heard: tuple[float, str] | str | None = await self._next(seconds, self._speech, self._keys)
        return heard

    async def _next(self, seconds: float, *queues: asyncio.Queue[Any]) -> Any:
        self.check()
        for queue in queues:
            if not queue.empty():
                return queue.get_nowait()
        getters = [asyncio.ensure_future(queue.get()) for queue in queues]
        gone = asyncio.ensure_future(self.gone.wait())
        waiting: set[asyncio.Future[Any]] = {*getters, gone}
        try:
            done, _ = await asyncio.wait(
                waiting, timeout=max(0.0, seconds) / self.speed, return_when="FIRST_COMPLETED"
            )
        finally:
            for future in waiting:
                future.cancel()
        self.check()
        return next((getter.result() for getter in getters if getter in done), None)

    def forget_input(self) -> None:
        """What came before anybody listened is lost."""
        for queue in (self._keys, self._speech):
            while not queue.empty():
                queue.get_nowait()

    # What is known of it.

    @property
    def elapsed(self) -> float:
        """Seconds of the call since it began."""
        return (asyncio.get_running_loop().time() - self._started) * self.speed

    @property
    def talked(self) -> float:
        """Seconds since it was answered; 0 if it was not."""
        return 0 if self._answered is None else self.elapsed - self._answered

    def answer(self) -> None:
        if self.record.answered_at is None:
            self._answered = self.elapsed
            self.record.answered_at = stamp()
            self.record.status = "in-progress"
            self.answered.set()
            self.note("answered")

    def end(self, status: str) -> None:
        self.record.status = status
        self.record.ended_at = stamp()
        self.record.duration = round(self.talked) if self.record.answered_at else 0
        self.record.listening = None
        self.ended.set()
        self.note("ended", status=status)

    def listen(self, to: str | None) -> None:
        self.record.listening = to
        self.keep()

    def note(self, what: str, **facts: Any) -> None:
        """Into the transcript of the caller's call and into the log; scripts wait for it."""
        entry = {"at": round(self.root.elapsed, 1), "what": what, **facts}
        if self.root is not self:
            entry |= {"leg": self.record.sid, "phone": self.record.to}
        self.root.record.transcript.append(entry)
        self.root.keep()
        self.keep()
        self._state.log("call", sid=self.root.record.sid, **entry)
        self.root.on_cue(what, self)

    def keep(self) -> None:
        keep(self._state, self.record)


async def first_event(*events: asyncio.Event, seconds: float | None = None) -> None:
    """Waits for any of them, at most that many real seconds."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when="FIRST_COMPLETED")
    finally:
        for future in waiting:
            future.cancel()


def keep(state: State, record: CallRecord) -> None:
    state.put("calls", record.sid, asdict(record))


def new_record(direction: str, from_: str, to: str, status: str, **more: Any) -> CallRecord:
    return CallRecord(
        sid=new_sid("CA"), direction=direction, from_=from_, to=to, status=status,
        created_at=stamp(), **more,
    )  # fmt: skip


def cut_off(record: CallRecord) -> None:
    """Ends a call that a restart of the sandbox interrupted."""
    record.status = "completed" if record.answered_at else "no-answer"
    record.ended_at = stamp()
    record.hung_up_by = "restart"
    record.listening = None
    answered = record.answered_at and parse_stamp(record.answered_at)
    record.duration = round((now() - answered).total_seconds()) if answered else 0
