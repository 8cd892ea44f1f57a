"""What Twilio lists and we cannot take: one row, or one list, does not hold up all the others."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from leads import Call, FollowUp, Message, Phone, TimelineEntry, darkness, db, heartbeat, outage
from leads.reconciliation import watermark
from tests.workers.provider import Provider, Row, call, text
from tests.workers.town import reconciled
from workers import reconcile

HOUR = timedelta(hours=1)
TOO_MANY = f"{10**12}"  # more than a column holds: adding it fails however often it is tried


@pytest.fixture(autouse=True)
def an_outage(provider: Provider) -> datetime:
    """Of two hours, for which texts wait; when it ended."""
    assert provider
    with db.transaction() as session:
        heartbeat.beat(session, "webhooks", "webhooks:a")
        real = db.database_time(session)
        outage.happened(session, "A test.", real - 3 * HOUR, real - HOUR)
        return real - HOUR


def in_the_dark() -> bool:
    with db.transaction() as session:
        return darkness.why(session) is not None


def known_until() -> datetime | None:
    with db.transaction() as session:
        return watermark(session)


def bad_call(number: int) -> list[tuple[datetime, Row]]:
    """Its leg lasted longer than any number of seconds that we can keep."""
    (at, parent), (_, leg) = call(number, datetime.now(UTC) - 2 * HOUR)
    return [(at, parent), (at, leg | {"duration": TOO_MANY})]


def bad_text(number: int, **fields: Any) -> tuple[datetime, Row]:
    at, row = text(number, datetime.now(UTC) - 2 * HOUR, "Please, no more")
    return at, row | (fields or {"num_media": TOO_MANY})


def test_half_of_a_pair_is_a_character_like_any_other(provider: Provider) -> None:
    provider.add("Messages", [bad_text(1, body="hi \ud83d\0")])
    assert reconciled().error is None
    with db.transaction() as session:
        assert session.scalars(select(Message.body)).one() == "hi ?\N{REPLACEMENT CHARACTER}"


def test_texts_do_not_wait_for_a_call_that_cannot_be_added(provider: Provider) -> None:
    provider.add("Calls", [*bad_call(1), *call(2, datetime.now(UTC) - 2 * HOUR)])
    assert in_the_dark()
    row = reconciled()
    assert "1 of Twilio's calls" in (row.error or "")
    assert not in_the_dark()
    assert known_until() is None
    with db.transaction() as session:
        ended = select(func.count()).where(Call.outcome == "missed")
        assert session.scalar(ended) == 1
    # What is missing of the time before is looked for again, even though the outage is over.
    again = reconciled()
    assert again.since <= row.since
    assert again.error
    third = reconciled()
    assert (third.error, third.found["set_aside"]) == (None, 1)
    assert third.found["failing"] == {f"CA{1:032x}": 3}
    assert known_until() == third.until


def test_a_text_that_cannot_be_added_is_a_persons_to_read(provider: Provider) -> None:
    provider.add("Calls", call(1, datetime.now(UTC) - 2.5 * HOUR))
    provider.add("Messages", [bad_text(1)])
    for _ in range(2):
        assert reconciled().error
        assert in_the_dark()
        assert phone().unclear_at is None
    third = reconciled()
    assert (third.error, third.found["set_aside"]) == (None, 1)
    assert not in_the_dark()
    assert known_until() == third.until
    assert phone().unclear_at is not None
    with db.transaction() as session:
        run = session.scalars(select(FollowUp)).one()
        assert run.paused_at is not None
        told = select(TimelineEntry.text).where(TimelineEntry.kind == "unclear")
        assert f"SM{1:032x}" in session.scalars(told).one()
        assert session.scalar(select(func.count(Message.id)).where(Message.sid.is_not(None))) == 0


def phone() -> Phone:
    with db.transaction() as session:
        return session.scalars(select(Phone)).one()


def test_who_cannot_have_the_recordings_has_all_else(provider: Provider) -> None:
    provider.add("Calls", call(1, datetime.now(UTC) - 2 * HOUR))
    provider.refused = {"Recordings": 403}
    row = reconciled()
    assert "voicemails are not. Twilio refused its list of recordings (HTTP 403)" in str(row.error)
    assert "TOKEN" not in str(row.error)
    assert not in_the_dark()
    assert known_until() is None
    with db.transaction() as session:
        assert session.scalars(select(FollowUp)).one().trigger == "missed"


def test_a_row_that_cannot_be_read_is_left_out_and_counted(provider: Provider) -> None:
    at, row = text(1, datetime.now(UTC) - 2 * HOUR, "Hello")
    del row["sid"]
    provider.add("Messages", [(at, row), text(2, at, "STOP")])
    found = reconciled()
    assert (found.error, found.found["unreadable"], found.found["texts_added"]) == (None, 1, 1)


def test_what_nobody_foresaw_is_written_down(provider: Provider) -> None:
    provider.nonsense = True
    row = reconcile.reconcile()
    assert "nobody foresaw" in (row.error or "")
    assert in_the_dark()
