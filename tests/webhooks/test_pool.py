"""The connections to the database, renewed after an outage."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from leads import db
from webhooks.reception import renew_pool


def backend() -> int:
    with db.transaction() as session:
        return process(session)


def process(session: Session) -> int:
    return int(session.execute(text("SELECT pg_backend_pid()")).scalar_one())


def test_a_renewed_pool_keeps_its_connections_and_ends_those_of_before(database: str) -> None:
    assert database
    for _ in range(3):
        before = backend()
        with db.transaction() as session:
            in_use = process(session)
            renew_pool()
        first, second, third = backend(), backend(), backend()
        assert first == second == third
        assert first not in {before, in_use}
    with db.transaction() as session:
        mine = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        assert session.execute(text(mine)).scalar_one() == 1
