"""One table of figures, for the terminal and for the page alike."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table as Drawn

from tests.benchmarks.figures import Spread


@dataclass(frozen=True)
class Table:
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def drawn(self) -> Drawn:
        table = Drawn(title=self.title, title_justify="left", title_style="bold")
        for place, column in enumerate(self.columns):
            table.add_column(column, justify="right" if place else "left")
        for row in self.rows:
            # A spread below its figure: so the table fits a narrow terminal.
            table.add_row(*(cell.replace(" (", "\n(") for cell in row))
        return table

    def markdown(self) -> str:
        ruler = ["---", *("---:" for _ in self.columns[1:])]
        lines = [self.columns, ruler, *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def spread(values: Sequence[float], digits: int) -> str:
    """The middle one, and from the least to the most."""
    found = Spread(values)
    text = f"{found.middle:.{digits}f}"
    if len(values) > 1:
        text += f" ({found.low:.{digits}f} to {found.high:.{digits}f})"
    return text


def wanted(value: float, limit: float, words: str) -> str:
    return f"{words}: {'yes' if value < limit else 'no'}"
