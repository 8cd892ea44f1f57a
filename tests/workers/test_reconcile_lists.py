"""Long lists, slow lists and lists that break off: nothing is lost, and the watermark waits."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from leads import (
    Call,
    Outage,
    Phone,
    Reconciliation,
    db,
    outage,
    reconciliation,
)
from tests.workers.provider import Provider, call, text
from tests.workers.town import everything, reconciled
from workers import reconcile
from workers.listing import Lists

HOUR = timedelta(hours=1)


def a_day(provider: Provider, calls: int) -> None:
    """So many calls, spread over the last hours; every second one is picked up."""
    step = 20 * HOUR / calls
    begin = datetime.now(UTC) - 21 * HOUR
    rows = [call(n, begin + n * step, picked_up=n % 2 == 0) for n in range(calls)]
    provider.add("Calls", [row for pair in rows for row in pair])


def outcomes() -> dict[str, int]:
    with db.transaction() as session:
        rows = session.execute(select(Call.outcome, func.count()).group_by(Call.outcome))
        return {outcome: count for outcome, count in rows}  # noqa: C416 - dict() cannot be typed of rows


def watermark() -> datetime | None:
    with db.transaction() as session:
        return reconciliation.watermark(session)


def test_every_page_is_asked_for_and_what_is_known_is_left_alone(provider: Provider) -> None:
    a_day(provider, 120)
    row = reconciled(lists=Lists(page=20))
    assert row.error is None
    assert outcomes() == {"answered": 60, "missed": 60}
    assert row.found["calls_added"] == 120
    before = everything()
    with db.transaction() as session:
        session.execute(update(Reconciliation).values(until=row.since))
    again = reconciled(lists=Lists(page=20))
    assert again.found == {"calls": row.found["calls"]}
    assert everything() == before


def test_calls_are_added_in_the_order_in_which_they_came(provider: Provider) -> None:
    """Lists begin with the newest; who called twice is known at the second call."""
    at = datetime.now(UTC) - 3 * HOUR
    provider.add("Calls", [*call(1, at), *call(10_001, at + HOUR)])
    reconciled()
    with db.transaction() as session:
        calls = session.scalars(select(Call).order_by(Call.started_at)).all()
        assert [each.returning for each in calls] == [False, True]
        assert [each.id for each in calls] == sorted(each.id for each in calls)


def test_twilio_may_ask_to_slow_down(provider: Provider) -> None:
    a_day(provider, 4)
    provider.faults = [429, 0, 429]
    row = reconciled()
    assert (row.error, outcomes()) == (None, {"answered": 2, "missed": 2})


def test_who_has_to_slow_down_for_too_long_gives_up_in_a_bounded_time(
    provider: Provider,
) -> None:
    a_day(provider, 4)
    provider.faults = [429] * 50
    began = time.monotonic()
    row = reconciled(lists=Lists(patience=2.5))
    assert time.monotonic() - began < 10
    assert "slow down" in (row.error or "")
    assert watermark() is None


def test_a_list_that_breaks_off_ends_the_comparison_and_the_watermark_stays(
    provider: Provider,
) -> None:
    a_day(provider, 40)
    with db.transaction() as session:
        real = db.database_time(session)
        outage.happened(session, "A test.", real - 2 * HOUR, real - HOUR)
    first = reconciled()
    assert first.error is None
    a_day(provider, 41)  # the same again, and a little more
    with db.transaction() as session:
        session.execute(update(Outage).values(reconciled_at=None))
    provider.asked.clear()
    provider.faults = [0] * 3 + [500] * 3
    row = reconcile.reconcile(datetime.now(UTC) - 23 * HOUR)
    assert "did not answer" in (row.error or "")
    assert watermark() == first.until
    with db.transaction() as session:
        assert outage.unreconciled(session)
    assert reconciled(datetime.now(UTC) - 23 * HOUR).error is None
    with db.transaction() as session:
        assert not outage.unreconciled(session)


def test_a_refused_account_is_said_so_at_once(provider: Provider) -> None:
    provider.faults = [401]
    row = reconcile.reconcile()
    assert "HTTP 401" in (row.error or "")
    assert len(provider.asked) == 1


def test_what_it_added_before_it_was_killed_is_not_added_twice(provider: Provider) -> None:
    a_day(provider, 60)
    provider.add("Messages", [text(3, datetime.now(UTC) - HOUR, "STOP")])
    code = "from workers.reconcile import reconcile; reconcile()"
    with subprocess.Popen([sys.executable, "-c", code], env=os.environ) as running:  # noqa: S603 - our own code
        deadline = time.monotonic() + 30
        while sum(outcomes().values()) < 20 and time.monotonic() < deadline:
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
    assert 20 <= sum(outcomes().values()) < 60 or "ringing" in outcomes()
    assert watermark() is None
    assert reconciled().error is None
    assert outcomes() == {"answered": 30, "missed": 30}
    before = everything()
    reconciled(datetime.now(UTC) - 23 * HOUR)
    assert everything() == before


def test_two_at_once_are_one(provider: Provider) -> None:
    a_day(provider, 4)
    with reconciliation.turn(), pytest.raises(reconciliation.Busy, match="Nothing was changed"):
        reconcile.reconcile()
    assert reconcile.reconcile().error is None


def test_numbers_of_other_uses_are_left_alone(provider: Provider) -> None:
    at = datetime.now(UTC) - HOUR
    rows = [(when, row | {"to": "+12065559999"}) for when, row in call(1, at)]
    provider.add("Calls", rows)
    when, theirs = text(2, at, "Hello")
    provider.add("Messages", [(when, theirs | {"to": "+12065559999"})])
    assert reconciled().found == {"calls": 1, "texts": 1}
    assert outcomes() == {}


def test_a_stop_to_any_number_of_the_account_counts_from_a_phone_that_we_know(
    provider: Provider,
) -> None:
    """A messaging service writes from any sender of its pool."""
    at = datetime.now(UTC) - HOUR
    provider.add("Calls", call(1, at - HOUR))
    assert reconciled().found["missed"] == 1
    for number in (1, 2):
        when, row = text(number, at, "STOP")
        provider.add("Messages", [(when, row | {"to": "+12065559999"})])
    assert reconciled(at - HOUR).found["texts_added"] == 1
    with db.transaction() as session:
        phone = session.scalars(select(Phone)).one()  # of the other one nothing is kept
        assert phone.opted_out_at is not None
