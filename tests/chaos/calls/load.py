"""The steady load: both sides' people ring and text, by the sandbox's control interface."""

import heapq
import itertools
import threading
import time
from collections.abc import Sequence
from typing import Any

import httpx

from tests.chaos.calls.people import AFTER_THAT, AGAIN, SPEED, Person

# Seconds from the beginning, a tie-break, noun, who, and the text or how the call goes.
Act = tuple[float, int, str, Person, Any]


class Load(threading.Thread):
    """Calls spread evenly over `seconds`, the same for each side; texts follow their calls."""

    def __init__(self, sandbox_url: str, sides: Sequence[Sequence[Person]], seconds: float) -> None:
        super().__init__(name="load", daemon=True)
        self._client = httpx.Client(base_url=f"{sandbox_url}/sandbox/api", timeout=60)
        self._acts: list[Act] = []
        self.placed = 0
        self.error: Exception | None = None
        number = itertools.count()

        def will(at: float, noun: str, person: Person, what: Any) -> None:
            heapq.heappush(self._acts, (at, next(number), noun, person, what))

        for side in sides:
            for place, person in enumerate(side):
                at, story = seconds * place / len(side), person.story
                will(at, "calls", person, person.script)
                if story.text:
                    will(at + story.text_after, "texts", person, story.text)
                if story.then:
                    will(at + story.text_after + AFTER_THAT, "texts", person, story.then)
                if story.again is not None:
                    will(at + AGAIN, "calls", person, story.again)

    def run(self) -> None:
        begun = time.monotonic()
        try:
            while self._acts:
                at, _, noun, person, what = heapq.heappop(self._acts)
                time.sleep(max(begun + at - time.monotonic(), 0))
                self._do(noun, person, what)
        except Exception as error:
            self.error = error

    def _do(self, noun: str, person: Person, what: Any) -> None:
        fields = {"from": person.number, "to": person.clinic}
        more = {"speed": SPEED, "script": what} if noun == "calls" else {"body": what}
        self._client.post(f"/{noun}", json=fields | more).raise_for_status()
        self.placed += noun == "calls"

    def finish(self, seconds: float) -> None:
        """Wait until everybody has rung. Raises what went wrong, and TimeoutError."""
        self.join(seconds)
        if self.error:
            raise self.error
        if self.is_alive():
            raise TimeoutError("not everybody has rung in time")
