import os
import subprocess
import sys
from pathlib import Path

from services import lock, place
from services.lock import Lock
from tests.services.running import ROOT


def reset(home: Path, answer: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "services.reset"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "RINGBACK_HOME": str(home)},
        input=answer,
        capture_output=True,
        text=True,
        check=False,
    )


def make_data(home: Path) -> None:
    where = place.prepare(home)
    taken = lock.take(where.home, lambda _: None)
    assert isinstance(taken, Lock)
    taken.release()
    (where.home / "calls").write_text("kept")


def test_data_is_deleted_after_the_word_alone(folder: Path) -> None:
    home = folder / "home"
    make_data(home)
    for answer in ("", "y\n", "no\n"):
        assert reset(home, answer).returncode == 1
        assert (home / "calls").read_text() == "kept"
    done = reset(home, "delete\n")
    assert done.returncode == 0
    assert str(home) in done.stdout
    assert not home.exists()


def test_running_data_is_kept(folder: Path) -> None:
    home = folder / "home"
    make_data(home)
    taken = lock.take(home, lambda _: None)
    assert isinstance(taken, Lock)
    taken.write(lock.Running(os.getpid(), "now", {}))
    refused = reset(home, "delete\n")
    taken.release()
    assert refused.returncode == 1
    assert f"running on {home} (process {os.getpid()})" in refused.stdout
    assert home.exists()


def test_a_folder_that_is_not_ours_is_kept(folder: Path) -> None:
    (folder / "letters").write_text("kept")
    assert reset(folder, "delete\n").returncode == 1
    assert (folder / "letters").exists()
