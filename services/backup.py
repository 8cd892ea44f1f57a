"""`ringback backup`: everything as it was at one moment, in one file that only its key opens."""

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import psycopg

from leads.settings import home
from services import archive, sealed
from services.errors import ServiceError
from services.sealed import Key

SUFFIX = ".backup"
OURS = re.compile(r"ringback-\d{4}-\d\d-\d\d-\d{6}\.backup")
UNFINISHED = ".ringback-{pid}.unfinished"
LAST_FOLDER = "backup-folder"  # in the data folder: where `ringback doctor` looks


@dataclass(frozen=True)
class Made:
    """A finished backup: its size in bytes, its rows by table, and older ones that were removed."""

    path: Path
    size: int
    rows: dict[str, int]
    removed: int


def make(url: str, place: Path, key: Key, keep: int | None = None) -> Made:
    """Back up the database at `url` to `place`, a file or a folder.

    The file appears under its name when it is whole and on the disk, or not at all. Nobody who
    writes to the database waits for it. Raises ServiceError.
    """
    sealed.refuse_useless(key)
    path = _path(place)
    if keep is not None and path.parent == place.absolute().parent:
        raise ServiceError(
            "--keep removes older backups of a folder, and a file was named; nothing was written. "
            "Name the folder."
        )
    _refuse_key_beside(path.parent)
    _remove_unfinished(path.parent)
    rows: dict[str, int] = {}
    try:
        with (
            # Closed, and not rolled back: that would wait for the end of a COPY that nobody reads.
            contextlib.closing(psycopg.connect(url, connect_timeout=10)) as connection,
            _appearing(path) as file,
        ):
            sealed.seal(archive.pack(connection, rows), file, key)
    except psycopg.OperationalError as error:
        raise ServiceError(
            f"The database did not answer to the end ({_line(error)}), so there is no new backup; "
            "older ones were left alone. Start everything with `make run`, or look at "
            "DATABASE_URL, and try again."
        ) from error
    except OSError as error:
        raise ServiceError(
            f"The backup could not be written to {path.parent} ({error.strerror or error}); "
            "nothing is left of it, and older ones were left alone. Make room there, or name "
            "another folder."
        ) from error
    removed = _remove_old(path.parent, keep) if keep is not None else 0
    with contextlib.suppress(OSError):  # a container's own data folder may be read-only
        (home() / LAST_FOLDER).write_text(f"{path.parent}\n")
    return Made(path, path.stat().st_size, rows, removed)


def last_folder() -> Path | None:
    """Where the last backup on this machine went."""
    try:
        return Path((home() / LAST_FOLDER).read_text().strip())
    except OSError:
        return None


def key_text(secret: str, public: str) -> str:
    """What the file of a secret key says."""
    return f"# Opens Ringback's backups. Public key: {public}\n{secret}\n"


def make_key(path: Path) -> str:
    """Write a new secret key to `path` and give the public one. Raises ServiceError."""
    if any(OURS.fullmatch(other.name) for other in path.absolute().parent.glob("*")):
        raise ServiceError(
            f"{path.absolute().parent} holds backups, and whoever takes them would take the key as "
            "well; nothing was written. Name another place."
        )
    secret, public = sealed.new_key()
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key_text(secret, public))
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise ServiceError(
            f"{path} exists already, and was left alone. Name another file."
        ) from None
    except OSError as error:
        raise ServiceError(
            f"{path} cannot be written ({error.strerror}); there is no new key. Name another place."
        ) from error
    return public


def _path(place: Path) -> Path:
    """Where the backup goes. Raises ServiceError where there is one already, or no folder."""
    place = place.absolute()
    if place.suffix != SUFFIX or place.is_dir():
        place = place / f"ringback-{datetime.now(UTC):%Y-%m-%d-%H%M%S}{SUFFIX}"
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ServiceError(
            f"The folder {place.parent} cannot be made ({error.strerror}); nothing was written. "
            "Name another one."
        ) from error
    if place.exists():
        raise ServiceError(f"{place} exists already, and was left alone. Name another file.")
    return place


def _refuse_key_beside(folder: Path) -> None:
    if found := sealed.keys_in(folder):
        raise ServiceError(
            f"{found[0]} is a secret key, and whoever takes the backups would take it as well; "
            "nothing was written. Move it off this machine."
        )


@contextlib.contextmanager
def _appearing(path: Path) -> Iterator[IO[bytes]]:
    """A file that gets its name when the block has ended well, and is removed otherwise."""
    unfinished = path.parent / UNFINISHED.format(pid=os.getpid())
    fd = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)  # it is not what a dead one left
            yield file
            file.flush()
            os.fsync(fd)
        unfinished.rename(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _remove_unfinished(folder: Path) -> None:
    """What a backup that was killed has left; one that runs holds its file locked."""
    for path in folder.glob(UNFINISHED.format(pid="*")):
        with contextlib.suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def _remove_old(folder: Path, keep: int) -> int:
    """Keep the newest; files of other names are not ours to remove."""
    ours = sorted(path for path in folder.iterdir() if OURS.fullmatch(path.name))
    for path in ours[:-keep]:
        path.unlink()
    return len(ours[:-keep])


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0].strip()
