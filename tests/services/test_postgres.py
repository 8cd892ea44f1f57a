import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from services import ServiceError, place, postgres


@pytest.fixture
def tiny_disk(folder: Path) -> Iterator[Path]:
    """A disk of 8 MB; only root may mount one."""
    disk = folder / "disk"
    disk.mkdir()
    mount = ["/bin/mount", "-t", "tmpfs", "-o", "size=8m,mode=755", "tmpfs", str(disk)]
    if os.geteuid() != 0 or run(mount).returncode:
        pytest.skip("needs the right to mount a file system")
    yield disk
    assert run(["/bin/umount", str(disk)]).returncode == 0


def run(words: list[str]) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(words, capture_output=True, check=False)  # noqa: S603 (our own words)


def test_a_data_folder_that_was_not_finished_is_refused_and_kept(folder: Path) -> None:
    where = place.prepare(folder / "home")
    postgres.program(where, fsync=False)
    data = where.servers / "postgres"
    before = sorted(data.iterdir())
    (data / postgres.COMPLETE).unlink()
    with pytest.raises(ServiceError, match=r"not made to the end .* Move it away"):
        postgres.program(where, fsync=False)
    assert sorted(data.iterdir()) == [path for path in before if path.name != postgres.COMPLETE]


def test_what_an_interrupted_initdb_left_is_made_anew(folder: Path) -> None:
    where = place.prepare(folder / "home")
    unfinished = where.servers / "postgres.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    postgres.program(where, fsync=False)
    assert not unfinished.exists()
    assert (where.servers / "postgres" / postgres.COMPLETE).exists()


def test_data_of_another_version_is_refused_and_kept(folder: Path) -> None:
    where = place.prepare(folder / "home")
    postgres.program(where, fsync=False)
    version = where.servers / "postgres" / "PG_VERSION"
    version.write_text("14\n")
    with pytest.raises(ServiceError, match="made by PostgreSQL 14"):
        postgres.program(where, fsync=False)
    assert version.read_text() == "14\n"


def test_a_full_disk_is_named_and_leaves_nothing_half_made(tiny_disk: Path) -> None:
    where = place.prepare(tiny_disk / "home")
    with pytest.raises(ServiceError, match=r"disk of .* is full"):
        postgres.program(where, fsync=False)
    assert not (where.servers / "postgres").exists()
    assert not (where.servers / "postgres.new").exists()


def test_the_server_sees_nothing_of_our_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "secret")
    program = postgres.program(place.prepare(folder / "home"), fsync=False)
    assert "TWILIO_AUTH_TOKEN" not in program.env
