"""Models and migrations agree."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from leads import db, migrations


def test_the_migrations_make_what_the_models_say(database: str) -> None:
    assert database
    with db.engine().connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, db.Base.metadata) == []


def test_a_migrated_database_has_nothing_left_to_migrate(database: str) -> None:
    assert database
    at, head = migrations.heads()
    assert at == head == ScriptDirectory.from_config(migrations.config()).get_current_head()
