"""Forward-only migrations: `upgrade` brings any earlier version's database to this one's."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from leads import first_day
from leads.db import engine, transaction
from leads.installation import Installation


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


def upgrade() -> None:
    """Migrate to head and stamp a new database. Raises WrongInstallation."""
    command.upgrade(config(), "head")
    with transaction() as session:
        Installation.current(session)
        first_day.begin(session)


def heads() -> tuple[str | None, str | None]:
    """The database's revision and this version's: equal when nothing is left to migrate."""
    with engine().connect() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    return at, ScriptDirectory.from_config(config()).get_current_head()
