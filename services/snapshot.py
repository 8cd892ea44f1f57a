"""Everything in the database as it was at one moment, and back into an empty one.

By PostgreSQL's own COPY in one REPEATABLE READ transaction: it works the same with the embedded
server, your own of any version, and one in a container, and it waits for nobody who writes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from graphlib import TopologicalSorter
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from services.errors import ServiceError

Connection = psycopg.Connection[tuple[Any, ...]]
CHUNK = 1 << 20  # bytes, or one row where that is longer
REVISION = "alembic_version"
# Values in one spelling, whatever the server's own settings are.
SPELLING: tuple[LiteralString, ...] = (
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL IntervalStyle = 'postgres'",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL lock_timeout = '30s'",
)
TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') ORDER BY 1
"""
COLUMNS = """
    SELECT a.attname FROM pg_attribute a WHERE a.attrelid = %s::regclass
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum
"""
REFERENCES = """
    SELECT f.conrelid::regclass::text, f.confrelid::regclass::text FROM pg_constraint f
    WHERE f.contype = 'f' AND f.conrelid <> f.confrelid AND f.connamespace =
        (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
"""
SEQUENCES = """
    SELECT t.relname, a.attname, pg_get_serial_sequence(quote_ident(t.relname), a.attname)
    FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE n.nspname = current_schema() AND t.relkind IN ('r', 'p')
    AND pg_get_serial_sequence(quote_ident(t.relname), a.attname) IS NOT NULL ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Contents:
    """What a backup says of itself. `made_at` is the database's real time; `tables` and their
    columns stand in the order in which they can be written."""

    revision: str
    made_at: datetime
    mode: str
    account_sid: str
    tables: Mapping[str, list[str]]


def freeze(connection: Connection) -> Contents:
    """Begin the one transaction that reads; what commits from now on is not in it.

    Raises ServiceError for a database without Ringback's tables.
    """
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    for statement in SPELLING:
        connection.execute(statement)
    names = _tables(connection)
    if REVISION not in names:
        raise ServiceError(
            "The database has no tables of Ringback's, so there is nothing to back up. Look at "
            "DATABASE_URL, or start with `make run`."
        )
    # A migration waits, or we do: half of one must not be in a backup.
    connection.execute(
        sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(
            sql.SQL(", ").join(map(sql.Identifier, names))
        )
    )
    revision, made_at = _one(connection, "SELECT version_num, now() FROM alembic_version")
    stamped = connection.execute("SELECT mode, account_sid FROM installation").fetchone()
    mode, account_sid = stamped or ("", "")
    graph: dict[str, set[str]] = {name: set() for name in names if name != REVISION}
    for table, other in connection.execute(REFERENCES):
        graph[table].add(other)
    columns = {
        name: [column for (column,) in connection.execute(COLUMNS, [f'"{name}"'])]
        for name in TopologicalSorter(graph).static_order()
    }
    return Contents(revision, made_at, mode, account_sid, columns)


def rows(connection: Connection, table: str, columns: Iterable[str]) -> Iterator[bytes]:
    """A table's rows in COPY's text format, whole rows in each chunk."""
    waiting, size = [], 0
    with connection.cursor() as cursor, cursor.copy(_copy(table, columns, "TO STDOUT")) as copy:
        for row in copy:
            waiting.append(bytes(row))
            size += len(row)
            if size >= CHUNK:
                yield b"".join(waiting)
                waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def sequences(connection: Connection) -> dict[str, tuple[int, bool]]:
    """Where each sequence stands, by `table.column`. Sequences know no transaction: read after
    the rows, they are past all of them."""
    found = {}
    for table, column, name in connection.execute(SEQUENCES).fetchall():
        last, called = _one(connection, f"SELECT last_value, is_called FROM {name}")  # noqa: S608 - PostgreSQL's own quoting
        found[f"{table}.{column}"] = (last, called)
    return found


def empty(connection: Connection) -> None:
    """Make room: tables without a row are removed. Raises ServiceError where there is any data."""
    names = _tables(connection)
    if names and REVISION not in names:
        raise ServiceError(
            f"The database holds tables that are not Ringback's ({', '.join(names[:3])}); nothing "
            "was changed. Set DATABASE_URL to an empty database."
        )
    for name in names:
        question = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(name))
        if name != REVISION and _one(connection, question) == (True,):
            raise ServiceError(
                "The database has data already, and a backup is restored into an empty one only; "
                "nothing was changed. Set RINGBACK_HOME to a new folder, or DATABASE_URL to an "
                "empty database."
            )
    for name in names:
        connection.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(name)))


def prepare(connection: Connection, tables: Iterable[str]) -> None:
    """Rows that the migrations wrote by themselves are in the backup, too."""
    for statement in SPELLING:
        connection.execute(statement)
    names = sql.SQL(", ").join(map(sql.Identifier, tables))
    connection.execute(sql.SQL("TRUNCATE {}").format(names))


def write(connection: Connection, table: str, columns: list[str], chunks: Iterable[bytes]) -> None:
    with connection.cursor() as cursor, cursor.copy(_copy(table, columns, "FROM STDIN")) as copy:
        for chunk in chunks:
            copy.write(chunk)


def set_sequences(connection: Connection, told: Mapping[str, tuple[int, bool]]) -> None:
    for table, column, name in connection.execute(SEQUENCES).fetchall():
        if found := told.get(f"{table}.{column}"):
            connection.execute("SELECT setval(%s, %s, %s)", [name, *found])


def _tables(connection: Connection) -> list[str]:
    return [name for (name,) in connection.execute(TABLES)]


def _copy(table: str, columns: Iterable[str], direction: LiteralString) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) {}").format(sql.Identifier(table), names, sql.SQL(direction))


def _one(connection: Connection, question: LiteralString | sql.Composed) -> tuple[Any, ...]:
    row = connection.execute(question).fetchone()
    assert row is not None  # noqa: S101 - these questions have an answer
    return row
