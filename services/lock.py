"""One process at a time for each data folder, and what it says about itself."""

import fcntl
import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from services.errors import ServiceError

FILE = "up.lock"


@dataclass(frozen=True)
class Running:
    """Who holds the lock. `addresses` by process name; empty until they answer. `doing`: what a
    command holds it for, which ends by itself; empty for `ringback up`."""

    pid: int
    since: str
    addresses: Mapping[str, str]
    doing: str = ""

    @property
    def in_words(self) -> str:
        return f"{self.doing} (process {self.pid}, since {self.since}) still uses the data"


class Lock:
    """Held as long as this process, or the guard that cleans up after it, lives."""

    def __init__(self, home: Path, fd: int) -> None:
        self.fd = fd
        self._home = home

    def write(self, running: Running) -> None:
        text = json.dumps(vars(running))
        with suppress(OSError):  # a full disk: whoever asks is told less
            os.pwrite(self.fd, text.encode(), 0)
            os.ftruncate(self.fd, len(text.encode()))

    def release(self) -> None:
        os.ftruncate(self.fd, 0)
        os.close(self.fd)


def take(home: Path, waiting: Callable[[str], None], seconds: float = 60) -> Lock | Running:
    """The lock, or the `ringback up` that holds it.

    A command that holds it is waited for, however long it takes. So is the guard of a holder that
    is dead, while it stops what was left; raises ServiceError when that takes longer than
    `seconds`. `waiting` is told once what is waited for, as a sentence.
    """
    fd = os.open(home / FILE, os.O_RDWR | os.O_CREAT, 0o600)
    deadline, said = time.monotonic() + seconds, False
    while not _try(fd):
        running = read(home)
        lives = running is not None and _alive(running.pid)
        if running and lives and not running.doing:
            os.close(fd)
            return running
        if running and lives:
            deadline = time.monotonic() + seconds
        if time.monotonic() > deadline:
            os.close(fd)
            raise ServiceError(
                f"An earlier Ringback is still being stopped in {home} after {seconds:.0f} s; its "
                "data is kept. Look for its processes (ps), and start again when they are gone."
            )
        if not said:
            waiting(
                f"{running.in_words}; this goes on when it is done …"
                if running and lives
                else "The last one is still stopping …"
            )
            said = True
        time.sleep(0.05)
    return Lock(home, fd)


def holder(home: Path) -> Running | None:
    """Who runs in `home` right now, if anybody."""
    try:
        fd = os.open(home / FILE, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        if _try(fd):
            return None
        return read(home) or Running(0, "", {})
    finally:
        os.close(fd)


def read(home: Path) -> Running | None:
    try:
        return Running(**json.loads((home / FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _try(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
