"""`ringback restore`: a backup into an empty place, whole or not at all."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import psycopg
from dotenv import dotenv_values

from leads.settings import UP_ENV, home
from services import archive, place, sealed, snapshot, up_env
from services.archive import Backup
from services.errors import ServiceError
from services.sealed import Key
from services.snapshot import Connection


class Restoring(Protocol):
    """One transaction on the database that is being filled."""

    driver: Connection

    def migrate(self, revision: str) -> None:
        """Bring the tables to this revision, or to `head`."""

    def settle(self, made_at: datetime) -> str:
        """What follows from having missed everything since; a sentence about it."""


TRIAL = "TRIAL_ACCOUNT_SID"


@dataclass(frozen=True)
class Tasks:
    """What is done in the database. Handed in, because services know nothing of leads."""

    noted: Callable[[], None]  # a backup was made just now
    knows: Callable[[str], bool]  # whether this version has the revision
    restoring: Callable[[], AbstractContextManager[Restoring]]


def check(path: Path, key: Key, tasks: Tasks) -> Backup:
    """Read all of the file and change nothing.

    Raises ServiceError for a wrong key, for a file that is cut off, changed or of another kind,
    and for one of a newer version than this.
    """
    if not path.is_file():
        raise ServiceError(f"There is no file {path}; nothing was changed.")
    with sealed.unsealed(path, key) as stream:
        backup = archive.read(stream)
    if not tasks.knows(backup.contents.revision):
        raise ServiceError(
            f"The backup was made by a newer version of Ringback ({backup.ringback}, tables "
            f"{backup.contents.revision}); nothing was changed. Install that version or a later "
            "one, and restore with it."
        )
    return backup


def put_back(path: Path, key: Key, backup: Backup, tasks: Tasks) -> str:
    """Fill the empty database with a backup that was checked, in one transaction; a sentence about
    what was held back.

    Raises ServiceError where there is data already, or when the database refuses; it is then as
    empty as before.
    """
    try:
        with tasks.restoring() as restoring:
            snapshot.empty(restoring.driver)
            restoring.migrate(backup.contents.revision)
            with sealed.unsealed(path, key) as stream:
                archive.write(stream, restoring.driver, backup)
            restoring.migrate("head")
            held = restoring.settle(backup.contents.made_at)
            # Before the commit: without it nothing could start, and alone it does no harm.
            _keep_trial(backup)
    except psycopg.Error as error:
        raise ServiceError(
            f"The database could not be filled ({type(error).__name__}); it is as empty as before. "
            "Look at its log and its disk, and restore again."
        ) from error
    return held


def refuse_stranger(backup: Backup) -> None:
    """Raises ServiceError when what is here belongs to another account than the backup: it would
    be refused at the start, with everything restored already."""
    told, contents = up_env.configured(), backup.contents
    mine = (told.mode, told.twilio_account_sid)
    if told.twilio_account_sid and mine != (contents.mode, contents.account_sid):
        raise ServiceError(
            f"The backup belongs to a {contents.mode} installation of account "
            f"{contents.account_sid}, and the settings name {told.mode}, "
            f"{told.twilio_account_sid}; nothing was changed. Correct TWILIO_ACCOUNT_SID and "
            "TWILIO_API_BASE, or leave them out to look at the backup only."
        )
    kept = dotenv_values(home() / UP_ENV).get(TRIAL) if (home() / UP_ENV).exists() else None
    if kept and kept != contents.account_sid:
        raise ServiceError(
            f"{home().absolute()} belongs to another installation; nothing was changed. Set "
            "RINGBACK_HOME to an empty folder."
        )


def _keep_trial(backup: Backup) -> None:
    """A trial goes on under the account that its database belongs to. Its secrets are made anew:
    none that was in up.env is in a backup."""
    from services.up import FIRST_CALL_PLAYED  # it imports much that nothing else here needs

    if backup.contents.mode == "trial" and not up_env.configured().twilio_account_sid:
        where = place.prepare(home())
        up_env.write({TRIAL: backup.contents.account_sid}, where)
        (where.home / FIRST_CALL_PLAYED).touch()
