"""Where everything lies on this machine.

`home` is the data folder: up.env, the lock, the logs. `servers` holds what the database
servers own; it is `home` too, unless root runs us and the servers' user cannot enter there.
"""

import hashlib
import os
import pwd
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from services.account import Account, servers_account
from services.errors import ServiceError

SHELTER = Path("/var/lib/ringback")
# A socket's path may have 107 bytes on Linux and 103 on macOS; ours end in the longest name.
SOCKET_LIMIT = 103
LONGEST_SOCKET = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Place:
    home: Path
    servers: Path
    sockets: Path
    account: Account

    @property
    def config(self) -> Path:
        """Ours, readable to the servers: who may sign in."""
        return self.servers / "config"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def sheltered(self) -> bool:
        return self.servers != self.home


def prepare(home: Path) -> Place:
    """Make the folders that are missing. Permissions of existing folders are left alone.

    Raises ServiceError when a folder cannot be made or written, or is somebody else's.
    """
    account = servers_account()
    home = home.absolute()
    _refuse_foreign_data(home, account)
    # The servers' user passes through `home` but cannot list it.
    make_folder(home, 0o711 if account.switch else 0o700)
    if not os.access(home, os.W_OK | os.X_OK):
        raise ServiceError(
            f"The data folder {home} cannot be written by {_name(os.geteuid())}; nothing was "
            "changed. Run as its owner, or set RINGBACK_HOME to a folder of your own."
        )
    make_folder(home / "logs", 0o700)
    servers = home if account.can_enter(home) else _sheltered(home)
    make_folder(servers / "config", 0o755)
    return Place(home, servers, _sockets(servers, account), account)


def _refuse_foreign_data(home: Path, account: Account) -> None:
    """Data made by another user would be passed over, and an empty database begun beside it."""
    data = home / "postgres"
    try:
        owner = data.stat().st_uid
    except OSError:
        return
    if owner != account.uid:
        raise ServiceError(
            f"The data in {data} belongs to {_name(owner)}, and {_name(os.geteuid())} would run "
            f"the database as {account.name}; nothing was changed. Start Ringback as the user who "
            "started it first, or set RINGBACK_HOME to another folder."
        )


def make_folder(path: Path, mode: int, account: Account | None = None) -> None:
    """Make `path` (and its parents) unless it exists, for `account` if given."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=mode)
    except FileExistsError:
        if not path.is_dir():
            raise ServiceError(
                f"{path} is in the way: a folder is needed there. Nothing was changed; move it."
            ) from None
        return
    except OSError as error:
        raise ServiceError(
            f"The folder {path} cannot be made ({error.strerror}); nothing was changed. Run as "
            "its owner, make room, or set RINGBACK_HOME to a folder of your own."
        ) from error
    path.chmod(mode)  # we have just made it; the umask may have taken bits away
    if account:
        account.own(path)


def shelter() -> Path:
    """Root's folder that everybody can enter, for programs and data.

    Raises ServiceError when it belongs to somebody else: a stranger could swap what we run.
    """
    make_folder(SHELTER, 0o755)
    facts = SHELTER.stat()
    if facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
        raise ServiceError(
            f"{SHELTER} is not root's alone, so the servers' programs and data are not safe there; "
            "nothing was changed. Move it away, or set RINGBACK_HOME to a folder that everybody "
            "can enter, such as /srv/ringback."
        )
    return SHELTER


def _sheltered(home: Path) -> Path:
    """A folder of its own for each data folder, so that two clones never meet."""
    folder = shelter() / f"{home.parent.name or 'root'}-{_fingerprint(home)}"
    make_folder(folder, 0o711)
    if not (folder / "home").exists():
        (folder / "home").write_text(f"{home}\n")  # for the person who finds the folder
    return folder


def _sockets(servers: Path, account: Account) -> Path:
    """The 0700 folder of the sockets: below `servers`, unless that is too long for a socket."""
    folder = servers / "sockets"
    if len(os.fsencode(folder / LONGEST_SOCKET)) > SOCKET_LIMIT:
        folder = _short_folder(account) / f"ringback-{account.uid}-{_fingerprint(servers)}"
    make_folder(folder, 0o700, account)
    facts = folder.lstat()
    if facts.st_uid != account.uid or facts.st_mode & 0o077 or folder.is_symlink():
        raise ServiceError(
            f"The sockets' folder {folder} must belong to {account.name} alone, and does not; "
            "nothing was changed. Move it away and start again."
        )
    return folder


def _short_folder(account: Account) -> Path:
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nowhere")
    if account.switch and sys.platform == "linux":
        return Path("/run")  # root's own, and everybody can enter
    if not account.switch and os.access(runtime, os.W_OK) and len(str(runtime)) < 40:
        return runtime
    return Path(tempfile.gettempdir() if len(tempfile.gettempdir()) < 40 else "/tmp")  # noqa: S108 (the owner is checked)


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
