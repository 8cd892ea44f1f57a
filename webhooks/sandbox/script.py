"""A call that plays itself: what the caller and the phones do, decided beforehand.

Times are seconds of the call: at speed 20, ringing for 20 s takes one. A script reacts to what
Twilio does with the call (rings a phone, asks for keys, records), so that it fits any TwiML.
"""

import asyncio
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from webhooks.sandbox.line import Line
from webhooks.sandbox.webhook import Sender

Seconds = Annotated[float, Field(ge=0, le=3600)]


class Script(BaseModel):
    """Without `answer`, nobody picks up. Without anything, the caller listens, and hangs up when
    voicemail begins."""

    model_config = ConfigDict(extra="forbid")

    let_ring: Annotated[bool, Field(description="Nobody picks up: `answer` must be empty")] = False
    answer: Annotated[str | None, Field(description="The phone that picks up, E.164")] = None
    answer_after: Annotated[Seconds, Field(description="Ringing before it picks up")] = 2
    answer_keys: Annotated[
        str, Field(pattern=r"^[0-9*#]*$", description="Pressed there when the whisper asks")
    ] = ""
    busy: Annotated[list[str], Field(description="Phones that are engaged")] = []
    talk_seconds: Annotated[Seconds, Field(description="From being connected to hanging up")] = 5
    hangup_by: Annotated[Literal["caller", "callee"], Field(description="After the talk")] = (
        "callee"
    )
    keys: Annotated[
        list[Annotated[str, Field(pattern=r"^[0-9*#]*$")]],
        Field(description="What the caller presses when asked, one entry for each time"),
    ] = []
    voicemail_seconds: Annotated[
        Seconds | None, Field(description="How long the caller speaks; none: hangs up instead")
    ] = None
    voicemail_text: str = "Hello, please call me back."
    hangup_after: Annotated[
        Seconds | None, Field(description="The caller hangs up then, counted from dialling")
    ] = None
    hangup_while: Annotated[
        Literal["ringing", "prompt"] | None,
        Field(description="The caller hangs up `patience` into the first ringing or asking"),
    ] = None
    patience: Seconds = 2
    hangup_after_prompt: Annotated[
        bool, Field(description="Hang up when voicemail begins, else stay silent")
    ] = True


class Player:
    def __init__(self, sender: Sender, line: Line, script: Script) -> None:
        self._sender = sender
        self._line = line
        self._script = script
        self._keys = list(script.keys)
        line.busy |= set(script.busy)
        line.on_cue = self._cue
        if script.hangup_after is not None:
            self._later(script.hangup_after, self._caller_hangs_up)

    def _cue(self, what: str, line: Line) -> None:
        script = self._script
        if what == "ringing":
            if line.record.to == script.answer:
                self._later(script.answer_after, line.pick_up)
            if script.hangup_while == "ringing":
                self._later(script.patience, self._caller_hangs_up)
        elif what == "gather" and line is not self._line:
            self._later(0.5, lambda: self._press(line, script.answer_keys))
        elif what == "gather":
            digits = self._keys.pop(0) if self._keys else ""
            if script.hangup_while == "prompt":
                self._later(script.patience, self._caller_hangs_up)
            elif digits:
                self._later(0.5, lambda: self._press(line, digits))
        elif what == "connected":
            who = self._line if script.hangup_by == "caller" else line
            self._later(script.talk_seconds, lambda: who.hang_up(script.hangup_by))
        elif what == "recording":
            if script.voicemail_seconds:
                self._later(0.2, self._speak)
            elif script.hangup_after_prompt:
                self._later(0.5, self._caller_hangs_up)
        elif what == "speaks":
            self._later(script.voicemail_seconds or 0, self._caller_hangs_up)

    def _press(self, line: Line, digits: str) -> None:
        if digits:
            line.press(digits)

    def _speak(self) -> None:
        # A little longer than it lasts, so that hanging up is what ends it.
        seconds = (self._script.voicemail_seconds or 0) + 60
        self._line.speak(seconds, self._script.voicemail_text)

    def _caller_hangs_up(self) -> None:
        self._line.hang_up("caller")

    def _later(self, seconds: float, do: Callable[[], None]) -> None:
        async def act() -> None:
            await asyncio.sleep(seconds / self._line.speed)
            if not self._line.ended.is_set():
                do()

        self._sender.work("script", act())
