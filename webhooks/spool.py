"""Requests that could not be written to the database, on disk until they can.

One file for each process (`….jsonl`), appended to and synced before the answer leaves. Whoever
replays renames all files of the folder to `….sealed` first; their processes then begin new ones.
A file's lock is held for each append, and so it does not matter whether its process still lives.
"""

import fcntl
import json
import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from webhooks import durable

# A day of a busy clinic takes 5 MB.
MOST_BYTES = 64 * 1024 * 1024
MOST_RECORDS = 50_000


class SpoolFull(Exception):
    """Nothing more is kept here."""


@dataclass(frozen=True)
class Record:
    """One verified request, when it came (real time), and what Twilio was answered."""

    received_at: datetime
    path: str
    query: str
    body: str
    answer: str

    def line(self) -> bytes:
        told = asdict(self) | {"received_at": self.received_at.isoformat()}
        return json.dumps(told).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> "Record":
        """Raises ValueError for what is no whole record, as a crash leaves behind."""
        try:
            told = json.loads(line)
            told["received_at"] = datetime.fromisoformat(told["received_at"])
            record = cls(**told)
        except (KeyError, TypeError) as error:
            raise ValueError("this line is no record") from error
        if record.received_at.tzinfo is None:
            raise ValueError("this record has no time")
        return record


@dataclass(frozen=True)
class Waiting:
    """What waits in the folder, of all its processes."""

    count: int = 0
    size: int = 0  # bytes
    oldest_at: datetime | None = None  # the file's time where a torn line stands alone

    @property
    def requests(self) -> int:
        """How many to tell of: a torn line is one that may be lost."""
        return self.count or min(self.size, 1)


_Seen = tuple[int, int, datetime | None]  # size, records, the oldest one


class Spool:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._writing, self._syncing, self._counting = (threading.Lock() for _ in range(3))
        self._file: tuple[int, Path] | None = None
        self._written = self._synced = 0
        self._seen: dict[str, _Seen] = {}  # by the file's name without its suffix

    def append(self, record: Record) -> None:
        """Keep it: synced when this returns. Those who come together share one sync.

        Raises SpoolFull, and OSError when it could not be written.
        """
        line = record.line()
        waiting = self.waiting()
        if waiting.count >= MOST_RECORDS or waiting.size + len(line) > MOST_BYTES:
            raise SpoolFull
        with self._writing:
            handle = self._locked_file()
            try:
                size = os.fstat(handle).st_size
                try:
                    durable.write(handle, line)
                except OSError:
                    with suppress(OSError):
                        os.ftruncate(handle, size)
                    raise
            finally:
                fcntl.flock(handle, fcntl.LOCK_UN)
            self._written += 1
            mine = self._written
        with self._syncing:
            if self._synced < mine and self._file is not None:
                written = self._written
                os.fsync(self._file[0])
                self._synced = written

    def _locked_file(self) -> int:
        """This process's file, locked, and not sealed since the last time."""
        while True:
            handle, path = self._file or self._begin_file()
            fcntl.flock(handle, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if path.stat().st_ino == os.fstat(handle).st_ino:
                    return handle
            self.close()

    def _begin_file(self) -> tuple[int, Path]:
        durable.folder(self.folder)
        path = self.folder / f"{os.getpid()}-{uuid.uuid4().hex}.jsonl"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._file = os.open(path, flags, 0o600), path
        durable.sync_folder(self.folder)
        return self._file

    def close(self) -> None:
        with self._syncing:
            if self._file is not None:
                handle, self._file = self._file[0], None
                with suppress(OSError):
                    os.fsync(handle)
                os.close(handle)
                self._synced = self._written

    def waiting(self) -> Waiting:
        """How much waits in the folder. Reads no more than what is new since the last time."""
        with self._counting:
            seen = {}
            for path in self._paths(".jsonl", ".sealed"):
                with suppress(FileNotFoundError):
                    seen[path.stem] = self._count(path)
            self._seen = seen
            oldest = [at for _, _, at in seen.values() if at is not None]
            return Waiting(
                sum(records for _, records, _ in seen.values()),
                sum(size for size, _, _ in seen.values()),
                min(oldest, default=None),
            )

    def _count(self, path: Path) -> _Seen:
        size, records, oldest = self._seen.get(path.stem, (0, 0, None))
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size < size:  # a part of it was replayed
                size, records, oldest = 0, 0, None
            file.seek(size)
            for line in file:
                size += len(line)
                records += line.endswith(b"\n")
                if oldest is None:
                    with suppress(ValueError):
                        oldest = Record.read(line).received_at
            if oldest is None and size:
                oldest = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
        return size, records, oldest

    def _paths(self, *suffixes: str) -> list[Path]:
        try:
            return sorted(path for path in self.folder.iterdir() if path.suffix in suffixes)
        except OSError:
            return []

    @contextmanager
    def replaying(self) -> Iterator[bool]:
        """Whether we are the one of the folder's processes who replays now. Raises OSError."""
        durable.folder(self.folder)
        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
        finally:
            os.close(handle)

    def sealed(self) -> list[Path]:
        """The folder's files, which from now on nobody appends to."""
        for path in self._paths(".jsonl"):
            with suppress(FileNotFoundError):
                handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX)
                    path.rename(path.with_suffix(".sealed"))
                finally:
                    os.close(handle)
        return self._paths(".sealed")
