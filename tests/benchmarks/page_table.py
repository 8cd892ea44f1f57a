"""The pages' figures as tables."""

from tests.benchmarks.figures import Live, Results, percentile
from tests.benchmarks.table import Table, wanted

WANTED_PAGE, WANTED_SEARCH = 100.0, 150.0  # ms, 95 of 100
WANTED_LIVE = 1000.0  # ms, 95 of 100


def pages(results: Results) -> Table:
    columns = ["page", "queries", "p50 ms", "p95 ms", "plain p50 ms", "ratio", "wanted"]
    rows = []
    for one in results.pages:
        p50, p95, plain = (
            percentile(values, share)
            for values, share in ((one.times, 0.5), (one.times, 0.95), (one.plain, 0.5))
        )
        limit = WANTED_SEARCH if one.searches else WANTED_PAGE
        verdict = wanted(p95, limit, f"p95 under {limit:.0f} ms")
        figures = [f"{p50:.1f}", f"{p95:.1f}", f"{plain:.1f}", f"{one.ratio:.1f}"]
        rows.append([one.name, str(one.queries), *figures, verdict])
    return Table(f"Pages with {results.page_leads:,} leads", columns, rows)


def live(times: Live) -> Table:
    columns = ["from the commit of a call until", "p50 ms", "p95 ms", "longest ms", "wanted"]
    rows = []
    for name, each in (
        ("an open page hears of it", times.told),
        ("the desk is drawn anew", times.drawn),
        ("(a bare NOTIFY is heard)", times.bare),
    ):
        p95 = percentile(each, 0.95)
        figures = [f"{one:.1f}" for one in (percentile(each, 0.5), p95, max(each))]
        verdict = wanted(p95, WANTED_LIVE, "p95 under 1 s") if each is times.drawn else ""
        rows.append([name, *figures, verdict])
    return Table("A call on an open page", columns, rows)
