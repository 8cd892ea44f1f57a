"""What every web process says about its installation."""

import pytest

from leads import Installation, db, health, heartbeat


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
