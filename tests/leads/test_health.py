"""What every web process says about its installation."""

from datetime import timedelta

import pytest

from leads import Installation, db, health, heartbeat
from leads.heartbeat import Heartbeat
from leads.reconciliation import Reconciliation


@pytest.fixture(autouse=True)
def installation(database: str) -> None:
    assert database
    with db.transaction() as session:
        Installation.current(session)


def test_a_spool_of_which_nobody_knows_since_when_it_waits_is_told_of() -> None:
    """A version before this one told of a torn line without a time."""
    with db.transaction() as session:
        heartbeat.beat(session, "webhooks", "webhooks:here", spooled=1)
    spool = next(check for check in health.ready() if check.name == "spool")
    assert spool.passed
    assert spool.text.startswith("1 of Twilio's requests wait to be written down: ")


def test_the_spool_of_a_process_that_is_gone_is_known_from_twilios_lists() -> None:
    """Its row stays for a week, so that nobody's is forgotten too early."""
    with db.transaction() as session:
        heartbeat.beat(session, "webhooks", "webhooks:gone", spooled=1)
        real = db.database_time(session)
        session.get_one(Heartbeat, "webhooks:gone").at = real - timedelta(minutes=5)
    assert "wait to be written down: " in spool_of_ready()
    with db.transaction() as session:
        span = {"began_at": real, "since": real - timedelta(days=1)}
        session.add(Reconciliation(**span, finished_at=real, until=real, found={}))
    assert spool_of_ready() == "Nothing that Twilio sent waits to be written down."


def spool_of_ready() -> str:
    return next(check.text for check in health.ready() if check.name == "spool")
