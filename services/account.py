"""Who the database servers run as.

PostgreSQL refuses to run as root, so root hands both servers to `nobody`, who exists
everywhere. No user is ever added and no permission of anything existing is ever changed.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from services.errors import ServiceError

UNPRIVILEGED = "nobody"


class Switch(TypedDict, total=False):
    """The arguments of `subprocess` that change who a child runs as."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """A user of the operating system; `switch` says whether we have to become it."""

    name: str
    uid: int
    gid: int
    switch: bool

    @property
    def popen(self) -> Switch:
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Hand over `path`, which we have just made ourselves."""
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether this user reaches what is inside `folder`; asked of the system itself,
        because owner, groups, ACLs and mounts all have a say."""
        return self._tests("-x", folder)

    def can_read(self, path: Path) -> bool:
        return self._tests("-r", path)

    def _tests(self, flag: str, path: Path) -> bool:
        try:
            done = subprocess.run(  # noqa: S603 (the path is an argument, not shell text)
                ["/bin/sh", "-c", f'test {flag} "$1"', "sh", str(path)],
                cwd="/",
                env={},
                check=False,
                **self.popen,
            )
        except PermissionError as error:  # root without the right to become others
            raise ServiceError(
                f"root may not start programs as {self.name} here ({error}); nothing was "
                "started. Run `ringback up` as an ordinary user instead."
            ) from error
        return done.returncode == 0


def servers_account() -> Account:
    """`nobody` for root, else the user who runs us.

    Raises ServiceError when root has no `nobody` to hand the servers to.
    """
    uid = os.geteuid()
    if uid != 0:
        return Account(user_name(uid), uid, os.getegid(), switch=False)
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise ServiceError(
            f"PostgreSQL does not run as root, and this machine has no user `{UNPRIVILEGED}` to "
            "run it as; nothing was started. Run `ringback up` as an ordinary user, or set "
            "DATABASE_URL and REDIS_URL to servers of your own."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=True)


def user_name(uid: int) -> str:
    """The user's name as PostgreSQL's peer authentication sees it.

    Raises ServiceError for a number without a name: peer authentication has none to compare.
    """
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        raise ServiceError(
            f"User number {uid} has no name on this machine, and the embedded PostgreSQL knows "
            "people by name; nothing was started. Run as a named user, or set DATABASE_URL and "
            "REDIS_URL."
        ) from None
