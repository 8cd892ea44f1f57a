"""The few statements of a process that must stay small and must notice that the database is gone.

Plain SQL on a connection of its own each time. Beat has no room for the object mapper, and a fresh
connection proves that the next caller's process would get one, too (record 23).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg

from leads.settings import settings

Connection = psycopg.Connection[tuple[object, ...]]
QUIET = timedelta(seconds=30)  # slow machines and restarts are shorter
QUIET_WORKER = (
    "No worker gives a sign of life: no text goes out and no recording is fetched. Calls are "
    "answered, and everything is kept. Look at the worker's log and start it again."
)


@contextmanager
def connection() -> Iterator[Connection]:
    """Each statement commits by itself. Raises psycopg.Error when the database does not answer."""
    address = settings().sqlalchemy_url.replace("+psycopg", "", 1)
    with psycopg.connect(
        address,
        autocommit=True,
        connect_timeout=3,
        tcp_user_timeout=10_000,  # milliseconds: a machine that vanished answers nothing, ever
        options="-c timezone=UTC -c statement_timeout=5000",
    ) as opened:
        yield opened


def beat(kind: str, name: str) -> None:
    """The same row as leads.heartbeat.beat writes. Raises psycopg.Error."""
    with connection() as opened:
        opened.execute(
            """INSERT INTO heartbeat (name, kind, at) VALUES (%s, %s, clock_timestamp())
            ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, at = excluded.at""",
            (name, kind),
        )


def worker_is_quiet(opened: Connection) -> bool:
    """Whether every worker is, for longer than QUIET; also when there was none."""
    fresh = opened.execute(
        "SELECT 1 FROM heartbeat WHERE kind = 'worker' AND at > clock_timestamp() - %s LIMIT 1",
        (QUIET,),
    )
    return fresh.fetchone() is None


def raise_quiet_worker(opened: Connection) -> None:
    """As leads.alarm.raise_alarm does. A worker that lives clears it (workers/watch.py)."""
    raised = opened.execute(
        """INSERT INTO alarm (kind, text, stops_sending, raised_at)
        SELECT 'worker_quiet', %s, false, clock_timestamp()
            + coalesce((SELECT clock_shift FROM installation), '0')
        ON CONFLICT DO NOTHING RETURNING id""",
        (QUIET_WORKER,),
    )
    if raised.fetchone() is not None:
        opened.execute("SELECT pg_notify('desk', 'settings')")
