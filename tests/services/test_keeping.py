"""`make run` keeps its data: over crashes, over versions, and on another machine."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
from alembic import command
from dotenv import dotenv_values

from leads import migrations
from services import local_servers
from tests.conftest import forget_settings
from tests.leads.test_migrations import OF_THE_VERSION_BEFORE
from tests.services.running import ROOT, Up, processes, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def connect(folder: Path) -> "psycopg.Connection[tuple[object, ...]]":
    url = dotenv_values(folder / ".ringback" / "up.env")["DATABASE_URL"]
    assert url
    return psycopg.connect(url)


def ringback(folder: Path, *words: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "ringback", *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_was_committed_is_there_after_everything_was_killed_at_once(folder: Path) -> None:
    up = Up(folder)
    written: list[int] = []

    def write() -> None:
        try:
            with connect(folder) as session:
                for number in range(1_000_000):
                    session.execute("INSERT INTO sign_in_failure (key) VALUES (%s)", [f"{number}"])
                    session.commit()
                    written.append(number)
        except psycopg.Error:
            return  # it was killed

    for _ in range(2):
        before = len(written)
        with up.running() as process:
            writer = threading.Thread(target=write)
            writer.start()
            wait_until(lambda: len(written) > before + 100)  # noqa: B023 - used at once
            ours = [process.pid, *processes(str(folder))]
            ours += [pid for pid in processes("guard.py") if parent(pid) == process.pid]
            os.kill(process.pid, signal.SIGSTOP)  # it would start them again
            for pid in ours:
                os.kill(pid, signal.SIGKILL)
            process.wait()
            writer.join()
            # PostgreSQL refuses to start while a process of the one before holds its memory.
            wait_until(lambda: not set(processes("postgres:")) & set(processes(str(folder))))
    with up.running(), connect(folder) as session:
        kept = session.execute("SELECT key, count(*) FROM sign_in_failure GROUP BY key").fetchall()
    assert len(written) > 200
    assert {int(str(key)) for key, _ in kept} >= set(written)


def test_data_of_the_version_before_is_migrated_at_the_start(
    folder: Path, environment: pytest.MonkeyPatch
) -> None:
    with local_servers(folder / ".ringback") as servers, environment.context() as patch:
        patch.setenv("DATABASE_URL", servers.database_url())
        forget_settings()
        command.upgrade(migrations.config(), "0001")
        forget_settings()
        with psycopg.connect(servers.database_url()) as session:
            session.execute(OF_THE_VERSION_BEFORE)
    forget_settings()
    with Up(folder).running(), connect(folder) as session:
        assert session.execute("SELECT sid FROM message").fetchall() == [("SM1",)]
        at = session.execute("SELECT version_num FROM alembic_version").fetchone()
    assert at == (max(path.name for path in migrations.VERSIONS.glob("[0-9]*.py"))[:4],)


def test_a_backup_of_what_runs_goes_on_in_another_folder(folder: Path) -> None:
    first, second = folder / "first", folder / "second"
    for each in (first, second):
        each.mkdir()
        each.chmod(0o755)
    ringback(first, "backup-key", str(folder / "key"))
    public = (folder / "key").read_text().split("Public key: ")[1].split()[0]
    with Up(first).running(), connect(first) as session:
        session.execute("INSERT INTO sign_in_failure (key) VALUES ('before')")
        session.commit()
        told = ringback(first, "backup", str(folder / "safe"), "--recipient", public)
        assert "To restore it in an empty place: ringback restore" in told
        session.execute("INSERT INTO sign_in_failure (key) VALUES ('after')")
        session.commit()
        belongs = session.execute("SELECT mode, account_sid FROM installation").fetchone()
    (path,) = (folder / "safe").iterdir()
    how = (str(path), "--identity", str(folder / "key"))
    assert "is whole" in ringback(second, "restore", *how, "--check")
    assert not (second / ".ringback").exists()
    assert "nobody is texted twice" in ringback(second, "restore", *how)
    with Up(second).running(), connect(second) as session:
        assert session.execute("SELECT key FROM sign_in_failure").fetchall() == [("before",)]
        assert session.execute("SELECT mode, account_sid FROM installation").fetchone() == belongs
    # Stopped, it can be backed up as well.
    ringback(second, "backup", str(folder / "safe 2"), "--recipient", public)
    assert len(list((folder / "safe 2").iterdir())) == 1


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
