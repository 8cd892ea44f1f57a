"""What the processes that run all day load: a server may have a single gigabyte for all of them."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("process", "without"),
    [
        ("workers, workers.watch", {"sqlalchemy", "argon2", "twilio", "phonenumbers", "rich"}),
        ("webhooks.app", {"rich"}),
        ("leads.dashboard.app", {"rich"}),
        ("workers.tasks", {"rich"}),
    ],
)
def test_a_process_loads_nothing_that_it_has_no_use_for(process: str, without: set[str]) -> None:
    code = f"import sys, {process}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 (ours)
    assert not without & {*done.stdout.split()}
