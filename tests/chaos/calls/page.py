"""The section of docs/benchmarks.md that a run of this storm writes; the others are not touched."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.page import machine
from tests.chaos.calls.report import Report
from tests.chaos.calls.truth import RACE
from tests.services.running import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
TITLE = "## Calls while everything breaks"
NEXT = "\n## "

SECTION = """\
{title}

Written by `python -m tests.chaos --only calls --write` on {date}. {machine}.

| | Ringback | insert, then enqueue |
| --- | ---: | ---: |
{rows}

Each side was rung {calls} times within {seconds:.0f} s, by some people twice, some of them \
texted, and meanwhile: \
{happened}. Of Twilio's requests one in ten came twice, one in ten late, and news overtook other \
news. A full disk is a limit on the size of files: PostgreSQL then cannot extend its table of \
events, and the spool cannot be written at all. "An hour" is one by the practice's clock. All \
counts are by the log of the sandbox, which plays Twilio and asks once more when it cannot \
connect, then the fallback address; at the end everything was healed, what was kept was replayed \
and Twilio's lists were gone through. A call needs a review where those lists say that a mobile \
was picked up, and the key that a person presses may have been lost: its outcome is not judged. \
Every text that Twilio took stands here with its SID and state, and no other. An answer may take \
{within:g} s; what a process beside the others that only sleeps says that the machine stood still \
is not held against it. A text within {race:g} s of a stop is counted apart, because which of \
the two Twilio took first is not ours to say.

**Insert, then enqueue** is what most people write: a handler that inserts the call into a table \
and enqueues a task that texts (`tests/chaos/calls/peer.py`), with a retry for the task and no \
fallback address, in the same storm on the same PostgreSQL and Redis. It has no second source: \
what did not reach its handler, or failed there, is lost, and its caller heard "an application \
error has occurred".
"""


def section(report: Report) -> str:
    happened = ", ".join(f"{words} ({count})" for words, count in report.happened.items())
    return SECTION.format(
        title=TITLE,
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=machine(),
        rows="\n".join(_rows(report)),
        calls=report.ringback.calls,
        seconds=report.storm_seconds,
        happened=happened,
        race=RACE.total_seconds(),
        within=report.ringback.within,
    )


def _rows(report: Report) -> Iterator[str]:
    head = ""
    for words, ours, theirs, _ in report.rows():
        if not words.startswith(" "):
            head = words
        told = words if words == head else f"{head}: {words.strip()}"
        yield f"| {told} | {ours} | {theirs} |"


def write(report: Report, path: Path = PAGE) -> None:
    """Put the section at its place, or at the end."""
    path.write_text(replaced(path.read_text(), section(report)))


def replaced(page: str, section: str) -> str:
    """The page with this section in place of the one of the same title."""
    before, found, after = page.partition(f"{TITLE}\n")
    if not found:
        return f"{page.rstrip()}\n\n{section}"
    _, next_title, rest = after.partition(NEXT)
    return before + section + (f"\n## {rest}" if next_title else "")


def carried_over(old: str, new: str) -> str:
    """The new page, with this section as the old page had it."""
    _, found, after = old.partition(f"{TITLE}\n")
    if not found:
        return new
    return replaced(new, f"{TITLE}\n{after.partition(NEXT)[0].rstrip()}\n")
