"""`python -m tests.benchmarks`: measure, print, and with --write keep the page."""

import os
import sys
from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console

from tests.benchmarks.installation import NotMeasured
from tests.benchmarks.page import machine, page
from tests.benchmarks.run import FULL, Part, run
from tests.benchmarks.tables import tables
from tests.chaos.calls.page import carried_over
from tests.services.running import ROOT


def main(
    write: Annotated[bool, typer.Option("--write", help="also write docs/benchmarks.md")] = False,
    only: Annotated[list[Part] | None, typer.Option(help="this part, and others so named")] = None,
    leads: Annotated[int, typer.Option(help="while pages are opened")] = FULL.leads,
) -> None:
    """Measure calls, texts, start and memory of a Ringback of its own on this machine."""
    if write and only:
        sys.exit("The page has every part: --write goes without --only.")
    console = Console(highlight=False)
    console.print(f"{machine()}; load {os.getloadavg()[0]:.1f}.", style="dim")
    try:
        size = replace(FULL, leads=leads)
        results = run(size, lambda words: console.print(words, style="dim"), set(only or Part))
    except NotMeasured as error:
        sys.exit(str(error))
    for table in tables(results):
        console.print()
        console.print(table.drawn())
    console.print(f"\nIt took {results.seconds:.0f} s; load {os.getloadavg()[0]:.1f}.", style="dim")
    if write:
        path = ROOT / "docs" / "benchmarks.md"
        path.write_text(carried_over(path.read_text(), page(results, size)))
        console.print("docs/benchmarks.md is written.")


if __name__ == "__main__":
    typer.run(main)
