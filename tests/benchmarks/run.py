"""All of it in one run, on one installation."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks import memory, missed_calls, throughput
from tests.benchmarks.figures import Results
from tests.benchmarks.installation import TUESDAY_TEN, installation


@dataclass(frozen=True)
class Size:
    """How much is done. `FULL` takes about four minutes on two idle cores."""

    starts: int = 5  # on a folder that has data; one more comes before them
    calls: int = 32
    apart: tuple[float, float] = (1.5, 2.5)  # seconds between two calls, at least and at most
    speed: float = 20  # of the calls: the ringing of 20 s takes one
    connections: tuple[int, ...] = (1, 8, 32)
    rounds: int = 3
    seconds: int = 4  # for the webhooks and again for the commits, in each round


FULL = Size()
TINY = Size(starts=0, calls=2, apart=(0, 0), speed=200, connections=(2,), rounds=1, seconds=1)


def run(size: Size, say: Callable[[str], None]) -> Results:
    """Raises NotMeasured as soon as something does not work."""
    results, begun = Results(), time.monotonic()
    with installation() as place:
        for number in range(size.starts + 1):
            say(f"Starting on existing data, {number} …" if number else "Starting on none …")
            with place.running() as (start, supervisor):
                (results.starts_existing if number else results.starts_empty).append(start)
                if number < size.starts:
                    continue
                # The last one stays for the rest.
                place.command("clock", "set", TUESDAY_TEN)
                say(f"Missing {size.calls} calls …")
                results.handed_over = missed_calls.measure(
                    place, size.calls, size.apart, size.speed
                )
                say(f"Webhooks and commits by turns, {size.rounds} rounds …")
                results.rounds = throughput.measure(
                    place, size.connections, size.rounds, size.seconds
                )
                results.memory = memory.measure(supervisor)
    results.seconds = time.monotonic() - begun
    return results
