"""The database for one command: the one that runs, or ours, started for as long as it takes."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from leads.settings import home, settings
from services import lock, place, postgres, up_env
from services.errors import ServiceError
from services.guard import Guard
from services.local import running
from services.lock import Running
from services.terminal import Terminal


@contextmanager
def database(*, new: bool) -> Iterator[str]:
    """The address of the database. With `new` it may be made, and nobody may be using it.

    Raises ServiceError when there is none, or when Ringback runs and `new` was asked for.
    """
    told = up_env.configured()
    if told.database_url:
        yield _address(told.database_url)
        return
    folder = home().absolute()
    if not new and not folder.exists():
        raise _nothing(folder)
    where = place.prepare(folder)
    if not new and not (where.servers / "postgres").exists():
        raise _nothing(folder)
    taken = lock.take(where.home, Terminal().say)
    if isinstance(taken, Running):
        if new:
            raise ServiceError(
                f"Ringback is running on {where.home} (process {taken.pid}), and a backup is "
                "restored into an empty place only; nothing was changed. Stop it, or set "
                "RINGBACK_HOME to a new folder."
            )
        yield _address(up_env.effective(where).database_url)
        return
    with ExitStack() as stack:
        stack.callback(taken.release)
        # Whoever starts meanwhile says so, and waits.
        since = f"{datetime.now().astimezone():%Y-%m-%d %H:%M}"
        taken.write(Running(os.getpid(), since, {}, "A restore" if new else "A backup"))
        postgres.stop_orphan(where)
        guard = Guard(taken.fd)
        stack.callback(guard.close)
        process = stack.enter_context(running(postgres.program(where), where, guard))
        postgres.wait_ready(where, lambda: process.poll() is None)
        postgres.refuse_unsafe(where)
        # Everything that asks the settings, as under `ringback up`.
        os.environ["DATABASE_URL"] = postgres.database_url(where)
        settings.cache_clear()
        try:
            yield postgres.database_url(where)
        finally:
            del os.environ["DATABASE_URL"]
            settings.cache_clear()


def _nothing(folder: Path) -> ServiceError:
    return ServiceError(
        f"There is no database in {folder}, so there is nothing to back up. Set RINGBACK_HOME to "
        "the folder of the installation, or DATABASE_URL."
    )


def _address(url: str) -> str:
    """As libpq reads it, whatever driver is named in it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
