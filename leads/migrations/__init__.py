"""Forward-only migrations: `upgrade` brings any earlier version's database to this one's."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from leads import first_day
from leads.db import engine, transaction
from leads.installation import Installation

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

VERSIONS = Path(__file__).parent / "versions"


def config() -> "Config":
    from alembic.config import Config  # 0.2 s that only migrating has to pay

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


def upgrade() -> None:
    """Migrate to head and stamp a new database. Raises WrongInstallation."""
    from alembic import command

    command.upgrade(config(), "head")
    with transaction() as session:
        Installation.current(session)
        first_day.begin(session)


def within(connection: "Connection", revision: str) -> None:
    """Migrate to `revision` inside the transaction of this connection: for a restore."""
    from alembic import command

    made = config()
    made.attributes["connection"] = connection
    command.upgrade(made, revision)


def knows(revision: str) -> bool:
    """Whether this version has that revision, and so can bring its tables to today's."""
    return any(path.name.startswith(f"{revision}_") for path in VERSIONS.glob("[0-9]*.py"))


def heads() -> tuple[str | None, str]:
    """The database's revision and this version's: equal when nothing is left to migrate.

    Revisions are numbered in the order in which they are run, so the last file is the head.
    """
    with engine().connect() as connection:
        stamped = inspect(connection).has_table("alembic_version")
        at = connection.scalar(text("SELECT version_num FROM alembic_version")) if stamped else None
    return at, max(path.name for path in VERSIONS.glob("[0-9]*.py")).split("_")[0]
