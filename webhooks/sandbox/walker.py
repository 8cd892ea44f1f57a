"""Walks a call through the TwiML that it is given.

1. Ask for a document, check it, carry out its verbs in order.
2. A verb that has an action, and every redirect, gives the next document.
3. The call ends when a document has no more to say, at <Hangup> and <Reject>, when the caller
   hangs up, and at a document that Twilio would refuse.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from webhooks.sandbox import dial, parameters, recording, twiml
from webhooks.sandbox.exchange_parts import Parts
from webhooks.sandbox.line import Line
from webhooks.sandbox.twiml import Refused, Verb
from webhooks.sandbox.webhook import Answer, Params, WebhookFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LETTERS_PER_SECOND = 15  # of a synthetic voice reading aloud
PLAYED_SECONDS = 3.0  # nobody fetches the sound, so every one is this long
MOST_REDIRECTS = 10
APOLOGY = "We are sorry, an application error has occurred. Goodbye."


class Finished(Exception):
    """The document hung up, or turned the call away with `status`."""

    def __init__(self, status: str = "completed") -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class Next:
    """The document to ask for next."""

    url: str
    method: str = "POST"
    params: Params = field(default_factory=dict)
    event: str = "voice"


class Walker:
    """`kind` is `voice` for a caller's call and `whisper` for a phone that was picked up."""

    def __init__(self, parts: Parts, line: Line, kind: str = "voice", fallback: str = "") -> None:
        self.parts = parts
        self.line = line
        self.url = ""  # of the document being carried out
        self._kind = kind
        self._fallback = fallback
        self._redirects = 0
        self._verbs: dict[str, Callable[[Verb], Awaitable[Next | None]]] = {
            "Say": self._prompt,
            "Play": self._prompt,
            "Pause": self._pause,
            "Gather": self._gather,
            "Hangup": self._hang_up,
            "Reject": self._reject,
            "Redirect": self._redirect,
            "Dial": lambda verb: dial.Dial(self, verb).run(),
            "Record": lambda verb: recording.voicemail(self, verb),
            "Start": self._start,
        }

    async def walk(self, first: Next) -> None:
        """Raises HungUp, Finished, and Refused for documents and answers that are no good."""
        step: Next | None = first
        while step is not None:
            verbs = await self._document(step)
            self.line.check()
            if not verbs:
                self.line.answer()
            step = await self._carry_out(verbs)

    async def _document(self, step: Next) -> list[Verb]:
        try:
            return twiml.read(await self.ask(step), self._kind)
        except (WebhookFailed, Refused) as error:
            refused = error if isinstance(error, Refused) else Refused(error.code, str(error))
            self.parts.state.log(
                "application_error",
                sid=self.line.root.record.sid,
                leg=self.line.record.sid,
                url=step.url,
                event=step.event,
                error_code=refused.code,
                error=str(refused),
                fallback=bool(self._fallback),
            )
            if not self._fallback:
                raise refused from error
            url, self._fallback = self._fallback, ""
            failed = {"ErrorCode": str(refused.code), "ErrorUrl": step.url}
            return await self._document(Next(url, "POST", failed, "fallback"))

    async def ask(self, step: Next) -> Answer:
        record = self.line.record
        params = parameters.of_call(record, self.parts.account_sid) | step.params
        if self.line.gone.is_set():
            params["CallStatus"] = "completed" if record.answered_at else "no-answer"
        self.url = step.url
        return await self.parts.sender.ask(
            step.url, step.method, params, about=record.sid, event=step.event
        )

    async def ask_in_vain(self, step: Next) -> None:
        """Asks after the caller has gone: the answer, good or bad, has nobody to hear it."""
        with suppress(WebhookFailed):
            await self.ask(step)

    def link(self, verb: Verb, attribute: str, event: str, params: Params) -> Next:
        """The document that an attribute names; without it, the same document again."""
        url = urljoin(self.url, verb.get(attribute)) if verb.get(attribute) else self.url
        return Next(url, verb.get("method", "POST"), params, event)

    async def _carry_out(self, verbs: list[Verb]) -> Next | None:
        for position, verb in enumerate(verbs):
            step = await self._verbs[verb.name](verb)
            if step is not None:
                if verbs[position + 1 :] and verb.name in {"Dial", "Redirect"}:
                    self.line.note("unreachable", verbs=[v.name for v in verbs[position + 1 :]])
                return step
        return None

    async def _prompt(self, verb: Verb) -> None:
        self.line.answer()
        await self.utter(verb, interruptible=False)

    async def utter(self, verb: Verb, *, interruptible: bool) -> str | None:
        """Says, plays or waits; a key ends it where it is interruptible, and is returned."""
        # A loop of 0 goes on until the caller hangs up: Twilio stops it after 1000 times.
        for _ in range(verb.number("loop", 1) or 1000):
            if verb.name == "Say":
                text = verb.words()
                self.line.note("said", text=text)
                seconds = len(text) / LETTERS_PER_SECOND
            elif verb.name == "Play":
                self.line.note("played", url=verb.text.strip(), digits=verb.get("digits"))
                seconds = PLAYED_SECONDS if verb.text.strip() else len(verb.get("digits")) * 0.5
            else:
                seconds = verb.number("length", 1)
            if not interruptible:
                await self.line.sleep(seconds)
            elif key := await self.line.key(seconds):
                return key
        return None

    async def _pause(self, verb: Verb) -> None:
        # As the first verb it makes the caller wait before the call is answered.
        await self.utter(verb, interruptible=False)

    async def _gather(self, verb: Verb) -> Next | None:
        self.line.answer()
        self.line.forget_input()
        self.line.listen("keys")
        self.line.note("gather", digits=verb.get("numDigits"))
        try:
            digits, ended_by = await self._digits(verb)
        finally:
            self.line.listen(None)
        if not digits and not ended_by and verb.get("actionOnEmptyResult") != "true":
            self.line.note("no_keys")
            return None
        params = {"Digits": digits, "FinishedOnKey": ended_by, "msg": "Gather End"}
        return self.link(verb, "action", "gather", params)

    async def _digits(self, verb: Verb) -> tuple[str, str]:
        """The keys pressed, and the one that ended them if one did."""
        finish = verb.get("finishOnKey", "#")
        most = verb.number("numDigits", 0)
        key: str | None = None
        for child in verb.children:
            key = await self.utter(child, interruptible=verb.get("bargeIn") != "false")
            if key:
                break
        digits = ""
        while True:
            key = key or await self.line.key(verb.number("timeout", 5))
            if key is None:
                return digits, ""
            if finish and key == finish:
                return digits, key
            digits += key
            if most and len(digits) >= most:
                return digits, ""
            key = None

    async def _hang_up(self, _: Verb) -> None:
        self.line.answer()
        raise Finished

    async def _reject(self, verb: Verb) -> None:
        if self.line.record.answered_at:
            raise Finished
        raise Finished("busy" if verb.get("reason") == "busy" else "no-answer")

    async def _redirect(self, verb: Verb) -> Next:
        self._redirects += 1
        if self._redirects > MOST_REDIRECTS:
            raise Refused(12400, f"More than {MOST_REDIRECTS} redirects in one call.")
        url = urljoin(self.url, verb.text.strip())
        return Next(url, verb.get("method", "POST"), {}, "redirect")

    async def _start(self, verb: Verb) -> None:
        for child in verb.children:
            recording.start(self, child)
