"""`python -m tests.chaos`: a storm over two senders, one over two receivers, each judged by the
telephone service's own log."""

import enum
import json
import signal
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.chaos import recipients
from tests.chaos.calls import page
from tests.chaos.calls import run as calls_storm
from tests.chaos.calls.report import Report as CallsReport
from tests.chaos.report import Report
from tests.chaos.run import Size, full, run, short

SPOKEN_EVERY = 15.0  # seconds between two lines of one phase
SHORT_CALLS, FULL_CALLS = 48, 300  # people who ring each side, some of them twice


class Part(enum.StrEnum):
    TEXTS = "texts"
    CALLS = "calls"


class Said:
    """A line of what is going on: each phase, and each trouble."""

    def __init__(self, console: Console) -> None:
        self._console, self._begun, self._last = console, time.monotonic(), ""

    def __call__(self, words: str) -> None:
        if words != self._last:
            self._last = words
            self._console.print(f"{time.monotonic() - self._begun:5.0f} s  {words}", style="dim")


class Bars:
    """How many people each side has texted, and now and then a line on what is going on."""

    def __init__(self, bars: Progress, reminders: int) -> None:
        self._bars, self._phase, self._spoke = bars, "", 0.0
        self._ours = bars.add_task("Ringback", total=reminders)
        self._theirs = bars.add_task("countdown task", total=reminders)

    def __call__(self, words: str, texted: int, naively: int) -> None:
        self._bars.update(self._ours, completed=texted)
        self._bars.update(self._theirs, completed=naively)
        phase, now = words.partition(":")[0], time.monotonic()
        if phase != self._phase or now - self._spoke > SPOKEN_EVERY:
            self._phase, self._spoke = phase, now
            self._bars.print(words)


def main(
    reminders: Annotated[int | None, typer.Option(min=1, max=recipients.MOST)] = None,
    minutes: Annotated[
        float, typer.Option(min=0.5, help="of storm, at most twice that; then calm")
    ] = 4,
    calls: Annotated[int | None, typer.Option(min=16, max=recipients.MOST)] = None,
    minutes_of_calls: Annotated[float, typer.Option(min=1)] = 5,
    brief: Annotated[bool, typer.Option("--short", help="under a minute each, as in CI")] = False,
    only: Annotated[Part | None, typer.Option(help="this storm alone")] = None,
    write: Annotated[
        bool, typer.Option("--write", help="also keep what befell calls in docs/benchmarks.md")
    ] = False,
    report: Annotated[Path | None, typer.Option(help="also write the figures, as JSON")] = None,
    logs: Annotated[Path | None, typer.Option(help="keep the processes' logs there")] = None,
) -> None:
    """Text many people while everything dies, and count: nobody twice, nobody lost. Then have
    people ring while everything dies, and count: no call lost, no caller with an error.

    Ends with 1 when Ringback did what it must not.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that it cleans up
    console = Console(highlight=False)
    figures: dict[str, Any] = {}
    good = True
    if only is not Part.CALLS:
        size = short(reminders or 120) if brief else full(reminders or 2500, minutes)
        outcome = _texts(console, size, logs)
        figures, good = outcome.as_json(), outcome.ringback.good
    if only is not Part.TEXTS:
        many = calls or (SHORT_CALLS if brief else FULL_CALLS)
        of_calls = calls_storm.short(many) if brief else calls_storm.full(many, minutes_of_calls)
        rung = calls_storm.run(of_calls, Said(console), logs)
        _show(console, rung)
        figures["calls"] = rung.as_json()
        good = good and rung.ringback.good
        if write:
            page.write(rung)
            console.print("docs/benchmarks.md has what befell the calls.")
    if report:
        report.write_text(json.dumps(figures, indent=1))
    sys.exit(not good)


def _texts(console: Console, size: Size, logs: Path | None) -> Report:
    columns = (TextColumn("{task.description:<16}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as bars:
        outcome = run(size, Bars(bars, size.reminders), logs)
    _show(console, outcome)
    return outcome


def _show(console: Console, outcome: Report | CallsReport) -> None:
    for table in outcome.tables():
        console.print(table)
    console.print(
        f"The storm took {outcome.storm_seconds:.0f} s, and what it left "
        f"{outcome.settled_seconds:.0f} s more.\n{outcome.in_words}"
    )


if __name__ == "__main__":
    typer.run(main)
