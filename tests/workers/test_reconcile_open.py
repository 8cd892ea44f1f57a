"""Calls of whose end nothing was heard, from before the lists begin: asked for one by one."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from leads import Call, TimelineEntry, clock, db, gaps
from leads import call as calls
from tests.workers.provider import Provider, call
from tests.workers.town import CLINIC, reconciled

MORE = gaps.MOST_OPEN + 1  # than one page


def under_way(sid: str, caller: str, at: datetime) -> None:
    with db.transaction() as session:
        shift = clock.now(session) - db.database_time(session)
        calls.arrive(session, sid, caller, CLINIC, "", at + shift)


def test_every_open_call_is_asked_for_the_oldest_too(provider: Provider) -> None:
    begin = datetime.now(UTC) - timedelta(hours=30)
    for number in range(MORE):
        (at, parent), leg = call(number, begin + number * timedelta(minutes=1))
        under_way(parent["sid"], parent["from"], at)
        provider.add("Calls", [(at, parent), leg])
    row = reconciled()
    assert (row.error, row.found["calls_settled"]) == (None, MORE)
    with db.transaction() as session:
        open_ones = select(func.count(Call.id)).where(Call.ended_at.is_(None))
        assert session.scalar(open_ones) == 0


def test_a_call_that_twilio_has_no_more_is_over_and_staff_are_told(provider: Provider) -> None:
    assert provider
    under_way("CA1", "+12065550142", datetime.now(UTC) - timedelta(hours=30))
    row = reconciled()
    assert (row.error, row.found["calls_settled"]) == (None, 1)
    with db.transaction() as session:
        ended = session.scalars(select(Call)).one()
        assert (ended.ended_at, ended.outcome) == (ended.started_at, "abandoned")
        told = select(TimelineEntry.text).where(TimelineEntry.kind == "needs_review")
        assert "no record of this call" in session.scalars(told).one()
    assert "calls_settled" not in reconciled().found
