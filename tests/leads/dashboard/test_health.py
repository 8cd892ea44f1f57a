"""Whether the figures and checks tell a supervisor the truth, and nobody else anything."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from leads import clock, db
from leads.dashboard.app import app
from leads.message import Message
from leads.phone import Phone
from tests.leads.dashboard.people import browser, caller, token
from tests.server import serving


@pytest.fixture
def address(database: str) -> Iterator[str]:
    assert database
    with serving(app) as at:
        yield at


def queue_a_text(due: timedelta, retry: timedelta | None = None) -> None:
    """A queued text that is due so long from now."""
    with db.transaction() as session:
        now = clock.now(session)
    lead_id = caller("+14255550142", "Maria Lopez", now)
    with db.transaction() as session:
        session.add(
            Message(
                lead_id=lead_id,
                phone_id=Phone.of(session, "+14255550142").id,
                direction="outbound",
                body="Hi, this is Back In Balance.",
                segments=1,
                state="queued",
                created_at=now,
                due_at=now + due,
                retry_after=None if retry is None else db.database_time(session) + retry,
            )
        )


def test_a_running_process_is_healthy(address: str) -> None:
    assert httpx.get(f"{address}/health").json() == {"status": "ok"}


def test_a_migrated_database_without_late_texts_is_ready(address: str) -> None:
    queue_a_text(timedelta(seconds=-30))
    answer = httpx.get(f"{address}/ready", headers={"Host": "10.0.0.7"})
    assert (answer.status_code, answer.json()["failed"]) == (200, [])


def test_a_text_that_is_late_is_not_ready(address: str) -> None:
    queue_a_text(timedelta(minutes=-3))
    answer = httpx.get(f"{address}/ready")
    assert (answer.status_code, answer.json()["failed"]) == (503, ["due"])


def test_a_text_that_the_carrier_put_off_is_not_late(address: str) -> None:
    queue_a_text(timedelta(minutes=-3), timedelta(seconds=30))
    assert httpx.get(f"{address}/ready").status_code == 200


def test_an_old_schema_is_not_ready(address: str) -> None:
    with db.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = httpx.get(f"{address}/ready")
    assert (answer.status_code, answer.json()["failed"]) == (503, ["migrations"])
    assert "ringback migrate" in answer.json()["checks"]["migrations"]


def test_a_lost_database_is_not_ready_and_pages_say_so(
    address: str, environment: pytest.MonkeyPatch
) -> None:
    from tests.conftest import forget_settings

    read = token("read")
    with environment.context() as patch:
        patch.setenv("DATABASE_URL", "postgresql://ringback@127.0.0.1:1/none")
        forget_settings()
        answer = httpx.get(f"{address}/ready", timeout=20)
        assert (answer.status_code, answer.json()["failed"]) == (503, ["database"])
        assert httpx.get(f"{address}/health").status_code == 200
        problem = httpx.get(f"{address}/api/v1/leads", headers=read, timeout=20)
        assert problem.status_code == 503
        assert problem.headers["content-type"] == "application/problem+json"
    forget_settings()


def test_figures_are_for_this_machine_or_a_token(address: str) -> None:
    read = token("read")
    assert httpx.get(f"{address}/metrics").status_code == 200
    with browser(address) as outsider:
        assert outsider.get("/metrics").status_code == 401
        assert outsider.get("/metrics", headers=read).status_code == 200
    wrong = {"Authorization": "Bearer guessed"}
    assert httpx.get(f"{address}/metrics", headers=wrong).status_code == 401


def test_figures_tell_of_work_and_never_of_a_person(address: str) -> None:
    queue_a_text(timedelta(minutes=-5))
    figures = httpx.get(f"{address}/metrics").text
    assert 'ringback_leads{stage="new"} 1.0' in figures
    assert 'ringback_messages{state="queued"} 1.0' in figures
    assert "ringback_live_streams 0.0" in figures
    age = next(line for line in figures.splitlines() if line.startswith("ringback_due_age"))
    assert 300 <= float(age.split()[1]) < 330
    assert "425" not in figures
    assert "Maria" not in figures
