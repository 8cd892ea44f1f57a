"""A real process, killed while the database is away: what it had answered is there afterwards."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from leads import Call, clock, db
from leads.installation import Installation
from tests.conftest import TUESDAY_TEN
from tests.e2e.conftest import free_port
from tests.webhooks.caller import Twilio, call_fields
from tests.webhooks.crowd import eventually
from tests.webhooks.rows import count, verbs

ROOT = Path(__file__).parents[2]
NO_DATABASE = "postgresql://ringback@/nowhere?host=/nowhere"


@contextmanager
def webhooks(home: Path, database: str) -> Iterator[tuple[Twilio, "subprocess.Popen[bytes]"]]:
    port = str(free_port())
    process = subprocess.Popen(  # noqa: S603 - our own application
        [
            sys.executable,
            "-m",
            "uvicorn",
            "webhooks.app:app",
            "--port",
            port,
            "--log-level",
            "error",
        ],
        env={**os.environ, "DATABASE_URL": database, "RINGBACK_HOME": str(home)},
        cwd=ROOT,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            eventually(lambda: answers(client), 30)
            yield Twilio(client), process
    finally:
        process.terminate()
        process.wait(20)


def answers(client: httpx.Client) -> bool:
    with suppress(httpx.TransportError):
        return client.get("/health").status_code == 200
    return False


def test_a_killed_process_leaves_its_calls_to_the_next_one(database: str, home: Path) -> None:
    with db.transaction() as session:
        Installation.current(session)
        clock.set_to(session, TUESDAY_TEN)
    with webhooks(home, database):
        eventually((home / "routing.json").exists)
    with webhooks(home, NO_DATABASE) as (twilio, process):
        for number in range(5):
            answer = twilio.post("voice", call_fields(f"CA{number}"))
            assert verbs(answer.text) == ["Dial"], "by the routing that another process left"
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert count(Call) == 0
    with webhooks(home, database) as (twilio, _):
        eventually(lambda: count(Call) == 5)
        eventually(lambda: twilio.client.get("/ready").json()["spooled"] == 0)
