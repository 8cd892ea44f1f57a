"""The database: one engine, one way to open and commit a transaction."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from importlib import import_module
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Engine,
    MetaData,
    Text,
    any_,
    create_engine,
    func,
    literal,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session

from leads.settings import settings

# A statement of ours takes milliseconds; one that waits longer is stuck behind a lock, and a
# caller is on the line. Migrations and reports set their own limits.
STATEMENT_TIMEOUT_MS = 10_000
# A process that is stopped in the middle of a transaction (a machine that sleeps, SIGSTOP) gives
# its locks back: everybody else would wait for it.
IDLE_TIMEOUT_MS = 20_000
DESK_CHANNEL = "desk"
Row = TypeVar("Row", bound="Base")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it off the class and never changes it
        datetime: DateTime(timezone=True),
        str: Text(),
        dict[str, Any]: JSONB(),
        list[str]: JSONB(),
    }


@lru_cache(maxsize=1)
def engine() -> Engine:
    import_module("leads.nouns")  # a table whose neighbours are unknown cannot be written to
    return create_engine(
        settings().sqlalchemy_url,
        # A longer INSERT is read anew by psycopg each time; one of four rows it remembers.
        insertmanyvalues_page_size=4,
        pool_size=5,
        max_overflow=5,
        pool_timeout=5,
        pool_pre_ping=True,
        hide_parameters=True,  # an error's text would quote names and numbers
        connect_args={
            "connect_timeout": 3,
            # A server that vanished without a word is noticed within half a minute, and not
            # after the two hours of the system's own settings.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 25_000,  # milliseconds
            "options": f"-c timezone=UTC -c statement_timeout={STATEMENT_TIMEOUT_MS}"
            f" -c idle_in_transaction_session_timeout={IDLE_TIMEOUT_MS}",
        },
    )


@contextmanager
def transaction() -> Iterator[Session]:
    """One request or task: commits at the end, rolls back on any exception.

    The only place that commits. What the desk should redraw (`changed`) is announced inside
    the same transaction, so that browsers hear of it exactly when it can be read.
    """
    with Session(engine(), expire_on_commit=False) as session, session.begin():
        yield session
        announce(session)


class Overtaken(Exception):
    """Another transaction changed what this one had read before it held the locks: begin again."""


def upsert(session: Session, model: type[Row], key: Sequence[str], **values: Any) -> Row:
    """The row with these values of its unique `key`, made when it is new, locked until commit.

    Of twenty at once, nineteen wait here until the first has committed. One statement: writing
    the key onto itself is what locks a row that is there.
    """
    # As text: the statement's own `excluded` builds every column anew, at 2 ms a request.
    itself: dict[str, Any] = {key[0]: literal_column(f"excluded.{key[0]}")}
    statement = insert(model).values(**values)
    return session.scalars(
        statement.on_conflict_do_update(index_elements=key, set_=itself).returning(model),
        execution_options={"populate_existing": True},
    ).one()


def among(column: InstrumentedAttribute[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """The column is one of these values, as one array: with a parameter for each, every length
    would be another statement, to be read, prepared and planned anew."""
    return column == any_(literal([*values], ARRAY(column.type)))


def changed(session: Session, what: str) -> None:
    """Note that `what` (such as `lead:7`) looks different on the desk after this transaction."""
    session.info.setdefault("changed", set()).add(what)


def announce(session: Session) -> None:
    """One NOTIFY per transaction: PostgreSQL serialises the commits of transactions that notify."""
    what = sorted(session.info.pop("changed", ()))
    if what:
        payload = " ".join(what)
        # A payload may hold 8,000 bytes; past that, browsers are told to redraw everything.
        session.execute(
            select(func.pg_notify(DESK_CHANNEL, payload if len(payload) < 7000 else "all"))
        )


def database_time(session: Session) -> datetime:
    """The database's real time: for leases, sessions, throttles, buckets and heartbeats."""
    return session.scalars(select(type_coerce(func.clock_timestamp(), DateTime(True)))).one()
