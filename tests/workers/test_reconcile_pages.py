"""A page of a list that is not there, or is no page, is not the end of the list."""

from datetime import UTC, datetime, timedelta

import pytest

from leads import db, outage, reconciliation
from tests.workers.provider import Provider, call, text
from tests.workers.town import reconciled
from workers import reconcile
from workers.listing import Lists

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def stop(provider: Provider) -> None:
    """During an outage, somebody called and said STOP."""
    at = datetime.now(UTC) - 2 * HOUR
    provider.add("Calls", call(1, at))
    provider.add("Messages", [text(n, at + n * timedelta(minutes=1), "STOP") for n in range(1, 5)])
    with db.transaction() as session:
        real = db.database_time(session)
        outage.happened(session, "A test.", real - 3 * HOUR, real - HOUR)


def dark() -> bool:
    with db.transaction() as session:
        return bool(outage.unreconciled(session))


def watermark() -> datetime | None:
    with db.transaction() as session:
        return reconciliation.watermark(session)


@pytest.mark.parametrize("what", ["Messages", "Calls"])
def test_a_list_that_is_not_there_passes_no_outage(provider: Provider, what: str) -> None:
    provider.refused = {what: 404}
    row = reconcile.reconcile()
    assert "HTTP 404" in (row.error or "")
    assert dark()
    assert watermark() is None
    provider.refused = {}
    assert reconciled().error is None
    assert not dark()


def test_a_page_that_is_not_there_is_not_the_last_one(provider: Provider) -> None:
    provider.refused = {"Page=1": 404}
    row = reconciled(lists=Lists(page=2))
    assert "HTTP 404" in (row.error or "")
    assert dark()
    assert watermark() is None


def test_a_page_without_a_list_passes_no_outage(provider: Provider) -> None:
    provider.empty = True
    row = reconcile.reconcile()
    assert "list of texts cannot be read" in (row.error or "")
    assert dark()
    assert watermark() is None


def test_a_list_of_recordings_that_is_not_there_holds_no_outage_up(provider: Provider) -> None:
    provider.refused = {"Recordings": 404}
    row = reconciled()
    assert "voicemails are not" in (row.error or "")
    assert watermark() is None
    assert not dark()
