"""As in a container: a database's address, a folder for backups, and nothing else to write to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services import Servers
from tests.services.running import ROOT
from tests.services.sample import contents, fill


def ringback(url: str, *words: str, given: str = "") -> "subprocess.CompletedProcess[str]":
    told = {"PATH": os.environ["PATH"], "DATABASE_URL": url, "RINGBACK_HOME": "/proc/none"}
    live = {"TWILIO_ACCOUNT_SID": "AC" + "1" * 32, "TWILIO_API_BASE": "http://127.0.0.1:8002"}
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "ringback", *words],
        cwd=ROOT,
        env=told | live,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def key() -> tuple[str, str]:
    """What a person pipes in, and the public half of it."""
    made = ringback("", "backup-key", "-")
    assert made.returncode == 0, made.stderr
    return made.stdout, made.stderr.split()[0]


def test_a_backup_and_a_restore_write_to_nothing_but_their_folder_and_the_database(
    database: str, servers: Servers, key: tuple[str, str], tmp_path: Path
) -> None:
    fill(database)
    secret, public = key
    made = ringback(database, "backup", str(tmp_path), "--recipient", public, "--keep", "30")
    assert made.returncode == 0, made.stderr
    (path,) = tmp_path.iterdir()
    servers.create_database("container")
    url = servers.database_url("container")
    try:
        how = ("restore", str(path), "--identity", "-")
        checked = ringback(url, *how, "--check", given=secret)
        assert "is whole" in checked.stdout, checked.stderr
        restored = ringback(url, *how, given=secret)
        assert restored.returncode == 0, restored.stderr
        assert len(contents(url)["lead"]) == 500
    finally:
        servers.drop_database("container")


def test_a_database_that_a_migration_came_to_first_is_not_restored_into(
    database: str, servers: Servers, key: tuple[str, str], tmp_path: Path
) -> None:
    """Which is why the container that restores waits for no other than the database."""
    secret, public = key
    ringback(database, "backup", str(tmp_path), "--recipient", public)
    (path,) = tmp_path.iterdir()
    servers.create_database("migrated")
    url = servers.database_url("migrated")
    try:
        assert ringback(url, "migrate").returncode == 0
        refused = ringback(url, "restore", str(path), "--identity", "-", given=secret)
        assert (refused.returncode, "has data already" in refused.stderr) == (1, True)
    finally:
        servers.drop_database("migrated")
