"""Files that survive a power cut, readable by their owner alone."""

import os
from collections.abc import Iterable
from pathlib import Path


def folder(path: Path) -> None:
    """Make the folder, 0700, unless it is there. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_dir():
        path.mkdir(mode=0o700, exist_ok=True)
        sync_folder(path.parent)  # or a power cut takes it, with all that is synced inside
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)


def replace(path: Path, content: bytes) -> None:
    """Put `content` in the place of what is at `path`: wholly or not at all. Raises OSError."""
    replace_by(path, [content])


def replace_by(path: Path, parts: Iterable[bytes]) -> None:
    """As `replace`, with all these parts, of which each is held in memory for a moment only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        for part in parts:
            write(handle, part)
        os.fsync(handle)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)
    beside.replace(path)
    sync_folder(path.parent)


def write(handle: int, content: bytes) -> None:
    """All of it: a full disk takes a part first. Raises OSError."""
    left = memoryview(content)
    while left:
        left = left[os.write(handle, left) :]


def sync_folder(path: Path) -> None:
    """A file's name is the folder's content, and is synced with that. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
