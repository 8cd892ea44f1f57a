"""The figures of what the worker does, as tables."""

from tests.benchmarks.figures import Claims, DayOfCalls, Results, Spread, percentile
from tests.benchmarks.table import Table, spread, wanted

WANTED_TEXTS = 200.0  # a second, with two workers
WANTED_CLAIM = 5.0  # ms
WANTED_DAY = 300.0  # seconds: as often as beat asks for a comparison


def texts(results: Results) -> Table:
    columns = ["workers", "pace", "texts/s", "plain posts/s", "ratio", "wanted"]
    rows = []
    for workers, each in results.texts.items():
        rates = [one.per_second for one in each]
        verdict = "yes" if Spread(rates).middle > WANTED_TEXTS else "no"
        plain = spread([one.plain_per_second for one in each], 0)
        ratio = spread([one.ratio for one in each], 2)
        words = f"over 200: {verdict}" if workers > 1 else ""
        rows.append([str(workers), "lifted", spread(rates, 0), plain, ratio, words])
    rows.append(["1", "of a long code", f"{results.own_pace:.2f}", "", "", "about 1"])
    return Table("Texts handed over in a second", columns, rows)


def lateness(seconds: list[float]) -> Table:
    figures = [f"{percentile(seconds, share):.2f}" for share in (0.5, 0.99)]
    row = [str(len(seconds)), *figures, f"{max(seconds):.2f}"]
    return Table(
        "Lateness at the pace of a long code", ["texts", "p50 s", "p99 s", "longest s"], [row]
    )


def claims(by_reminders: dict[int, Claims]) -> Table:
    columns = ["scheduled", "look p50 ms", "p99", "claim p50 ms", "p99", "plain p50 ms", "wanted"]
    rows = []
    for reminders, each in by_reminders.items():
        look, claim = (
            [percentile(one, share) for share in (0.5, 0.99)] for one in (each.look, each.claim)
        )
        verdict = wanted(max(look[0], claim[0]), WANTED_CLAIM, "p50 under 5 ms")
        cells = [f"{one:.1f}" for one in (*look, *claim, percentile(each.plain, 0.5))]
        rows.append([f"{reminders:,}", *cells, verdict])
    return Table("Finding what is due", columns, rows)


def day(one: DayOfCalls) -> Table:
    columns = ["calls", "missing", "pages", "seconds", "calls/s", "peak MB", "wanted"]
    cells = [f"{one.calls:,}", f"{one.missing:,}", str(one.pages), f"{one.seconds:.1f}"]
    cells += [f"{one.calls / one.seconds:.0f}", f"{one.peak_mb:.0f}"]
    row = [*cells, wanted(one.seconds, WANTED_DAY, "under 5 min")]
    return Table("A day of calls gone through at Twilio", columns, [row])
