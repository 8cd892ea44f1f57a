"""`python -m tests.benchmarks`: measure, print, and with --write keep the page."""

import os
import sys
from typing import Annotated

import typer
from rich.console import Console

from tests.benchmarks.installation import NotMeasured
from tests.benchmarks.page import machine, page
from tests.benchmarks.run import FULL, run
from tests.benchmarks.tables import tables
from tests.services.running import ROOT


def main(
    write: Annotated[bool, typer.Option("--write", help="also write docs/benchmarks.md")] = False,
) -> None:
    """Measure requests, latency, start and memory of a Ringback of its own on this machine."""
    console = Console(highlight=False)
    console.print(f"{machine()}; load {os.getloadavg()[0]:.1f}.", style="dim")
    try:
        results = run(FULL, lambda words: console.print(words, style="dim"))
    except NotMeasured as error:
        sys.exit(str(error))
    for table in tables(results):
        console.print()
        console.print(table.drawn())
    console.print(f"\nIt took {results.seconds:.0f} s; load {os.getloadavg()[0]:.1f}.", style="dim")
    if write:
        (ROOT / "docs" / "benchmarks.md").write_text(page(results, FULL))
        console.print("docs/benchmarks.md is written.")


if __name__ == "__main__":
    typer.run(main)
