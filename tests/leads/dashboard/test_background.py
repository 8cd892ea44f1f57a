"""Work of many steps of which one fails: what was done stands, and the page offers to go on."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from leads import bulk, db
from leads.bulk import BulkChange
from leads.dashboard import background
from tests.browser import people
from tests.leads.dashboard.desk import lead, press
from tests.leads.dashboard.test_pages import plain
from tests.leads.dashboard.test_pages_outcomes import client

__all__ = ["client"]  # a fixture


def test_a_step_that_fails_while_somebody_waits_keeps_those_before_it(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam, maria = lead(people.SAM).id, lead(people.MARIA).id
    fails_at = max(sam, maria)
    really = bulk._one

    def broken(session: object, change: BulkChange, lead_id: int) -> None:
        if lead_id == fails_at:
            raise RuntimeError
        really(session, change, lead_id)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(bulk, "_one", broken)
        told = {"kind": "stage", "stage": "won", "lead": [sam, maria]}
        there = press(client, "/leads/bulk", **told)  # type: ignore[arg-type]
    assert there.status_code == 303
    assert background.idle()
    with db.transaction() as session:
        change = session.scalars(select(BulkChange)).one()
        assert (change.through, change.done) == (1, 1)
        assert change.moved_at is not None
        change.moved_at -= bulk.STALLED + timedelta(seconds=1)
    page = plain(client.get(there.headers["location"]))
    assert "1 of 2 leads" in page
    assert "What was done is kept." in page
    assert "Go on" in page
    press(client, there.headers["location"])
    assert "Done 2 changed" in plain(client.get(there.headers["location"]))
