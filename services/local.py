"""PostgreSQL and Redis for as long as a `with` block lasts: for tests and benchmarks."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from services import postgres, redis
from services.guard import Guard
from services.place import Place, prepare
from services.program import Program, stop


@dataclass(frozen=True)
class Servers:
    place: Place
    postgres_pid: int
    redis_pid: int

    def database_url(self, name: str = postgres.DATABASE) -> str:
        return postgres.database_url(self.place, name)

    @property
    def redis_url(self) -> str:
        return redis.redis_url(self.place)

    @property
    def redis_socket(self) -> Path:
        return redis.socket_path(self.place)

    def create_database(self, name: str, template: str | None = None) -> None:
        """A template must have no connections at that moment."""
        with self._maintenance() as session:
            postgres.create_database(session, name, template)

    def drop_database(self, name: str) -> None:
        with self._maintenance() as session:
            postgres.drop_database(session, name)

    def _maintenance(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.database_url("postgres"), autocommit=True)


@contextmanager
def local_servers(folder: Path | None = None, *, fsync: bool = True) -> Iterator[Servers]:
    """Both servers, with their data below `folder`, or in a temporary folder that is removed.

    They stop with the block, and also when this process is killed. `fsync=False` makes
    tests faster and is for tests alone. Raises ServiceError when they cannot be started.
    """
    with ExitStack() as stack:
        place = prepare(folder or stack.enter_context(_temporary_folder()))
        guard = Guard()
        stack.callback(guard.close)
        pids = []
        for program in (postgres.program(place, fsync=fsync), redis.program(place)):
            process = stack.enter_context(running(program, place, guard))
            server = postgres if program.name == "postgres" else redis
            server.wait_ready(place, lambda: process.poll() is None)  # noqa: B023 (used at once)
            pids.append(process.pid)
        yield Servers(place, *pids)


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ringback-"))
    if os.geteuid() == 0:
        folder.chmod(0o711)  # just made: the servers' user must pass through it
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def running(program: Program, place: Place, guard: Guard) -> Iterator[subprocess.Popen[bytes]]:
    with (place.logs / f"{program.name}.log").open("ab") as log:
        process = program.start(log)
    guard.watch(process.pid, program.stage, program.stop)
    try:
        yield process
    finally:
        stop(process, program.stop)
        guard.forget(process.pid)
