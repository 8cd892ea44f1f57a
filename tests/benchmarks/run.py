"""All of it in one run, or some parts of it."""

import time
from collections.abc import Callable, Set
from dataclasses import dataclass
from enum import StrEnum

from tests.benchmarks import claims, day, memory, missed_calls, pages, texts, throughput
from tests.benchmarks.figures import Results
from tests.benchmarks.installation import TUESDAY_TEN, installation
from tests.benchmarks.sender import Sender, sender

Say = Callable[[str], None]
LATENCY = 0.05  # seconds, of the provider that takes the texts


class Part(StrEnum):
    CALLS = "calls"  # starts, missed calls, webhooks and memory: on one installation
    TEXTS = "texts"
    CLAIMS = "claims"
    RECONCILE = "reconcile"
    PAGES = "pages"


@dataclass(frozen=True)
class Size:
    """How much is done. `FULL` takes about six minutes on two idle cores."""

    starts: int = 5  # on a folder that has data; one more comes before them
    calls: int = 32
    apart: tuple[float, float] = (1.5, 2.5)  # seconds between two calls, at least and at most
    speed: float = 20  # of the calls: the ringing of 20 s takes one
    connections: tuple[int, ...] = (1, 8, 32)
    rounds: int = 3
    seconds: int = 4  # for the webhooks and again for the commits, in each round
    workers: tuple[int, ...] = (1, 2)
    text_rounds: int = 2
    texts: int = 1000  # in each round
    text_seconds: float = 15  # at most, in each round
    own_pace: int = 10  # texts
    late: int = 30  # texts
    over: float = 60  # seconds within which they fall due
    scheduled: tuple[int, ...] = (10_000, 1_000_000)  # about: three to a run
    claims: int = 200  # of each kind
    plain: int = 10  # the same, of the plain kind
    day: tuple[int, int] = (50_000, 300)  # calls at Twilio, and how many of them are missing here
    leads: int = 1_000_000  # while pages are opened
    openings: int = 40  # of each page


FULL = Size()
TINY = Size(
    starts=0,
    calls=2,
    apart=(0, 0),
    speed=200,
    connections=(2,),
    rounds=1,
    seconds=1,
    workers=(1,),
    text_rounds=1,
    texts=5,
    own_pace=2,
    late=2,
    over=0.1,
    scheduled=(300,),
    claims=2,
    plain=2,
    day=(600, 6),
    leads=200,
    openings=2,
)


def run(size: Size, say: Say, parts: Set[Part] = frozenset(Part)) -> Results:
    """Raises NotMeasured as soon as something does not work."""
    results, begun = Results(), time.monotonic()
    if Part.CALLS in parts:
        _calls(size, say, results)
    if parts - {Part.CALLS}:
        with sender(LATENCY) as place:
            if Part.TEXTS in parts:
                _texts(place, size, say, results)
            if Part.CLAIMS in parts:
                _claims(place, size, say, results)
            if Part.RECONCILE in parts:
                calls, missing = size.day
                say(f"Going through {calls:,} calls at Twilio, {missing} of them missing …")
                results.day = day.measure(place, calls, missing)
            if Part.PAGES in parts:
                _pages(place, size, say, results)
    results.seconds = time.monotonic() - begun
    return results


def _calls(size: Size, say: Say, results: Results) -> None:
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


def _texts(place: Sender, size: Size, say: Say, results: Results) -> None:
    results.texts = {workers: [] for workers in size.workers}
    for number in range(1, size.text_rounds + 1):
        for workers, found in results.texts.items():
            say(f"{size.texts} texts with {workers} workers, then as many plain posts, {number} …")
            found.append(texts.lifted(place, workers, size.texts, size.text_seconds))
    say("Texts at the pace of a long code …")
    results.own_pace, results.lateness = texts.long_code(place, size.own_pace, size.late, size.over)


def _claims(place: Sender, size: Size, say: Say, results: Results) -> None:
    for reminders in size.scheduled:
        say(f"Looking and claiming with {reminders:,} reminders scheduled …")
        results.claims[reminders] = claims.measure(place, reminders, size.claims, size.plain)


def _pages(place: Sender, size: Size, say: Say, results: Results) -> None:
    say(f"Making up {size.leads:,} leads …")
    begun = time.monotonic()
    results.page_leads = size.leads

    def told(words: str) -> None:
        if words.startswith("Opening"):
            results.filling = time.monotonic() - begun
        say(f"  {time.monotonic() - begun:.0f} s: {words}")

    results.pages, results.live = pages.measure(place, size.leads, size.openings, told)
