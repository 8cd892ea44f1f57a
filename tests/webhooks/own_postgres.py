"""A PostgreSQL of this test's own, which may be stopped, frozen and killed."""

import os
import shutil
import signal
import subprocess  # noqa: TC003 - dataclasses read it
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from services import postgres
from services.guard import Guard
from services.place import Place, prepare
from services.program import stop


@dataclass
class OwnPostgres:
    place: Place
    guard: Guard
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return postgres.database_url(self.place)

    def start(self, *, wait: bool = True) -> None:
        program = postgres.program(self.place, fsync=False)
        with (self.place.logs / "postgres.log").open("ab") as log:
            process = program.start(log)
        self.process = process
        self.guard.watch(process.pid, program.stage, program.stop)
        if wait:
            postgres.wait_ready(self.place, lambda: process.poll() is None)

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process, ((signal.SIGINT, 10), (signal.SIGKILL, 5)))
            self.guard.forget(self.process.pid)
            self.process = None

    def freeze(self) -> None:
        """SIGSTOP, in mid-query: it takes connections and answers nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self.process is not None
        for pid in [self.process.pid, *children(self.process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            facts = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(facts[1]) == parent:
            found.append(int(stat.parent.name))
    return found


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    folder = Path(tempfile.mkdtemp(prefix="ringback-"))
    if os.geteuid() == 0:
        folder.chmod(0o711)  # just made: the servers' user must pass through it
    guard = Guard()
    running = OwnPostgres(prepare(folder), guard)
    try:
        running.start()
        yield running
    finally:
        if running.process is not None:
            running.thaw()
        running.stop()
        guard.close()
        shutil.rmtree(folder)
