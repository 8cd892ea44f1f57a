"""A file that only its key opens: the age format, which other programs read as well.

With a public key (`age1…`) the file is plain age. With a passphrase, a key made for this one
file encrypts it, and stands at its beginning, itself encrypted to the passphrase: age's own way
for passphrases would hold the whole file in memory.
"""

import io
import os
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from services.errors import ServiceError

if TYPE_CHECKING:
    from pyrage.x25519 import Identity

PLAIN = b"age-encryption.org/v1\n"
ARMOURED = b"-----BEGIN AGE ENCRYPTED FILE-----\n"
END = b"-----END AGE ENCRYPTED FILE-----\n"
SHORTEST = 12  # characters of a passphrase; a stolen file can be guessed at for years
SECRET = "AGE-SECRET-KEY-"  # noqa: S105 - how a key begins
SECRET_KEY = re.compile(rb"AGE-SECRET-KEY-1[0-9A-Z]{20}", re.IGNORECASE)
LONGEST_KEY_FILE = 64 * 1024  # bytes; a backup is not read to look for one


@dataclass(frozen=True)
class Key:
    """What a file is encrypted to, or opened with: public keys, a secret one, or a passphrase."""

    recipients: Sequence[str] = ()
    secret: str = ""
    passphrase: str = ""


def new_key() -> tuple[str, str]:
    """A new pair: the secret key and the public one."""
    from pyrage import x25519

    made = x25519.Identity.generate()
    return str(made), str(made.to_public())


def refuse_useless(key: Key) -> None:
    """Raises ServiceError for a key that nothing can, or should, be encrypted to."""
    from pyrage import RecipientError, x25519

    for recipient in key.recipients:
        if recipient.upper().startswith(SECRET):
            raise ServiceError(
                "That is the secret key, which only restoring needs; nothing was written. Give the "
                "public one, which begins with age1."
            )
        try:
            x25519.Recipient.from_str(recipient)
        except RecipientError:
            raise ServiceError(
                f"{recipient} is no public key, so nothing was written. It begins with age1, and "
                "`ringback backup-key` makes one."
            ) from None
    if not key.recipients and len(key.passphrase) < SHORTEST:
        raise ServiceError(
            f"A passphrase needs {SHORTEST} characters or more, and several words are better; "
            "nothing was written."
        )


def keys_in(folder: Path) -> list[Path]:
    """Files with a secret key in them, in this folder or in one that lies in it."""
    found = []
    for path in sorted([*folder.glob("*"), *folder.glob("*/*")]):
        try:
            if path.is_file() and path.stat().st_size <= LONGEST_KEY_FILE:
                found += [path] if SECRET_KEY.search(path.read_bytes()) else []
        except OSError:
            continue  # what we cannot read, a copy made by us does not hold
    return found


def seal(chunks: Iterable[bytes], file: IO[bytes], key: Key) -> None:
    """Write `chunks` to `file`, encrypted, holding no more than a few of them in memory.

    Raises what reading the chunks or writing the file raised.
    """
    import pyrage
    from pyrage import x25519

    refuse_useless(key)
    to = [x25519.Recipient.from_str(recipient) for recipient in key.recipients]
    source, target = _Source(iter(chunks)), _Target(file)
    if not to:
        for_this_file = x25519.Identity.generate()
        locked = pyrage.passphrase.encrypt(
            str(for_this_file).encode(), key.passphrase, armored=True
        )
        file.write(locked if locked.endswith(b"\n") else locked + b"\n")
        to = [for_this_file.to_public()]
    try:
        pyrage.encrypt_io(source, target, to)
    except pyrage.EncryptError:  # it swallows our own errors
        raise source.error or target.error or OSError("The file could not be encrypted") from None


class _Source(io.RawIOBase):
    """Chunks as a file to read from, which remembers why it stopped."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = memoryview(b"")
        self.error: Exception | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            while not self._left:
                self._left = memoryview(next(self._chunks))
        except StopIteration:
            return b""
        except Exception as error:
            self.error = error
            raise
        given, self._left = self._left[:size], self._left[size:]
        return bytes(given)


class _Target(io.RawIOBase):
    """A file to write to, which remembers why it could not."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.error: OSError | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override] # bytes are what comes
        try:
            return self._file.write(data)
        except OSError as error:
            self.error = error
            raise


@contextmanager
def unsealed(path: Path, key: Key) -> Iterator[IO[bytes]]:
    """What is in the file, as a stream. What comes out of it is as it was put in, but only at the
    end of the block is it known that nothing is missing.

    Raises ServiceError for a wrong key, and for a file that was cut off or changed.
    """
    reading, writing = os.pipe()
    failed: list[Exception] = []
    with path.open("rb") as file:
        identity = _identity(file, path, key)
        thread = threading.Thread(
            target=_decrypt, args=(file, writing, identity, failed), daemon=True
        )
        thread.start()
        try:
            with os.fdopen(reading, "rb") as stream:
                yield stream
        except Exception:
            thread.join()
            # What the stream's reader stumbled over is the consequence.
            if failed and not isinstance(failed[0], BrokenPipeError):
                raise _reason(failed[0], file, path) from None
            raise
        thread.join()
        if failed and not isinstance(failed[0], BrokenPipeError):
            raise _reason(failed[0], file, path)


def asks_passphrase(path: Path) -> bool:
    """Whether a passphrase opens this file, if anything does."""
    try:
        with path.open("rb") as file:
            return file.readline(len(ARMOURED)) == ARMOURED
    except OSError:
        return False


def _identity(file: IO[bytes], path: Path, key: Key) -> "Identity":
    """The key that opens the file, which is left where its encrypted part begins."""
    import pyrage
    from pyrage import x25519

    head = file.readline(len(ARMOURED))
    if head == ARMOURED:
        if not key.passphrase:
            raise ServiceError(
                f"{path} was encrypted to a passphrase; nothing was changed. Give it with "
                "--passphrase-file, or type it when asked."
            )
        lines = [head]
        while lines[-1] != END and len(lines) < 50 and lines[-1]:
            lines.append(file.readline(200))
        try:
            told = pyrage.passphrase.decrypt(b"".join(lines), key.passphrase).decode()
        except pyrage.DecryptError:
            raise ServiceError(
                f"The passphrase does not open {path}; nothing was changed. Look whether it is "
                "the one of this file."
            ) from None
        return x25519.Identity.from_str(told)
    if head != PLAIN:
        raise ServiceError(
            f"{path} is no backup of Ringback, or its beginning is damaged; nothing was changed. "
            "Take another one."
        )
    file.seek(0)
    if not key.secret:
        raise ServiceError(
            f"{path} was encrypted to a key; nothing was changed. Give the file with the secret "
            "key, by --identity."
        )
    try:
        return x25519.Identity.from_str(key.secret)
    except pyrage.IdentityError:
        raise ServiceError(
            f"That is no secret key: it begins with {SECRET}1. Nothing was changed."
        ) from None


def _decrypt(file: IO[bytes], writing: int, identity: "Identity", failed: list[Exception]) -> None:
    import pyrage

    try:
        with os.fdopen(writing, "wb") as stream:
            pyrage.decrypt_io(file, stream, [identity])
    except (pyrage.DecryptError, OSError) as error:
        failed.append(error)


def _reason(error: Exception, file: IO[bytes], path: Path) -> Exception:
    if isinstance(error, OSError) and error.errno:
        return error  # the disk's own words
    if "No matching keys" in str(error):
        return ServiceError(
            f"The key does not open {path}: it was encrypted to another one. Nothing was changed."
        )
    if file.tell() == path.stat().st_size:
        return ServiceError(
            f"{path} is cut off, or was changed near its end; nothing was changed here. Copy it "
            "anew from where it was made, or take the one before."
        )
    return ServiceError(
        f"{path} was changed after it was made, or its disk is failing; nothing was changed "
        "here. Take another copy, or the one before."
    )
