"""`python -m tests.chaos`: a storm over two senders, judged by the telephone service's own log."""

import json
import signal
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.chaos import recipients
from tests.chaos.run import full, run, short

SPOKEN_EVERY = 15.0  # seconds between two lines of one phase


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
    brief: Annotated[bool, typer.Option("--short", help="under a minute, as in CI")] = False,
    report: Annotated[Path | None, typer.Option(help="also write the figures, as JSON")] = None,
    logs: Annotated[Path | None, typer.Option(help="keep the processes' logs there")] = None,
) -> None:
    """Text many people while everything dies, and count: nobody twice, nobody lost.

    Ends with 1 when Ringback texted somebody twice, lost a text or said what is not so.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that it cleans up
    size = short(reminders or 120) if brief else full(reminders or 2500, minutes)
    console = Console(highlight=False)
    columns = (TextColumn("{task.description:<16}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as bars:
        outcome = run(size, Bars(bars, size.reminders), logs)
    for table in outcome.tables():
        console.print(table)
    console.print(
        f"The storm took {outcome.storm_seconds:.0f} s, and what it left "
        f"{outcome.settled_seconds:.0f} s more.\n{outcome.in_words}"
    )
    if report:
        report.write_text(json.dumps(outcome.as_json(), indent=1))
    sys.exit(not outcome.ringback.good)


if __name__ == "__main__":
    typer.run(main)
