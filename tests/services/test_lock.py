"""Who uses the data says so, and whoever comes meanwhile waits for a command, and not for `up`."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from services import lock, place, sealed
from services.lock import Lock, Running
from tests.services.running import ROOT, Up, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def held(home: Path, doing: str) -> Lock:
    taken = lock.take(place.prepare(home).home, lambda _: None)
    assert isinstance(taken, Lock)
    taken.write(Running(os.getpid(), "2026-11-29 03:15", {}, doing))
    return taken


def test_a_start_waits_for_a_backup_and_says_for_whom(folder: Path) -> None:
    taken, up = held(folder / ".ringback", "A backup"), Up(folder)
    with up.begun() as process:
        wait_until(lambda: "this goes on when it is done" in up.output)
        assert f"A backup (process {os.getpid()}, since 2026-11-29 03:15)" in up.output
        taken.release()
        up.until_ready(process)
    assert up.output.count("A backup") == 1


def test_a_command_is_waited_for_longer_than_a_last_stop(folder: Path) -> None:
    taken, said = held(folder, "A restore"), list[str]()
    threading.Timer(1.0, taken.release).start()
    after = lock.take(folder, said.append, seconds=0.1)
    assert isinstance(after, Lock)
    after.release()
    assert len(said) == 1


def test_who_runs_is_told_and_not_waited_for(folder: Path) -> None:
    taken = held(folder, "")
    found = lock.take(folder, lambda _: None)
    taken.release()
    assert isinstance(found, Running)
    assert found.pid == os.getpid()


def test_a_backup_of_what_is_stopped_says_that_it_is_at_it(folder: Path) -> None:
    with Up(folder).running():
        pass
    _, public = sealed.new_key()
    words = ["-m", "ringback", "backup", str(folder / "safe"), "--recipient", public]
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    ) as process:
        seen = list[str]()

        def at_it() -> bool:
            running = lock.read(folder / ".ringback")
            seen.extend([running.in_words] if running and running.doing else [])
            return bool(seen) or process.poll() is not None

        wait_until(at_it, 60)
        assert process.wait(60) == 0
    assert seen
    assert seen[0].startswith(f"A backup (process {process.pid}, since ")
    assert lock.holder(folder / ".ringback") is None
