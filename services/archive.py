"""What lies inside a backup: a compressed tar, so that it can be read without Ringback, too.

manifest.json           what it is, of when, and every table with its columns
tables/lead/000001      rows of a table in COPY's text format, in pieces
sequences.json          where each sequence stands
complete.json           the last one: how many rows each table has
"""

import itertools
import json
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from typing import IO

from services import snapshot
from services.errors import ServiceError
from services.snapshot import Connection, Contents

FORMAT = 1
LEVEL = 3  # sound does not shrink, and what remains is small: a phone call matters more than 5 %
Member = tuple[str, Iterator[bytes]]  # a file or a table, and its bytes in pieces


@dataclass
class Backup:
    """What a whole, undamaged backup holds. `rows` by table."""

    contents: Contents
    ringback: str
    sequences: Mapping[str, tuple[int, bool]] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)


def pack(connection: Connection, rows: dict[str, int]) -> Iterator[bytes]:
    """The archive in pieces; `rows` is filled on the way. Raises ServiceError, psycopg.Error."""
    contents = snapshot.freeze(connection)
    shrink = zlib.compressobj(LEVEL, wbits=31)
    for name, data in _members(connection, contents, rows):
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), 0o600
        info.mtime = int(contents.made_at.timestamp())
        filled = b"\0" * (-len(data) % tarfile.BLOCKSIZE)
        yield shrink.compress(info.tobuf(tarfile.USTAR_FORMAT)) + shrink.compress(data + filled)
    yield shrink.compress(b"\0" * 2 * tarfile.BLOCKSIZE) + shrink.flush()


def _members(
    connection: Connection, contents: Contents, rows: dict[str, int]
) -> Iterator[tuple[str, bytes]]:
    told = {
        **vars(contents),
        "made_at": contents.made_at.isoformat(),
        "format": FORMAT,
        "ringback": version("ringback"),
    }
    yield "manifest.json", json.dumps(told).encode()
    for table, columns in contents.tables.items():
        rows[table] = 0
        for number, chunk in enumerate(snapshot.rows(connection, table, columns), 1):
            rows[table] += chunk.count(b"\n")
            yield f"tables/{table}/{number:06}", chunk
    yield "sequences.json", json.dumps(snapshot.sequences(connection)).encode()
    yield "complete.json", json.dumps(rows).encode()


def unpack(stream: IO[bytes]) -> Iterator[Member]:
    """The parts in their order, a table's pieces together; each is read before the next.

    Raises ServiceError for what is no archive of ours.
    """
    try:
        with tarfile.open(fileobj=stream, mode="r|gz") as tar:
            pieces = ((info.name, _data(tar, info)) for info in tar)
            for name, together in itertools.groupby(pieces, lambda piece: _folder(piece[0])):
                yield name, (data for _, data in together)
        while stream.read(snapshot.CHUNK):
            pass  # to its end: only there is it known that nothing is missing
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise ServiceError(
            "What is in the file is no backup of Ringback; nothing was changed. Take another one."
        ) from error


def _data(tar: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(info)
    return file.read() if file else b""


def _folder(name: str) -> str:
    return name.rpartition("/")[0] if name.startswith("tables/") else name


def manifest(data: bytes) -> Backup:
    """Raises ServiceError for a file of a later format, or none of ours."""
    try:
        told = json.loads(data)
        if told["format"] > FORMAT:
            raise ServiceError(
                f"The backup was made by Ringback {told['ringback']}, which is newer than this "
                f"{version('ringback')}; nothing was changed. Install that version, or a later one."
            )
        return Backup(
            Contents(
                told["revision"],
                datetime.fromisoformat(told["made_at"]),
                told["mode"],
                told["account_sid"],
                told["tables"],
            ),
            told["ringback"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ServiceError(
            "What is in the file is no backup of Ringback; nothing was changed. Take another one."
        ) from error


def read(stream: IO[bytes]) -> Backup:
    """Go through all of it and keep nothing but the figures. Raises ServiceError unless it is
    whole."""
    backup, counted, complete = None, dict[str, int](), None
    for name, chunks in unpack(stream):
        if name == "manifest.json":
            backup = manifest(b"".join(chunks))
        elif name == "sequences.json" and backup:
            backup.sequences = {key: (at, on) for key, (at, on) in json.loads(_all(chunks)).items()}
        elif name == "complete.json":
            complete = json.loads(_all(chunks))
        elif name.startswith("tables/"):
            counted[_table(name)] = sum(chunk.count(b"\n") for chunk in chunks)
    if backup is None or complete is None or {t: n for t, n in complete.items() if n} != counted:
        raise ServiceError(
            "The backup is not complete, so nothing was changed. Take another copy, or the one "
            "before."
        )
    backup.rows = complete
    return backup


def write(stream: IO[bytes], connection: Connection, backup: Backup) -> None:
    """Fill the tables, which are of the backup's revision and hold nothing to keep."""
    snapshot.prepare(connection, backup.contents.tables)
    for name, chunks in unpack(stream):
        if name.startswith("tables/"):
            table = _table(name)
            snapshot.write(connection, table, backup.contents.tables[table], chunks)
    snapshot.set_sequences(connection, backup.sequences)


def _table(name: str) -> str:
    return name.removeprefix("tables/")


def _all(chunks: Iterable[bytes]) -> bytes:
    return b"".join(chunks)
