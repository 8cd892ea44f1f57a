"""The figures as tables, for the terminal and for the page alike."""

from tests.benchmarks import page_table, sending_tables
from tests.benchmarks.figures import Results, Round, Share, Spread, Start, percentile
from tests.benchmarks.table import Table, spread, wanted

WANTED_HANDED_OVER = 3.0  # seconds, 95 of 100
WANTED_START = 5.0  # seconds
WANTED_MEMORY = 600.0  # MB


def tables(results: Results) -> list[Table]:
    """Of the parts that were measured."""
    found = []
    if results.memory:
        found += [
            throughput(results.rounds),
            handed_over(results.handed_over),
            starts({"empty": results.starts_empty, "with data": results.starts_existing}),
            memory(results.memory),
        ]
    if results.lateness:
        found += [sending_tables.texts(results), sending_tables.lateness(results.lateness)]
    if results.claims:
        found.append(sending_tables.claims(results.claims))
    if results.day:
        found.append(sending_tables.day(results.day))
    if results.pages:
        found.append(page_table.pages(results))
    if results.live:
        found.append(page_table.live(results.live))
    return found


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
    live = [one for one in shares if one.name != "sandbox"]
    for words, each in (("all", shares), ("all but the sandbox", live)):
        rss, pss = sum(one.rss_mb for one in each), sum(one.pss_mb for one in each)
        count = sum(one.processes for one in each)
        verdict = wanted(pss, WANTED_MEMORY, "PSS under 600 MB") if each is live else ""
        rows.append([words, str(count), f"{rss:.0f}", f"{pss:.0f}", verdict])
    return Table("Memory after all of the above", columns, rows)
