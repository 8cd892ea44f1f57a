"""Whatever happens to the database, the caller hears the clinic ring within two seconds, and the
call is there afterwards. Measured at the client."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, text

from leads import Call, Heartbeat, WebhookEvent, clock, db, migrations
from leads.installation import Installation
from tests.conftest import TUESDAY_TEN, forget_settings
from tests.server import serving
from tests.webhooks.caller import DESK_PHONE, Twilio, call_fields
from tests.webhooks.crowd import Timed, crowd, eventually, ring_at_once, soon, timed
from tests.webhooks.own_postgres import OwnPostgres, own_postgres
from tests.webhooks.rows import count, verbs
from webhooks.app import app
from webhooks.delivery import CALLERS_PATIENCE

OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture(scope="module")
def server() -> Iterator[OwnPostgres]:
    with own_postgres() as running:
        yield running


@pytest.fixture
def postgres(
    server: OwnPostgres, home: Path, environment: pytest.MonkeyPatch
) -> Iterator[OwnPostgres]:
    """A PostgreSQL of our own, with the practice's empty tables, on a Tuesday at ten."""
    assert home
    with environment.context() as patch:
        patch.setenv("DATABASE_URL", server.url)
        forget_settings()
        with db.engine().begin() as connection:
            connection.execute(OTHERS)  # of the test before, which may hold tables
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        migrations.upgrade()
        with db.transaction() as session:
            Installation.current(session)
            clock.set_to(session, TUESDAY_TEN)
        yield server
        if server.process is None:
            server.start()
        server.thaw()
        forget_settings()


@pytest.fixture
def ours(postgres: OwnPostgres) -> Iterator[Twilio]:
    assert postgres
    with serving(app) as address, httpx.Client(base_url=address, timeout=20) as client:
        eventually(lambda: app.state.reception.routing)
        yield Twilio(client)


def rings(answers: list[Timed]) -> None:
    """Each of them rings the clinic, soon."""
    for answer, _ in answers:
        assert answer.status_code == 200
        assert verbs(answer.text) == ["Dial"]
        assert DESK_PHONE in answer.text
        assert "voice/leg?phone=1&amp;call=CA" in answer.text, "its later webhooks still fit"
    longest = max(seconds for _, seconds in answers)
    print(f"the longest of {len(answers)} answers took {longest:.2f} s")  # noqa: T201 - for -s
    assert soon(longest)


def everything_is_there(calls: int) -> None:
    """Each call once, none left in the spool, the breaker closed."""
    eventually(lambda: count(Call) == calls)
    eventually(lambda: app.state.reception.spool.waiting().count == 0)
    eventually(lambda: not app.state.reception.breaker.is_open)
    with db.transaction() as session:
        assert session.scalars(select(WebhookEvent.error)).unique().all() == [None]
        assert session.scalars(select(WebhookEvent.answer)).unique().all() != [None]


def test_while_the_database_is_frozen_in_mid_query_32_at_once(
    postgres: OwnPostgres, ours: Twilio
) -> None:
    with crowd(ours) as twilios:
        rings(ring_at_once(twilios, "CAbefore"))
        holding = threading.Timer(0.02, postgres.freeze)
        holding.start()
        rings(ring_at_once(twilios, "CAfrozen"))
        holding.join()
        eventually(lambda: app.state.reception.breaker.is_open)
        rings(ring_at_once(twilios, "CAskipped"))
        _, seconds = timed(lambda: ours.post("voice", call_fields("CAalone")))
        assert seconds < CALLERS_PATIENCE, "the breaker spares them the wait"
        postgres.thaw()
        everything_is_there(97)
        rings(ring_at_once(twilios, "CAafter"))
        everything_is_there(129)


def test_while_the_database_is_down_and_when_it_comes_back(
    postgres: OwnPostgres, ours: Twilio
) -> None:
    with crowd(ours) as twilios:
        postgres.stop()
        rings(ring_at_once(twilios, "CAdown"))
        rings(ring_at_once(twilios, "CAstill"))
        postgres.start(wait=False)
        rings(ring_at_once(twilios, "CAstarting"))
        everything_is_there(96)


def test_while_the_database_is_slow(postgres: OwnPostgres, ours: Twilio) -> None:
    assert postgres
    trigger("PERFORM pg_sleep(2.5); RETURN NEW;")
    with crowd(ours, 8) as twilios:
        rings(ring_at_once(twilios, "CAslow"))
        trigger("RETURN NEW;")
        everything_is_there(8)


def test_while_the_disk_of_the_database_is_full(postgres: OwnPostgres, ours: Twilio) -> None:
    assert postgres
    trigger("RAISE 'could not extend file' USING ERRCODE = 'disk_full';")
    with crowd(ours, 8) as twilios:
        rings(ring_at_once(twilios, "CAfull"))
        trigger("RETURN NEW;")
        everything_is_there(8)


def trigger(body: str) -> None:
    """What happens when an event is written."""
    with db.transaction() as session:
        session.execute(
            text(
                "CREATE OR REPLACE FUNCTION hindered() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN {body} END $$"
            )
        )
        session.execute(
            text(
                "CREATE OR REPLACE TRIGGER hindered BEFORE INSERT ON webhook_event "
                "FOR EACH ROW EXECUTE FUNCTION hindered()"
            )
        )


def test_while_the_pool_is_exhausted(postgres: OwnPostgres, ours: Twilio) -> None:
    assert postgres
    with crowd(ours) as twilios, ExitStack() as held:
        for _ in range(10):
            held.enter_context(db.engine().connect())
        rings(ring_at_once(twilios, "CApool"))
    everything_is_there(32)


def test_a_lock_that_somebody_holds_is_not_waited_for(postgres: OwnPostgres, ours: Twilio) -> None:
    assert postgres
    with crowd(ours) as twilios:
        with db.engine().begin() as connection:
            connection.execute(text("LOCK TABLE call IN ACCESS EXCLUSIVE MODE"))
            rings(ring_at_once(twilios, "CAlock"))
        everything_is_there(32)


def test_a_process_that_starts_during_the_outage_knows_whom_to_ring(
    postgres: OwnPostgres, ours: Twilio
) -> None:
    assert ours
    routing = app.state.reception.routing_file
    assert routing.stat().st_mode & 0o777 == 0o600
    postgres.stop()
    with serving(app) as address, httpx.Client(base_url=address, timeout=20) as client:
        rings([timed(lambda: Twilio(client).post("voice", call_fields()))])
        ready = client.get("/ready")
        assert (ready.status_code, ready.json()["failed"]) == (503, ["database"])
        assert ready.json()["spooled"] == 1
        assert ready.json()["texts_wait"] is None
        postgres.start()
        everything_is_there(1)
        eventually(lambda: client.get("/ready").json()["failed"] == [])


def test_knowing_nothing_at_all_the_phone_from_the_settings_rings(
    postgres: OwnPostgres, environment: pytest.MonkeyPatch
) -> None:
    postgres.stop()
    with environment.context() as patch:
        patch.setenv("FALLBACK_PHONE", "+1 425 555 0109")
        forget_settings()
        with serving(app) as address, httpx.Client(base_url=address, timeout=20) as client:
            answer, seconds = timed(lambda: Twilio(client).post("voice", call_fields()))
            assert verbs(answer.text) == ["Dial"]
            assert "+14255550109" in answer.text
            assert soon(seconds)
    forget_settings()
    with serving(app) as address, httpx.Client(base_url=address, timeout=20) as client:
        answer, _ = timed(lambda: Twilio(client).post("voice", call_fields("CA2")))
        assert verbs(answer.text) == ["Say", "Record", "Say"], "Twilio keeps what they say"
        postgres.start()
        everything_is_there(2)
        eventually(lambda: reported() == [0])


def reported() -> list[int]:
    with db.transaction() as session:
        return list(session.scalars(select(Heartbeat.spooled)))


def test_texts_and_reports_are_kept_too_and_answered_with_nothing(
    postgres: OwnPostgres, ours: Twilio
) -> None:
    postgres.stop()
    for path, fields in (
        (
            "sms",
            {"MessageSid": "SM1", "From": "+12065550142", "To": "+14254379974", "Body": "STOP"},
        ),
        ("sms/status?message=7", {"MessageSid": "SM2", "MessageStatus": "delivered"}),
        ("recording", {"CallSid": "CA1", "RecordingSid": "RE1", "RecordingStatus": "completed"}),
        ("voice/status", call_fields() | {"CallStatus": "completed"}),
    ):
        answer = ours.post(path, fields)
        assert (answer.status_code, verbs(answer.text)) == (200, []), path
    assert app.state.reception.spool.waiting().count == 4
    postgres.start()
    eventually(lambda: count(WebhookEvent) == 4)
