"""A restore is whole, into an empty place, or nothing at all."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from alembic import command
from sqlalchemy import select

from leads import Lead, Message, db, migrations, restored
from ringback import backup_noted
from services import Servers, ServiceError, backup, restore, sealed
from services.archive import Backup
from services.restore import Tasks
from services.sealed import Key
from tests.conftest import forget_settings
from tests.leads.test_migrations import OF_THE_VERSION_BEFORE
from tests.services.running import wait_until
from tests.services.sample import contents, fill

TASKS = Tasks(backup_noted, migrations.knows, restored.begin)
SECRET, PUBLIC = sealed.new_key()
OPENS, CLOSES = Key(secret=SECRET), Key(recipients=[PUBLIC])
# What settling writes: see leads/restored.py.
WRITTEN = {"outage": 1, "alarm": 1, "audit": 1}


@pytest.fixture
def made(database: str, tmp_path: Path) -> Path:
    fill(database)
    with psycopg.connect(database) as session:  # whose reminders a restore leaves as they are
        session.execute("UPDATE follow_up SET plan = 'appointment'")
    return backup.make(database, tmp_path / "one.backup", CLOSES).path


@contextmanager
def another(servers: Servers, environment: pytest.MonkeyPatch, home: Path) -> Iterator[str]:
    """An empty database and an empty home, in the settings."""
    servers.create_database("another")
    with environment.context() as patch:
        patch.setenv("DATABASE_URL", servers.database_url("another"))
        patch.setenv("RINGBACK_HOME", str(home))
        forget_settings()
        yield servers.database_url("another")
    forget_settings()
    servers.drop_database("another")


@pytest.fixture
def empty(servers: Servers, environment: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    with another(servers, environment, tmp_path / "home") as url:
        yield url


def put_back(path: Path, key: Key = OPENS) -> Backup:
    found = restore.check(path, key, TASKS)
    restore.put_back(path, key, found, TASKS)
    return found


def test_every_row_comes_back_and_sequences_go_on(
    made: Path,
    database: str,
    servers: Servers,
    environment: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    before = contents(database)
    assert [table for table, rows in before.items() if not rows] == []
    with another(servers, environment, tmp_path / "home") as empty:
        put_back(made)
        after = contents(empty)
        assert [table for table in before if before[table] - after[table]] == []
        assert {t: len(after[t] - before[t]) for t in after if after[t] != before[t]} == WRITTEN
        with db.transaction() as session:
            last = session.scalars(select(Lead).order_by(Lead.id.desc())).first()
            assert last is not None
            new = Lead(
                name="", stage="new", relation="prospect", source="",
                created_at=last.created_at, last_activity_at=last.created_at,
            )  # fmt: skip
            session.add(new)
            session.flush()
            assert new.id == last.id + 1
        assert migrations.heads()[0] == migrations.heads()[1]


def damaged(whole: bytes) -> Iterator[tuple[bytes, Key, str]]:
    other, _ = sealed.new_key()
    yield whole, Key(secret=other), "The key does not open"
    yield whole, Key(), "Give the file with the secret key"
    yield whole, Key(secret="AGE-SECRET-KEY-1NONE"), "That is no secret key"
    yield whole, Key(passphrase="correct horse battery"), "Give the file with the secret key"
    yield whole[:-1], OPENS, "is cut off"
    yield whole[: len(whole) // 2], OPENS, "is cut off"
    yield whole[:50], OPENS, "damaged|cut off"
    yield b"", OPENS, "is no backup of Ringback"
    yield b"PK\3\4 something else", OPENS, "is no backup of Ringback"
    # On the border of two of age's blocks, where everything before is in order.
    head = whole.index(b"\n--- ") + len("\n--- ") + 43 + 1 + 16
    yield whole[: head + 65_552], OPENS, "is cut off"
    for at in (10, len(whole) // 2, len(whole) - 5):
        changed = bytearray(whole)
        changed[at] ^= 1
        yield bytes(changed), OPENS, "was changed|is no backup"


def test_what_is_not_whole_is_refused_in_one_sentence_before_anything_is_touched(
    database: str, tmp_path: Path
) -> None:
    fill(database, sound=bytes(range(256)) * 40)
    with psycopg.connect(database) as session:  # what no compression makes small
        session.execute(
            "INSERT INTO sign_in_failure (key) SELECT gen_random_uuid()::text "
            "FROM generate_series(1, 9000)"
        )
    whole = backup.make(database, tmp_path / "one.backup", CLOSES).path.read_bytes()
    assert len(whole) > 200_000
    for number, (data, key, why) in enumerate(damaged(whole)):
        path = tmp_path / f"{number}.backup"
        path.write_bytes(data)
        with pytest.raises(ServiceError, match=why) as refused:
            restore.check(path, key, TASKS)
        assert "\n" not in str(refused.value)
        assert "nothing was changed" in str(refused.value).lower()


def test_a_passphrase_opens_what_it_closed_and_another_one_does_not(
    database: str, tmp_path: Path
) -> None:
    key = Key(passphrase="correct horse battery")
    path = backup.make(database, tmp_path / "one.backup", key).path
    assert restore.check(path, key, TASKS).rows["practice"] == 1
    with pytest.raises(ServiceError, match="The passphrase does not open"):
        restore.check(path, replace(key, passphrase="correct horse batter"), TASKS)
    with pytest.raises(ServiceError, match="was encrypted to a passphrase"):
        restore.check(path, OPENS, TASKS)


def test_data_is_never_overwritten(made: Path, database: str) -> None:
    before = contents(database)
    with pytest.raises(ServiceError, match="has data already"):
        put_back(made)
    assert contents(database) == before


def test_strangers_tables_are_left_alone(made: Path, empty: str) -> None:
    with psycopg.connect(empty) as session:
        session.execute("CREATE TABLE letters (id int)")
    with pytest.raises(ServiceError, match=r"not Ringback's \(letters\)"):
        put_back(made)
    assert list(contents(empty)) == ["letters"]


def test_a_restore_that_fails_in_the_middle_leaves_it_empty_and_can_be_done_again(
    made: Path, empty: str
) -> None:
    found = restore.check(made, OPENS, TASKS)
    failed: list[ServiceError] = []

    def attempt() -> None:
        try:
            restore.put_back(made, OPENS, found, TASKS)
        except ServiceError as error:
            failed.append(error)

    with psycopg.connect(empty, autocommit=True) as other:
        attempting = threading.Thread(target=attempt)
        attempting.start()
        ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE %s"
        wait_until(lambda: other.execute(ended, ["COPY%"]).fetchone() != (0,))
        attempting.join()
    assert "as empty as before" in str(failed[0])
    assert contents(empty) == {}
    put_back(made)
    assert len(contents(empty)["lead"]) == 500


def test_a_backup_of_the_version_before_goes_on_in_this_one(
    servers: Servers, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    servers.create_database("before")
    url = servers.database_url("before")
    with environment.context() as patch:
        patch.setenv("DATABASE_URL", url)
        forget_settings()
        command.upgrade(migrations.config(), "0001")
        with psycopg.connect(url) as session:
            session.execute(OF_THE_VERSION_BEFORE)
        path = backup.make(url, tmp_path / "one.backup", CLOSES).path
        forget_settings()
    servers.drop_database("before")
    with another(servers, environment, tmp_path / "home"):
        assert put_back(path).contents.revision == "0001"
        assert migrations.heads()[0] == migrations.heads()[1]
        with db.transaction() as session:
            assert session.scalars(select(Message.sid)).all() == ["SM1"]


def test_a_backup_of_a_newer_version_is_refused(database: str, tmp_path: Path) -> None:
    with psycopg.connect(database) as session:
        session.execute("UPDATE alembic_version SET version_num = '9999'")
    path = backup.make(database, tmp_path / "one.backup", CLOSES).path
    with pytest.raises(ServiceError, match=r"newer version of Ringback .* tables 9999"):
        restore.check(path, OPENS, TASKS)


def test_another_accounts_backup_is_refused_before_anything_is_touched(
    made: Path, environment: pytest.MonkeyPatch
) -> None:
    found = restore.check(made, OPENS, TASKS)
    with environment.context() as patch:
        patch.setenv("TWILIO_ACCOUNT_SID", "AC" + "9" * 32)
        with pytest.raises(ServiceError, match="settings name trial, AC9999"):
            restore.refuse_stranger(found)
