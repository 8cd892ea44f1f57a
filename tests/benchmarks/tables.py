"""The figures as tables, for the terminal and for the page alike."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table as Drawn

from tests.benchmarks.figures import Results, Round, Share, Spread, Start, percentile

WANTED_HANDED_OVER = 3.0  # seconds, 95 of 100
WANTED_START = 5.0  # seconds
WANTED_MEMORY = 600.0  # MB


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


def tables(results: Results) -> list[Table]:
    return [
        throughput(results.rounds),
        handed_over(results.handed_over),
        starts({"empty": results.starts_empty, "with data": results.starts_existing}),
        memory(results.memory),
    ]


def throughput(rounds: dict[int, list[Round]]) -> Table:
    columns = ["clients", "webhooks/s", "p50 ms", "p99 ms", "commits/s", "ratio"]
    rows = [
        [
            str(count),
            spread([one.requests_per_second for one in each], 0),
            spread([one.p50_ms for one in each], 1),
            spread([one.p99_ms for one in each], 1),
            spread([one.commits_per_second for one in each], 0),
            spread([one.ratio for one in each], 3),
        ]
        for count, each in rounds.items()
    ]
    return Table("Voice webhooks beside bare commits", columns, rows)


def handed_over(seconds: dict[str, list[float]]) -> Table:
    columns = ["the caller", "calls", "p50 s", "p95 s", "longest s", "wanted"]
    everybody = [one for each in seconds.values() for one in each]
    rows = []
    for way, each in {**seconds, "all": everybody}.items():
        p95 = percentile(each, 0.95)
        verdict = wanted(p95, WANTED_HANDED_OVER, "p95 under 3 s") if way == "all" else ""
        figures = [f"{one:.2f}" for one in (percentile(each, 0.5), p95, max(each))]
        rows.append([way, str(len(each)), *figures, verdict])
    return Table("End of a missed call to text handed over", columns, rows)


def starts(by_folder: dict[str, list[Start]]) -> Table:
    columns = ["data folder", "starts", "database s", "tables s", "ready s", "wanted"]
    rows = [
        [
            folder,
            str(len(each)),
            spread([one.database for one in each], 1),
            spread([one.tables for one in each], 1),
            spread([one.ready for one in each], 1),
            wanted(Spread([one.ready for one in each]).middle, WANTED_START, "under 5 s"),
        ]
        for folder, each in by_folder.items()
        if each
    ]
    return Table("Start of `ringback up` to ready", columns, rows)


def memory(shares: list[Share]) -> Table:
    columns = ["process", "how many", "RSS MB", "PSS MB", "wanted"]
    rows = [
        [one.name, str(one.processes), f"{one.rss_mb:.0f}", f"{one.pss_mb:.0f}", ""]
        for one in shares
    ]
    rss, pss = sum(one.rss_mb for one in shares), sum(one.pss_mb for one in shares)
    verdict = wanted(pss, WANTED_MEMORY, "PSS under 600 MB")
    count = sum(one.processes for one in shares)
    rows.append(["all", str(count), f"{rss:.0f}", f"{pss:.0f}", verdict])
    return Table("Memory after all of the above", columns, rows)


def spread(values: Sequence[float], digits: int) -> str:
    """The middle one, and from the least to the most."""
    found = Spread(values)
    text = f"{found.middle:.{digits}f}"
    if len(values) > 1:
        text += f" ({found.low:.{digits}f} to {found.high:.{digits}f})"
    return text


def wanted(value: float, limit: float, words: str) -> str:
    return f"{words}: {'yes' if value < limit else 'no'}"
