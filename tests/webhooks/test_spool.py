"""The spool: what is kept in it survives, nobody else reads it, and it never grows too large."""

import os
import resource
import signal
import subprocess
import sys
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from webhooks import replay, spool
from webhooks.replay import Replayed
from webhooks.spool import Record, Spool, SpoolFull

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def record(number: int = 0) -> Record:
    return Record(NOON + timedelta(seconds=number), "sms", "", f"MessageSid=SM{number}", "<x/>")


def numbers(folder: Path) -> list[str]:
    kept = (path.read_bytes() for path in sorted(folder.glob("*.*l*")))
    return [Record.read(line).body for lines in kept for line in lines.splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


def test_it_is_for_its_owner_alone(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    kept = Spool(folder)
    kept.append(record())
    kept.close()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in folder.iterdir()] == [0o600]


def test_what_comes_back_is_what_went_in(folder: Path) -> None:
    kept = Spool(folder)
    strange = Record(
        NOON, "voice", "a=1", "Body=Gr\u00fc\u00dfe\n\u2028\U0001f9b7+x%00", "<Say>\u00e4</Say>"
    )
    kept.append(strange)
    assert [Record.read(line) for line in read(folder).splitlines()] == [strange]
    assert kept.waiting().oldest_at == NOON
    kept.close()


def read(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("*.jsonl"))


def test_many_at_once_each_on_a_line_of_its_own(folder: Path) -> None:
    kept = Spool(folder)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: kept.append(record(number)), range(200)))
    assert sorted(numbers(folder)) == sorted(record(number).body for number in range(200))
    assert kept.waiting().count == 200
    kept.close()


def test_a_process_appends_to_a_new_file_once_its_old_one_is_taken_over(folder: Path) -> None:
    one, other = Spool(folder), Spool(folder)
    one.append(record(1))
    other.append(record(2))
    assert len(other.sealed()) == 2
    one.append(record(3))
    assert len(list(folder.glob("*.jsonl"))) == 1
    assert sorted(numbers(folder)) == ["MessageSid=SM1", "MessageSid=SM2", "MessageSid=SM3"]
    assert other.waiting().count == 3
    for each in (one, other):
        each.close()


def test_nothing_is_lost_between_one_who_appends_and_one_who_takes_over(folder: Path) -> None:
    one, other = Spool(folder), Spool(folder)
    over = threading.Event()

    def take_over() -> None:
        while not over.is_set():
            other.sealed()

    thread = threading.Thread(target=take_over)
    thread.start()
    for number in range(300):
        one.append(record(number))
    over.set()
    thread.join()
    assert len(numbers(folder)) == 300
    one.close()


def test_beyond_its_bounds_it_takes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Spool(folder)
    monkeypatch.setattr(spool, "MOST_RECORDS", 2)
    kept.append(record(1))
    kept.append(record(2))
    with pytest.raises(SpoolFull):
        kept.append(record(3))
    monkeypatch.undo()
    monkeypatch.setattr(spool, "MOST_BYTES", kept.waiting().size + 10)
    with pytest.raises(SpoolFull):
        kept.append(record(3))
    assert kept.waiting().count == 2
    kept.close()


def test_a_full_disk_leaves_no_half_of_a_record(folder: Path) -> None:
    kept = Spool(folder)
    kept.append(record(1))
    size = kept.waiting().size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            kept.append(record(2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    kept.append(record(3))
    assert numbers(folder) == ["MessageSid=SM1", "MessageSid=SM3"]
    kept.close()


def test_a_line_torn_by_a_crash_is_left_out_and_its_span_is_looked_at_again(folder: Path) -> None:
    kept = Spool(folder)
    kept.append(record(1))
    kept.append(record(2))
    kept.close()
    (path,) = folder.glob("*.jsonl")
    path.write_bytes(path.read_bytes()[:-20])
    (path,) = kept.sealed()
    result = Replayed()
    assert records(path, result) == [record(1)]
    assert result.lost_since == record(1).received_at


def records(path: Path, result: Replayed) -> list[Record]:
    return [Record.read(place.line()) for place in replay._places(path, result)]


KILLED_BEFORE_IT_ANSWERS = """
import os, pathlib, signal, sys
from tests.webhooks.test_spool import record
from webhooks.spool import Spool
Spool(pathlib.Path(sys.argv[1])).append(record(7))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_had_kept_is_still_there(folder: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", KILLED_BEFORE_IT_ANSWERS, str(folder)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    kept = Spool(folder)
    assert kept.waiting().count == 1
    (path,) = kept.sealed()
    assert records(path, Replayed()) == [record(7)]


def test_a_part_that_was_replayed_counts_no_more(folder: Path) -> None:
    kept = Spool(folder)
    for number in range(3):
        kept.append(record(number))
    kept.close()
    assert kept.waiting().count == 3
    (path,) = kept.sealed()
    places = list(replay._places(path, Replayed()))
    replay._remove(path, places, set(places[:2]))
    waiting = kept.waiting()
    assert (waiting.count, waiting.oldest_at) == (1, record(2).received_at)
    assert path.stat().st_mode & 0o777 == 0o600
    places = list(replay._places(path, Replayed()))
    replay._remove(path, places, set(places))
    assert kept.waiting() == spool.Waiting()


def test_a_full_spool_is_never_held_in_memory_whole(spool_of_20_mb: Spool) -> None:
    tracemalloc.start()
    try:
        assert spool_of_20_mb.waiting().count == 2000
        assert replay.spooled(spool_of_20_mb).known == 0
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000
    assert spool_of_20_mb.waiting() == spool.Waiting()


@pytest.fixture
def spool_of_20_mb(folder: Path, environment: pytest.MonkeyPatch) -> Spool:
    """Requests of another account, which are left out: what is measured is the reading."""
    assert environment
    folder.mkdir(mode=0o700)
    large = replace(record(1), body="AccountSid=AC0&Body=" + "x" * 10_000).line()
    (folder / "1-a.jsonl").write_bytes(large * 2000)
    return Spool(folder)
