"""`ringback up` in a folder and on ports of its own, watched from outside."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

from dotenv import dotenv_values

from tests.benchmarks.figures import Start
from tests.services.running import ROOT, free_port

RINGBACK = Path(sys.executable).parent / "ringback"
PATIENCE = 120.0  # seconds for a start, on a machine that is busy with something else
TUESDAY_TEN = "2026-12-01T10:00-08:00"  # the practice is open, and texts may go out
FACES = ("WEBHOOKS", "DASHBOARD", "SANDBOX")


class NotMeasured(Exception):
    """Something did not work, so there is no figure; the text says what."""


@dataclass(frozen=True)
class Installation:
    folder: Path
    ports: dict[str, int]

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "RINGBACK_HOME": str(self.folder),
            **{f"{name}_PORT": str(port) for name, port in self.ports.items()},
        }

    @property
    def sandbox(self) -> str:
        return f"http://127.0.0.1:{self.ports['SANDBOX']}/sandbox/api"

    @cached_property
    def told(self) -> dict[str, str]:
        """What `ringback up` has told its processes: addresses, and the trial's credentials."""
        read = dotenv_values(self.folder / "up.env", interpolate=False)
        return {name: value for name, value in read.items() if value}

    def command(self, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603 (our own command)
            [RINGBACK, *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NotMeasured(f"`ringback {' '.join(arguments)}` failed: {done.stderr.strip()}")

    @contextmanager
    def running(self) -> Iterator[tuple[Start, int]]:
        """Gives how long the start took, and the supervisor's number; stops at the end."""
        begun = time.monotonic()
        process = subprocess.Popen(  # noqa: S603 (our own command)
            [RINGBACK, "up"],
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        terminal = _Terminal(process.stdout, begun)
        try:
            yield terminal.start(), process.pid
        except NotMeasured as error:
            raise NotMeasured(f"{error}\nIts terminal said:\n{terminal.text}") from error
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(60)
            finally:
                process.kill()
                terminal.close()


class _Terminal:
    """Notes when each line comes, and goes on reading so that the pipe never fills."""

    def __init__(self, pipe: IO[str], begun: float) -> None:
        self._pipe, self._begun = pipe, begun
        self._lines: list[tuple[float, str]] = []
        self._ready, self._over = threading.Event(), False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def text(self) -> str:
        return "".join(line for _, line in self._lines).strip()

    def start(self) -> Start:
        """Raises NotMeasured when it does not become ready."""
        ready = self._ready.wait(PATIENCE)
        if self._over or not ready:
            raise NotMeasured("`ringback up` did not become ready.")
        return Start(self._moment("  database"), self._moment("  migrate"), self._moment("Ready"))

    def close(self) -> None:
        self._reader.join(5)
        self._pipe.close()

    def _read(self) -> None:
        for line in self._pipe:
            self._lines.append((time.monotonic() - self._begun, line))
            if line.startswith("Ready"):
                self._ready.set()
        self._over = not self._ready.is_set()
        self._ready.set()

    def _moment(self, beginning: str) -> float:
        """When the last line with this beginning came."""
        moments = [at for at, line in self._lines if line.startswith(beginning)]
        if not moments:
            raise NotMeasured(f"`ringback up` said no line that begins with {beginning.strip()!r}.")
        return moments[-1]


@contextmanager
def installation() -> Iterator[Installation]:
    """An empty one, removed at the end."""
    # As root, the database runs as `nobody`, who must be able to pass through.
    folder = Path(tempfile.mkdtemp(prefix="ringback-bench-"))
    folder.chmod(0o711)
    (folder / "first-call-played").touch()  # the calls here are ours
    try:
        yield Installation(folder, {name: free_port() for name in FACES})
    finally:
        shutil.rmtree(folder, ignore_errors=True)
