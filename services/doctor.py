"""What `ringback doctor` looks at on this machine: Redis, disk, and who can read the secrets."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import redis
from redis.exceptions import AuthenticationError, RedisError

from leads.settings import UP_ENV, Settings, home, settings
from leads.verdict import Check, Finding
from services import backup, sealed
from services.redis import SAFE

REDIS_SECONDS = 5
MEGABYTE = 1024 * 1024
LEAST_FREE = 500 * MEGABYTE  # PostgreSQL stops on a full disk; a day of spool is far less
LOW_FREE = 2048 * MEGABYTE
SHORTEST_KEY = 32  # characters
MOUNTED = Path("/run/secrets")  # a container's own files: nobody else is in there


def _redis() -> Sequence[Finding]:
    url = settings().redis_url
    if not url:
        cure = "Start everything with `ringback up`, or set REDIS_URL."
        return [Finding("redis", "failed", "REDIS_URL is empty.", cure)]
    try:
        facts = _info(url)
    except AuthenticationError:
        return [Finding("redis", "failed", "It refuses our password.", "Correct REDIS_URL.")]
    except (RedisError, OSError, ValueError) as error:
        told = f"It does not answer: {type(error).__name__}. Nothing is lost; texts wait."
        cure = "Start it (`ringback up`, or your own server), or correct REDIS_URL."
        return [Finding("redis", "failed", told, cure)]
    return [_durable(facts)]


def _info(url: str) -> Mapping[str, object]:
    """INFO alone: managed servers refuse CONFIG."""
    client = redis.Redis.from_url(
        _plain(url), socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
    )
    try:
        found: Mapping[str, object] = client.info()
        return found
    finally:
        client.close()


def _plain(url: str) -> str:
    """Celery's spelling of a socket's address, as the client library spells it."""
    if not url.startswith("redis+socket://"):
        return url
    parts = urlsplit(url)
    number = parse_qs(parts.query).get("virtual_host", ["0"])[0]
    return f"unix://{unquote(parts.netloc + parts.path)}?db={number}"


def _durable(facts: Mapping[str, object]) -> Finding:
    version = facts.get("valkey_version") or facts.get("redis_version")
    policy = str(facts.get("maxmemory_policy", ""))
    aof = bool(facts.get("aof_enabled"))
    if not aof or policy != SAFE["maxmemory-policy"]:
        told = f"It runs with appendonly {'yes' if aof else 'no'} and maxmemory-policy {policy}."
        cure = "Set appendonly yes and maxmemory-policy noeviction; until then ticks may be lost."
        return Finding("redis", "failed", told, cure)
    if facts.get("aof_last_write_status") not in (None, "ok"):
        told = "It cannot write its file."
        return Finding("redis", "failed", told, "Make room on its disk, or mend its folder.")
    return Finding("redis", "ok", f"Version {version}, append-only, drops nothing.")


def _disk() -> Sequence[Finding]:
    folder = home().absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    told = f"{free / MEGABYTE / 1024:.1f} GB are free where {home()} is."
    if free >= LOW_FREE:
        return [Finding("disk", "ok", told)]
    cure = "Make room: logs, old backups, old container images."
    return [Finding("disk", "failed" if free < LEAST_FREE else "warning", told, cure)]


def _secret_key() -> Sequence[Finding]:
    key = settings().secret_key.get_secret_value()
    cure = "Set SECRET_KEY to 64 random hexadecimal digits: openssl rand -hex 32"
    if not key:
        told = "SECRET_KEY is empty: nobody can sign in."
        return [Finding("secret key", "failed", told, cure)]
    if len(key) < SHORTEST_KEY:
        told = f"SECRET_KEY has {len(key)} characters, which can be guessed."
        return [Finding("secret key", "failed", told, cure)]
    return [Finding("secret key", "ok", "Long enough.")]


def _backup_key() -> Sequence[Finding]:
    """Where this machine's last backup went; nothing to say where none was made."""
    folder = backup.last_folder()
    if folder is None:
        return []
    found = sealed.keys_in(folder)
    if not found:
        return [Finding("backup key", "ok", "None lies with the backups.")]
    told = f"{found[0]} is a secret key and lies with the backups: whoever takes them reads them."
    cure = "Move it off this machine; until then no backup is made."
    return [Finding("backup key", "failed", told, cure)]


def _modes() -> Sequence[Finding]:
    open_ones = [path for path in _secret_files() if path.stat().st_mode & 0o077]
    if not open_ones:
        return [Finding("file modes", "ok", "Secrets are readable to their owner alone.")]
    return [
        Finding(
            "file modes",
            "failed",
            f"{path} can be read by other users of this machine.",
            f"chmod 600 {path}",
        )
        for path in open_ones
    ]


def _secret_files() -> Iterator[Path]:
    """Files with secrets in them that are not kept from others by a closed folder."""
    named = [
        Path(value)
        for name in Settings.model_fields
        if (value := os.environ.get(f"{name.upper()}_FILE"))
    ]
    for path in [Path(".env"), home() / UP_ENV, *named]:
        if path.exists() and not path.is_relative_to(MOUNTED) and not _closed(path.absolute()):
            yield path


def _closed(path: Path) -> bool:
    return not path.parent.stat().st_mode & 0o011


CHECKS = [
    Check("redis", _redis),
    Check("disk", _disk),
    Check("secret key", _secret_key),
    Check("backup key", _backup_key),
    Check("file modes", _modes),
]
