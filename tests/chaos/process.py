"""A process that is killed and started again under the same name."""

from collections.abc import Callable
from pathlib import Path
from signal import SIGKILL, Signals
from typing import IO, TYPE_CHECKING

from services.guard import Guard
from services.program import Program, send, stop

if TYPE_CHECKING:
    import subprocess

STUBBORN = 30.0  # seconds in which a process must be gone after a signal


class Process:
    """`ready` returns when a start is done; it is given whether the process still lives.

    Start it from the main thread: an application dies with the thread that started it.
    """

    def __init__(
        self,
        program: Program,
        guard: Guard,
        logs: Path,
        ready: Callable[[Callable[[], bool]], None] | None = None,
    ) -> None:
        self.program = program
        self._guard, self.log, self._ready = guard, logs / f"{program.name}.log", ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of a process that was started."""
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.start_into(log)

    def start_into(self, log: IO[bytes]) -> None:
        self._process = self.program.start(log)
        self._guard.watch(self._process.pid, self.program.stage, self.program.stop)
        if self._ready:
            self._ready(lambda: self.alive)

    def restart(self, number: Signals = SIGKILL) -> None:
        self.end(number)
        self.start()

    def end(self, number: Signals = SIGKILL) -> None:
        """Send one signal and wait until the process is gone."""
        if self._process is not None:
            send(self._process.pid, number)
            self._process.wait(STUBBORN)
            self._guard.forget(self._process.pid)

    def stop(self) -> None:
        """As `ringback up` would."""
        if self._process is not None:
            stop(self._process, self.program.stop)
            self._guard.forget(self._process.pid)
