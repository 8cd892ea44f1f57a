"""Reconciliation beside live webhooks about the same calls and texts; and its command."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

import ringback
from leads import (
    Call,
    FollowUp,
    Installation,
    Lead,
    Message,
    Outage,
    TimelineEntry,
    db,
    outage,
    reconciliation,
)
from leads.settings import home
from tests.workers.test_reconcile import assert_one_to_one
from tests.workers.town import DESK, Town, everything, reconciled
from webhooks.spool import Spool
from workers import reconcile
from workers.comparison import UNAVAILABLE

# Each person does one thing, while the lists are gone through without a pause.
SCRIPTS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"answer": DESK, "talk_seconds": 60}, "answered"),
    ({"voicemail_seconds": 12}, "voicemail"),
    ({"hangup_while": "ringing"}, "abandoned"),
    ({}, "missed"),
)
PEOPLE = [f"+1206555{n:04}" for n in range(100, 116)]


@contextmanager
def reconciling_all_the_time() -> Iterator[list[str | None]]:
    """Without the minute's grace that live webhooks have: the two collide as often as can be."""
    stop, errors = threading.Event(), list[str | None]()

    def again_and_again() -> None:
        while not stop.is_set():
            with suppress(*UNAVAILABLE):  # ten webhooks in this process hold every connection
                errors.append(reconciled().error)

    thread = threading.Thread(target=again_and_again)
    thread.start()
    try:
        yield errors
    finally:
        stop.set()
        thread.join()


def test_it_does_no_harm_beside_live_webhooks_of_the_same_calls(town: Town) -> None:
    with reconciling_all_the_time() as errors, ThreadPoolExecutor(4) as pool:
        rung = [
            pool.submit(town.ring, caller, **SCRIPTS[n % len(SCRIPTS)][0])
            for n, caller in enumerate(PEOPLE)
        ]
        texts = [pool.submit(town.text, caller, "Friday?") for caller in PEOPLE[::4]]
        sids = [each.result() for each in rung]
        for each in texts:
            each.result()
    spoken = {recording["call_sid"] for recording in town.listed("Recordings")}
    expected = {}
    for n, sid in enumerate(sids):
        outcome = SCRIPTS[n % len(SCRIPTS)][1]
        # On a slow machine somebody may not be quick enough to speak.
        expected[sid] = "missed" if outcome == "voicemail" and sid not in spoken else outcome
    deadline = time.monotonic() + 30
    spool = Spool(home() / "spool")  # what was kept there meanwhile comes, too
    while (outcomes() != expected or spool.waiting().count) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert outcomes() == expected
    assert reconciled().error is None
    # Beside ten webhooks in one process, it may find no connection free; it says so and goes on.
    assert all(error is None or "database did not answer" in error for error in errors)
    assert_one_to_one(town)
    with db.transaction() as session:
        calls = session.scalars(select(Call)).all()
        assert all(call.ended_at is not None for call in calls)
        assert session.scalar(select(func.count()).select_from(Lead)) == len(PEOPLE)
        runs = session.scalars(select(FollowUp.lead_id).where(FollowUp.ended_at.is_(None))).all()
        assert len(runs) == len(set(runs)), "one follow-up for each"
        told = select(func.count()).where(TimelineEntry.kind == "call")
        assert session.scalar(told) == len(PEOPLE)
    before = everything()
    assert reconciled().error is None
    assert everything() == before


def outcomes() -> dict[str, str]:
    with db.transaction() as session:
        return {call.sid: call.outcome for call in session.scalars(select(Call))}


def test_what_is_younger_than_a_minute_is_left_to_its_webhooks(town: Town) -> None:
    town.nobody_hears()
    town.ring(PEOPLE[0])
    town.text(PEOPLE[0], "STOP")
    row = reconcile.reconcile()
    assert row.error is None
    assert row.until <= datetime.now(UTC) - reconciliation.GRACE + timedelta(seconds=1)
    with db.transaction() as session:
        assert session.scalars(select(Call)).first() is None
        assert session.scalars(select(Message)).first() is None
    assert reconciled().found["calls_added"] == 1


def test_the_command_shows_what_was_found_and_names_nobody(
    town: Town, capfd: pytest.CaptureFixture[str]
) -> None:
    town.nobody_hears()
    town.ring(PEOPLE[0])
    reconciled()
    shown = CliRunner().invoke(ringback.app, ["reconcile", "--since", "2h"])
    assert shown.exit_code == 0, shown.output
    assert "calls listed by Twilio" in shown.output
    captured = capfd.readouterr()
    assert "6555" not in shown.output + captured.out + captured.err
    refused = CliRunner().invoke(ringback.app, ["reconcile", "--since", "soon"])
    assert "is no time" in str(refused.exception)
    town.fault("unauthorized", probability=1)
    failed = CliRunner().invoke(ringback.app, ["reconcile"])
    assert (failed.exit_code, "Twilio refused its lists" in failed.output) == (1, True)


def test_it_is_due_every_five_minutes_and_as_soon_as_an_outage_can_be_passed(
    database: str,
) -> None:
    assert database
    with db.transaction() as session:
        assert reconciliation.is_due(session)
        real = db.database_time(session)
        begin, until = reconciliation.span(session, None)
        reconciliation.finish(session, real, begin, until, {}, None)
    with db.transaction() as session:
        assert not reconciliation.is_due(session)
        outage.happened(session, "A test.", real - timedelta(hours=1), real)
    with db.transaction() as session:
        assert not reconciliation.is_due(session), "a minute has to go by first"
        only = session.scalars(select(Outage)).one()
        only.ended_at = real - reconciliation.GRACE
    with db.transaction() as session:
        assert reconciliation.is_due(session)
        began_at = real - reconciliation.EVERY
        reconciliation.finish(session, real, begin, until, {}, "Twilio did not answer.")
        session.flush()
        assert not reconciliation.is_due(session), "after a failure it waits"
        reconciliation.finish(session, began_at, begin, until, {}, "Twilio did not answer.")
        session.flush()
        assert reconciliation.is_due(session)


def test_the_first_comparison_begins_with_the_installation_and_leaves_no_gap_later(
    database: str,
) -> None:
    assert database
    with db.transaction() as session:
        real = db.database_time(session)
        created_at = real - timedelta(hours=5)
        Installation.current(session).created_at = created_at
        since, _ = reconciliation.span(session, None)
        assert since == created_at, "what is older is another time's"
        reconciliation.finish(session, real, since, real - timedelta(hours=3), {}, None)
        since, _ = reconciliation.span(session, real - timedelta(hours=1))
        assert since == real - timedelta(hours=3), "a shorter span would leave a gap"
        since, _ = reconciliation.span(session, real - timedelta(hours=9))
        assert since == real - timedelta(hours=9)
