"""The steady load: both sides' people ring and text, by the sandbox's control interface."""

import heapq
import itertools
import threading
import time
from collections.abc import Sequence

import httpx

from tests.chaos.calls.people import SPEED, Person

Act = tuple[float, int, str, Person]  # seconds from the beginning, a tie-break, noun, who


class Load(threading.Thread):
    """Calls spread evenly over `seconds`, the same for each side; texts follow their calls."""

    def __init__(self, sandbox_url: str, sides: Sequence[Sequence[Person]], seconds: float) -> None:
        super().__init__(name="load", daemon=True)
        self._client = httpx.Client(base_url=f"{sandbox_url}/sandbox/api", timeout=60)
        self._acts: list[Act] = []
        self.placed = 0
        self.error: Exception | None = None
        number = itertools.count()
        for side in sides:
            for place, person in enumerate(side):
                at = seconds * place / len(side)
                heapq.heappush(self._acts, (at, next(number), "calls", person))
                if person.story.text:
                    later = at + person.story.text_after
                    heapq.heappush(self._acts, (later, next(number), "texts", person))

    def run(self) -> None:
        begun = time.monotonic()
        try:
            while self._acts:
                at, _, noun, person = heapq.heappop(self._acts)
                time.sleep(max(begun + at - time.monotonic(), 0))
                self._do(noun, person)
        except Exception as error:
            self.error = error

    def _do(self, noun: str, person: Person) -> None:
        fields = {"from": person.number, "to": person.clinic}
        more = (
            {"speed": SPEED, "script": person.script}
            if noun == "calls"
            else {"body": person.story.text}
        )
        self._client.post(f"/{noun}", json=fields | more).raise_for_status()
        self.placed += noun == "calls"

    def finish(self, seconds: float) -> None:
        """Wait until everybody has rung. Raises what went wrong, and TimeoutError."""
        self.join(seconds)
        if self.error:
            raise self.error
        if self.is_alive():
            raise TimeoutError("not everybody has rung in time")
