"""The short form: the same storm, a small load, and no waiting for leases and graces."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.services.running import ROOT

REMINDERS = 120
pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Of one run, in a process of its own: it starts processes that die with their parent."""
    path = tmp_path_factory.mktemp("chaos") / "report.json"
    argv = ["-m", "tests.chaos", "--short", "--only", "texts", "--reminders", str(REMINDERS)]
    argv += ["--report", str(path)]
    done = subprocess.run(  # noqa: S603 (our own words)
        [sys.executable, *argv],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=240,
    )
    assert path.exists(), done.stdout
    told: dict[str, Any] = json.loads(path.read_text())
    assert done.returncode == (not told["ringback"]["good"]), done.stdout
    print(done.stdout)  # noqa: T201 - pytest shows it when a test fails
    return told


def test_nobody_is_texted_twice(report: dict[str, Any]) -> None:
    assert report["ringback"]["reminders"] == REMINDERS
    assert report["ringback"]["duplicates"] == 0


def test_nobody_is_lost(report: dict[str, Any]) -> None:
    ours = report["ringback"]
    assert (ours["lost"], ours["waiting"]) == (0, 0)
    assert ours["texts"] > REMINDERS / 2, "most people are texted, storm or not"


def test_the_desk_is_told_what_the_telephone_service_says(report: dict[str, Any]) -> None:
    assert report["ringback"]["told_wrong"] == 0


def test_the_storm_was_one(report: dict[str, Any]) -> None:
    assert report["happened"]["workers killed, each side"] >= 1
    assert {"Redis emptied", "Redis killed", "PostgreSQL ended at once"} <= set(report["happened"])
    assert sum(report["faults"].values()) > 0
    both = (report["ringback"], report["naive"])
    assert sum(side["posts"] for side in both) > sum(side["texts"] for side in both)
