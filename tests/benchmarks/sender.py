"""The sending side alone: real workers and beat, on databases of the benchmark's own."""

import itertools
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, text, update
from sqlalchemy.orm import Session

from leads import clock, db, migrations
from leads.tracking_number import TrackingNumber
from services import Servers, local_servers, procfile
from services.program import Program, stop
from tests.benchmarks.installation import RINGBACK, TUESDAY_TEN, NotMeasured
from tests.benchmarks.provider import Provider, provider
from tests.conftest import ACCOUNT_SID, AUTH_TOKEN, forget_settings
from tests.services.running import ROOT, free_port

TEMPLATE = "bench_template"
PATIENCE = 60.0  # seconds for workers to start


@dataclass(frozen=True)
class Sender:
    servers: Servers
    provider: Provider
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def database(self) -> Iterator[datetime]:
        """A new one, without leads, for this process and the workers that it starts; gives its
        practice time: a Tuesday, ten in the morning."""
        name = f"bench_{next(self._numbers)}"
        self.servers.create_database(name, TEMPLATE)
        with settings(self._environment(name)):
            with db.transaction() as session:
                now = clock.set_to(session, datetime.fromisoformat(TUESDAY_TEN))
            yield now
        self.servers.drop_database(name)

    def migrate(self) -> None:
        self.servers.create_database(TEMPLATE)
        with settings(self._environment(TEMPLATE)):
            migrations.upgrade()

    @contextmanager
    def workers(self, count: int) -> Iterator[None]:
        """So many worker processes and beat, by the Procfile; all of them have looked for work
        when the block begins."""
        commands = procfile.read(ROOT / "Procfile")
        names = [f"worker-{number}" for number in range(1, count + 1)]
        with ExitStack() as stack:
            for name in [*names, "beat"]:
                stack.enter_context(self._running(name, commands[name.split("-")[0]]))
            _wait_for(set(names))
            yield

    @contextmanager
    def web(self, name: str) -> Iterator[str]:
        """The dashboard, by the Procfile, or the plain page beside it; gives its address."""
        port = free_port()
        command = procfile.read(ROOT / "Procfile")["dashboard"]
        if name != "dashboard":
            command = command.replace("leads.dashboard.app:app", "tests.benchmarks.plain_page:app")
        with self._running(name, command, DASHBOARD_PORT=str(port)):
            address = f"http://127.0.0.1:{port}"
            _wait_for_web(address)
            yield address

    @contextmanager
    def _running(self, name: str, command: str, **more: str) -> Iterator[None]:
        # PostgreSQL is told the name, which shows who is there.
        environment = {**os.environ, "PGAPPNAME": name, **more}
        words = procfile.argv(command, environment)
        program = Program(name, [str(RINGBACK.parent / words[0]), *words[1:]], environment, ROOT)
        with (self._home / f"{name}.log").open("ab") as log:
            process = program.start(log)
        try:
            yield
        finally:
            stop(process, program.stop)

    @property
    def _home(self) -> Path:
        return self.servers.place.home

    def _environment(self, database: str) -> dict[str, str]:
        return {
            "RINGBACK_HOME": str(self._home),
            "DATABASE_URL": self.servers.database_url(database),
            "REDIS_URL": self.servers.redis_url,
            "SECRET_KEY": "a key for benchmarks alone",
            "PUBLIC_URL": "https://calls.example.com",
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "TWILIO_API_BASE": self.provider.address,
        }


@contextmanager
def sender(latency: float) -> Iterator[Sender]:
    """Servers with `fsync` on, and a provider that answers after `latency` seconds."""
    with local_servers() as servers, provider(latency) as taker:
        made = Sender(servers, taker)
        made.migrate()
        yield made


@contextmanager
def settings(told: Mapping[str, str]) -> Iterator[None]:
    """This process, and those that it starts, go by these settings and by none of the machine's."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [*os.environ]:
            if name.startswith(("TWILIO_", "RINGBACK_", "DATABASE_", "REDIS_", "SMTP_", "SECRET_")):
                patch.delenv(name)
        for name, value in told.items():
            patch.setenv(name, value)
        forget_settings()
        try:
            yield
        finally:
            forget_settings()


def pace(session: Session, texts_per_second: float, saved: float = 0) -> None:
    """Of every number from now on, with so many texts saved up."""
    values = {"texts_per_second": texts_per_second, "tokens": saved}
    session.execute(update(TrackingNumber).values(**values, tokens_at=func.clock_timestamp()))


def _wait_for_web(address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            httpx.get(f"{address}/")
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise NotMeasured(f"{address} did not answer within {PATIENCE:.0f} s.") from None
            time.sleep(0.1)
        else:
            return


def _wait_for(names: set[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    found = text("SELECT DISTINCT application_name FROM pg_stat_activity")
    while True:
        with db.transaction() as session:
            if names <= set(session.scalars(found)):
                return
        if time.monotonic() > deadline:
            raise NotMeasured(f"The workers did not look for work within {PATIENCE:.0f} s.")
        time.sleep(0.1)
