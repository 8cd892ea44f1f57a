"""The benchmarks in a tiny form: that they measure, never how fast it is."""

import pytest

from tests.benchmarks.figures import Results, percentile
from tests.benchmarks.page import page
from tests.benchmarks.run import TINY, run
from tests.benchmarks.tables import tables


@pytest.fixture(scope="module")
def results() -> Results:
    return run(TINY, lambda _: None)


@pytest.mark.e2e
def test_a_tiny_run_measures_everything(results: Results) -> None:
    [start] = results.starts_empty
    assert 0 < start.database <= start.tables <= start.ready
    assert [len(each) for each in results.handed_over.values()] == [1, 1]
    assert all(seconds > 0 for each in results.handed_over.values() for seconds in each)
    assert list(results.rounds) == [2]
    [one] = results.rounds[2]
    assert one.requests_per_second > 0
    assert 0 < one.p50_ms <= one.p99_ms
    assert one.commits_per_second > 0
    expected = {"webhooks", "dashboard", "sandbox", "worker", "beat", "guard"}
    expected |= {"PostgreSQL", "Redis", "ringback up"}
    assert {share.name for share in results.memory} == expected
    assert all(0 < share.pss_mb <= share.rss_mb for share in results.memory)


@pytest.mark.e2e
def test_a_tiny_run_measures_the_sender_too(results: Results) -> None:
    [one] = results.texts[1]
    assert one.per_second > 0
    assert one.plain_per_second > 0
    assert results.own_pace > 0
    assert len(results.lateness) == 2
    assert all(seconds > 0 for seconds in results.lateness)
    [claims] = results.claims.values()
    assert all(len(each) == 2 and min(each) > 0 for each in vars(claims).values())


@pytest.mark.e2e
def test_a_tiny_run_goes_through_a_day_of_calls(results: Results) -> None:
    assert results.day is not None
    assert (results.day.calls, results.day.missing) == TINY.day
    assert results.day.seconds > 0
    assert results.day.peak_mb > 10
    # Thirteen slices of three lists, and never one call at a time.
    assert 30 < results.day.pages < 60


@pytest.mark.e2e
def test_a_tiny_run_opens_every_page(results: Results) -> None:
    assert {"desk", "lead", "leads", "calls", "search: name"} <= {one.name for one in results.pages}
    for one in results.pages:
        assert len(one.times) == len(one.plain) == 2, one.name
        assert min(one.times) > 0, one.name
        assert one.queries > 1, one.name
    assert results.live is not None
    assert all(len(each) == 2 and min(each) > 0 for each in vars(results.live).values())


@pytest.mark.e2e
def test_the_page_has_every_figure_of_the_tables(results: Results) -> None:
    text = page(results, TINY)
    for table in tables(results):
        assert table.title in text
        for row in table.rows:
            assert all(cell in text for cell in row)


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(number) for number in range(100, 0, -1)]
    assert percentile(values, 0.5) == 50
    assert percentile(values, 0.99) == 99
    assert percentile([7.0], 0.95) == 7
