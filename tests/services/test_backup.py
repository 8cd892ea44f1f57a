"""A backup is whole, consistent and closed, or there is none."""

import os
import resource
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from leads import db, heartbeat
from ringback import backup_noted
from services import ServiceError, archive, backup, sealed
from services.sealed import Key
from tests.services.running import ROOT, wait_until
from tests.services.sample import NASTY, fill

RINGBACK = [sys.executable, "-m", "ringback"]
NOISE = os.urandom(8_000_000)  # what no compression makes small


@pytest.fixture(scope="module")
def pair() -> tuple[str, str]:
    return sealed.new_key()


@pytest.fixture
def full(database: str) -> str:
    fill(database)
    return database


@pytest.fixture
def large(database: str) -> str:
    """Some 24 MB of sound: a backup of it takes a second or so."""
    fill(database, sound=NOISE)
    with psycopg.connect(database) as session:
        session.execute("UPDATE recording_audio SET data = %s", [NOISE])
    return database


def command(*words: str, limit: int | None = None) -> "subprocess.Popen[str]":
    def less() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.Popen(  # noqa: S603 - our own command
        [*RINGBACK, *words],
        cwd=ROOT,
        env=dict(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=less,
    )


def test_only_its_key_opens_it_and_nothing_can_be_read_in_it(
    full: str, tmp_path: Path, pair: tuple[str, str]
) -> None:
    made = backup.make(full, tmp_path / "safe", Key(recipients=[pair[1]]))
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.path.parent.stat().st_mode) == 0o700
    assert made.size == made.path.stat().st_size < 3_000_000
    assert (made.rows["lead"], made.rows["call"], made.rows["recording_audio"]) == (500, 500, 3)
    assert [path.name for path in made.path.parent.iterdir()] == [made.path.name]
    closed = made.path.read_bytes()
    with sealed.unsealed(made.path, Key(secret=pair[0])) as stream:
        read = archive.read(stream)
    assert read.rows == made.rows
    assert b"+1206555" not in closed
    assert b"recording" not in closed


def test_no_secret_of_this_machine_is_in_it(
    full: str, tmp_path: Path, pair: tuple[str, str], environment: pytest.MonkeyPatch
) -> None:
    secrets = {
        "TWILIO_AUTH_TOKEN": "tok-gX3pQ",
        "SECRET_KEY": "sec-gX3pQ",
        "SMTP_URL": "smtp-gX3pQ",
    }
    (tmp_path / "up.env").write_text("".join(f"{n}={v}\n" for n, v in secrets.items()))
    with environment.context() as patch:
        for name, value in secrets.items():
            patch.setenv(name, value)
        made = backup.make(full, tmp_path / "safe", Key(recipients=[pair[1]]))
    with sealed.unsealed(made.path, Key(secret=pair[0])) as stream:
        parts = {name: b"".join(chunks) for name, chunks in archive.unpack(stream)}
    assert NASTY.split("\t")[0].encode() in parts["tables/lead"]
    assert not [name for name, data in parts.items() if b"gX3pQ" in data]
    assert "up.env" not in "".join(parts)


def test_it_is_of_one_moment_and_nobody_who_writes_waits(
    large: str, tmp_path: Path, pair: tuple[str, str]
) -> None:
    """Each write puts one row into two tables that are read far apart."""
    over, waits = threading.Event(), []

    def write() -> None:
        with psycopg.connect(large) as session:
            while not over.is_set():
                begun = time.monotonic()
                session.execute("INSERT INTO phone (e164) VALUES ('+1999' || gen_random_uuid())")
                session.execute("INSERT INTO sign_in_failure (key) VALUES ('+1999')")
                session.commit()
                waits.append(time.monotonic() - begun)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    wait_until(lambda: len(waits) > 20)
    made = backup.make(large, tmp_path / "safe", Key(recipients=[pair[1]]))
    during = len(waits)
    over.set()
    for writer in writers:
        writer.join()
    assert made.rows["phone"] - 500 == made.rows["sign_in_failure"] - 1 >= 20
    assert during > made.rows["phone"] - 500 + 20, "nobody wrote meanwhile"
    assert max(waits) < 1


def test_a_full_disk_leaves_no_file_and_the_old_one(
    large: str, tmp_path: Path, pair: tuple[str, str]
) -> None:
    assert large
    folder = tmp_path / "safe"
    folder.mkdir()
    before = folder / "ringback-2026-01-01-000000.backup"
    before.write_bytes(b"kept")
    process = command("backup", str(folder), "--recipient", pair[1], limit=5_000_000)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "could not be written" in told
    assert len(told.strip().splitlines()) == 1
    assert list(folder.iterdir()) == [before]


def test_killed_in_the_middle_leaves_no_backup_and_the_next_one_clears_up(
    large: str, tmp_path: Path, pair: tuple[str, str]
) -> None:
    folder = tmp_path / "safe"
    process = command("backup", str(folder), "--recipient", pair[1])
    wait_until(lambda: any(path.stat().st_size > 0 for path in folder.glob(".*")))
    process.kill()
    process.communicate()
    assert list(folder.glob("*.backup")) == []
    assert len(list(folder.iterdir())) == 1
    made = backup.make(large, folder, Key(recipients=[pair[1]]))
    assert list(folder.iterdir()) == [made.path]


def test_a_database_that_goes_away_in_the_middle_leaves_no_backup(
    large: str, tmp_path: Path, pair: tuple[str, str]
) -> None:
    folder = tmp_path / "safe"
    process = command("backup", str(folder), "--recipient", pair[1])
    wait_until(lambda: any(path.stat().st_size > 0 for path in folder.glob(".*")))
    with psycopg.connect(large) as session:
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert told.startswith("The database did not answer to the end")
    assert list(folder.iterdir()) == []


def test_the_newest_are_kept_and_strangers_files_too(
    full: str, tmp_path: Path, pair: tuple[str, str]
) -> None:
    assert full
    names = [f"ringback-2026-01-0{day}-030000.backup" for day in range(1, 6)]
    for name in [*names, "letter.txt", "mine.backup"]:
        (tmp_path / name).touch()
    process = command("backup", str(tmp_path), "--recipient", pair[1], "--keep", "3")
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "3 older ones were removed." in told
    left = {path.name for path in tmp_path.iterdir()}
    assert left >= {*names[3:], "letter.txt", "mine.backup"}
    assert len(left) == 5
    with db.transaction() as session:
        assert heartbeat.last(session, "backup") is not None


def test_doctor_can_tell_how_old_the_last_one_is(database: str) -> None:
    assert database
    backup_noted()
    with db.transaction() as session:
        last = heartbeat.last(session, "backup")
        assert last is not None
        assert abs((db.database_time(session) - last).total_seconds()) < 10


def useless(folder: Path) -> Iterator[tuple[list[str], str]]:
    secret, public = sealed.new_key()
    yield [], "no key was given"
    yield ["--recipient", secret], "secret key, which only restoring needs"
    yield ["--recipient", "age1nothing"], "is no public key"
    yield ["--recipient", public, "--keep", "0"], "greater than or equal to 1"
    for name, words, why in (
        ("beside/word", "correct horse battery", "lies beside the backups"),
        ("word", "short", "12 characters or more"),
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(words)
        yield ["--passphrase-file", str(folder / name)], why


def test_a_key_that_protects_nothing_is_refused(full: str, tmp_path: Path) -> None:
    assert full
    for words, why in useless(tmp_path):
        process = command("backup", str(tmp_path / "beside"), *words)
        _, told = process.communicate(timeout=60)
        assert process.returncode != 0
        assert why in told
    assert list((tmp_path / "beside").iterdir()) == [tmp_path / "beside" / "word"]


def test_a_key_that_lies_with_the_backups_stops_them(
    full: str, tmp_path: Path, pair: tuple[str, str]
) -> None:
    for place in ("ringback.key", "notes/keys.txt"):
        folder = tmp_path / place.replace("/", "-")
        beside = folder / place
        beside.parent.mkdir(parents=True)
        beside.write_text(f"# from the drawer\n{pair[0]}\n")
        with pytest.raises(ServiceError, match="nothing was written") as refused:
            backup.make(full, folder, Key(recipients=[pair[1]]))
        assert str(beside) in str(refused.value)
        assert pair[0] not in str(refused.value)
        assert list(folder.rglob("*.backup")) == []
        beside.unlink()
        assert backup.make(full, folder, Key(recipients=[pair[1]])).path.exists()


def test_a_key_can_be_made_without_a_file_on_this_machine() -> None:
    """Whoever asks writes it where only they can: the service's user cannot."""
    process = command("backup-key", "-")
    secret, told = process.communicate(timeout=60)
    assert process.returncode == 0
    public = secret.split("Public key: ")[1].split()[0]
    assert told.startswith(f"{public}\n")
    assert [line for line in secret.splitlines() if line.startswith("AGE-SECRET-KEY-1")]
    assert "AGE-SECRET-KEY-" not in told


def test_a_new_key_is_for_one_reader_and_not_beside_backups(tmp_path: Path) -> None:
    public = backup.make_key(tmp_path / "ringback.key")
    assert stat.S_IMODE((tmp_path / "ringback.key").stat().st_mode) == 0o600
    assert public.startswith("age1")
    with pytest.raises(ServiceError, match="exists already"):
        backup.make_key(tmp_path / "ringback.key")
    (tmp_path / "ringback-2026-01-01-000000.backup").touch()
    with pytest.raises(ServiceError, match="holds backups"):
        backup.make_key(tmp_path / "other.key")
