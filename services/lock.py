"""One `ringback up` for each data folder, and what the running one says about itself."""

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
    """Who holds the lock. `addresses` by process name; empty until they answer."""

    pid: int
    since: str
    addresses: Mapping[str, str]


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


def take(home: Path, waiting: Callable[[], None], seconds: float = 60) -> Lock | Running:
    """The lock, or who holds it.

    When its holder is dead and its guard still stops what was left, `waiting` is called once
    and the lock is waited for. Raises ServiceError when that takes longer than `seconds`.
    """
    fd = os.open(home / FILE, os.O_RDWR | os.O_CREAT, 0o600)
    deadline, said = time.monotonic() + seconds, False
    while not _try(fd):
        running = read(home)
        if running and _alive(running.pid):
            os.close(fd)
            return running
        if time.monotonic() > deadline:
            os.close(fd)
            raise ServiceError(
                f"An earlier Ringback is still being stopped in {home} after {seconds:.0f} s; its "
                "data is kept. Look for its processes (ps), and start again when they are gone."
            )
        if not said:
            waiting()
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
