from pathlib import Path

import pytest

from services import logfile
from services.logfile import LogFile


def test_a_log_keeps_the_newest_and_cannot_fill_the_disk(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logfile, "LIMIT", 1000)
    log = LogFile(folder / "worker.log")
    for number in range(500):
        log.write(f"line {number}\n".encode())
    log.close()
    again = LogFile(folder / "worker.log")  # a restart goes on in the same file
    again.write(b"the end\n")
    again.close()
    assert sorted(path.name for path in folder.iterdir()) == ["worker.log", "worker.log.1"]
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 2000
    assert (folder / "worker.log").read_text().endswith("line 499\nthe end\n")


def test_a_full_disk_loses_lines_and_nothing_else() -> None:
    log = LogFile(Path("/dev/full"))
    log.write(b"line\n")
    log.close()
