"""The short form of the storm over calls: a few people, and every trouble once."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.chaos.calls.page import TITLE, carried_over, replaced
from tests.chaos.calls.people import STORIES, of_ringback
from tests.services.running import ROOT

PEOPLE = 3 * len(STORIES)
CALLS = sum(person.calls for person in of_ringback(PEOPLE))
pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Of one run, in a process of its own: it starts processes that die with their parent."""
    path = tmp_path_factory.mktemp("chaos") / "report.json"
    argv = ["-m", "tests.chaos", "--short", "--only", "calls", "--calls", str(PEOPLE)]
    done = subprocess.run(  # noqa: S603 (our own words)
        [sys.executable, *argv, "--report", str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=420,
    )
    assert path.exists(), done.stdout
    print(done.stdout)  # noqa: T201 - pytest shows it when a test fails
    told: dict[str, Any] = json.loads(path.read_text())["calls"]
    return told


def test_no_call_is_lost_or_doubled(report: dict[str, Any]) -> None:
    ours = report["ringback"]
    assert ours["calls"] == CALLS
    assert (ours["lost"], ours["doubled"], ours["invented"]) == (0, 0, 0)
    assert (ours["wrong_outcome"], ours["wrong_leads"]) == (0, 0), ours["wrong"]
    assert ours["reviewed_for_nothing"] == 0


def test_no_caller_hears_an_error_or_waits(report: dict[str, Any]) -> None:
    assert report["ringback"]["errors"] == 0
    assert report["ringback"]["longest_own"] < report["ringback"]["within"]


def test_no_text_is_lost_and_nobody_is_texted_twice(report: dict[str, Any]) -> None:
    ours = report["ringback"]
    assert ours["texts"] > 0
    assert (ours["texts_lost"], ours["texts_doubled"], ours["sent_twice"]) == (0, 0, 0)


def test_every_text_that_was_taken_is_known_and_no_other(report: dict[str, Any]) -> None:
    # On a slow machine texts rightly wait to the end of so short a storm; the whole one wants some.
    ours = report["ringback"]
    assert (ours["sent_lost"], ours["sent_unsettled"]) == (0, 0)
    assert (ours["sent_invented"], ours["sent_in_wrong_state"]) == (0, 0)


def test_nobody_is_texted_after_a_stop(report: dict[str, Any]) -> None:
    ours = report["ringback"]
    assert ours["stops"] > 0
    assert (ours["stops_lost"], ours["sent_after_stop"]) == (0, 0)
    assert ours["wrongly_opted_out"] == 0, ours["wrong"]


def test_the_storm_was_one(report: dict[str, Any]) -> None:
    assert {
        "PostgreSQL killed",
        "PostgreSQL stopped in mid-query",
        "PostgreSQL restarted",
        "disk of PostgreSQL full",
        "disk of the spool full, too",
        "Redis killed",
        "Redis emptied",
        "webhooks killed",
        "worker killed",
        "beat killed",
        "everything of ours down, an hour by the clock",
    } <= set(report["happened"])
    assert report["ringback"]["fallbacks"] > 0
    theirs = report["peer"]
    assert theirs["lost"] + theirs["errors"] > 0, "the same storm does harm to others"


def test_the_page_keeps_its_other_sections() -> None:
    mine = f"{TITLE}\n\nnew\n"
    page = f"# Benchmarks\n\n## Other\n\nwords\n\n{TITLE}\n\nold\n\n## Last\n\nend\n"
    assert replaced(page, mine) == page.replace("old", "new")
    assert replaced("# Benchmarks\n", mine) == f"# Benchmarks\n\n{mine}"
    assert replaced(f"# Benchmarks\n\n{mine}", mine) == f"# Benchmarks\n\n{mine}"
    assert carried_over(page, "# Benchmarks\n") == f"# Benchmarks\n\n{TITLE}\n\nold\n"
