"""Alembic's environment: our models, our database, and a short wait for locks."""

from alembic import context
from sqlalchemy import Connection, text

import leads.nouns  # noqa: F401 - importing it defines every table
from leads.db import Base, engine


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations run against a real database; there is no offline mode.")

given: Connection | None = context.config.attributes.get("connection")
if given is not None:  # somebody's transaction, and their own limits
    run(given)
else:
    with engine().connect() as connection:
        # The version before keeps running while we migrate: rather fail than queue in front of it.
        connection.execute(text("SET lock_timeout = '3s'"))
        connection.execute(text("SET statement_timeout = '15min'"))
        connection.commit()
        run(connection)
