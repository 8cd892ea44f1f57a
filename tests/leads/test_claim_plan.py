"""The sender's searches read the partial indexes, however many reminders wait for their time."""

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from sqlalchemy import event, text, update
from sqlalchemy.orm import Session

from leads import due, lease, outbox
from leads.reminder import Reminder
from leads.tracking_number import TrackingNumber
from tests.benchmarks import backlog
from tests.conftest import TUESDAY_TEN

Answer = TypeVar("Answer")
DUE = 5
# Tables that only ever grow.
LONG = {"consent", "follow_up", "lead", "lead_phone", "message", "phone", "reminder", "timeline"}


@pytest.fixture
def busy(database: str, session: Session) -> Session:
    """20,000 reminders scheduled, a few of them due; as many texts sent, and a few queued."""
    assert database  # its own: of rows that were rolled back, the plans would still see the pages
    backlog.scheduled(session, 20_000 // backlog.STEPS, TUESDAY_TEN)
    session.execute(update(Reminder).where(Reminder.id <= DUE).values(due_at=TUESDAY_TEN))
    backlog.texts(session, DUE, "queued", TUESDAY_TEN)
    session.execute(update(TrackingNumber).values(texts_per_second=1000, tokens=1000))
    session.execute(text("ANALYZE"))
    return session


def test_looking_and_claiming_use_the_partial_indexes(busy: Session) -> None:
    found, look = plans(busy, lambda: due.reminders(busy, TUESDAY_TEN, 100))
    assert len(found) == DUE
    assert partial_indexes(busy, "reminder") & {node.get("Index Name") for node in look}
    claimed, claim = plans(busy, lambda: lease.take(busy, TUESDAY_TEN, 100))
    assert len(claimed) == DUE
    assert partial_indexes(busy, "message") & {node.get("Index Name") for node in claim}
    assert not read_whole(look + claim)


def test_deciding_checking_and_writing_down_read_no_long_table_whole(busy: Session) -> None:
    ids = due.reminders(busy, TUESDAY_TEN, 100)
    _, decide = plans(busy, lambda: due.queue(busy, ids, TUESDAY_TEN))
    claims = lease.take(busy, TUESDAY_TEN, 100)
    posts, check = plans(busy, lambda: outbox.authorize(busy, claims, TUESDAY_TEN))
    assert posts
    taken = [(post.message_id, post.attempt, f"SM{post.message_id}") for post in posts]
    _, write = plans(busy, lambda: outbox.accepted(busy, taken, TUESDAY_TEN))
    assert not read_whole(decide + check + write)


def read_whole(nodes: list[Any]) -> set[str]:
    """The long tables that a plan reads from end to end."""
    return {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"} & LONG


def plans(session: Session, act: Callable[[], Answer]) -> tuple[Answer, list[Any]]:
    """What `act` answers, and every node of the plans of every statement that it executed."""
    connection = session.connection()
    executed: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, values: Any, _x: Any, many: bool) -> None:
        first = many and not isinstance(values, dict)
        executed.append((statement, values[0] if first else values))

    event.listen(connection, "before_cursor_execute", note)
    answer = act()
    event.remove(connection, "before_cursor_execute", note)
    nodes: list[Any] = []
    for statement, values in executed:
        told = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
        plan = told if isinstance(told, list) else json.loads(told)
        nodes += nodes_of(plan[0]["Plan"])
    return answer, nodes


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes_of(below)


def partial_indexes(session: Session, table: str) -> set[str]:
    names = text(
        "SELECT indexrelid::regclass::text FROM pg_index "
        "WHERE indrelid = CAST(:table AS regclass) AND indpred IS NOT NULL"
    )
    return set(session.scalars(names, {"table": table}))
