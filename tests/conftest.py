"""One PostgreSQL and one Redis for the whole run, beside whatever else runs on this machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from leads import clock, db, migrations, password
from leads.installation import Installation
from leads.lead import Lead
from leads.practice import Practice
from leads.settings import settings
from services import Servers, local_servers
from tests.databases import Copy

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ACCOUNT_SID = "AC" + "1" * 32
AUTH_TOKEN = "12345"
TEMPLATE = "ringback_template"
MORNING = "ringback_morning"
MONTH = "ringback_month"
# A Tuesday, ten in the morning in Washington State: the practice is open.
TUESDAY_TEN = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    with local_servers(fsync=False) as running:
        with psycopg.connect(running.database_url("postgres"), autocommit=True) as session:
            # Rows stay in the order in which they were written, whatever was deleted between tests.
            session.execute("alter system set autovacuum = off")
            session.execute("select pg_reload_conf()")
        yield running


@pytest.fixture(scope="session", autouse=True)
def environment(
    servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[pytest.MonkeyPatch]:
    """Settings of a trial installation; nothing of the machine's own reaches a test."""
    patch = pytest.MonkeyPatch()
    for name in [*os.environ]:
        if name.startswith(
            ("TWILIO_", "RINGBACK_", "DATABASE_", "REDIS_", "SMTP_", "SECRET_", "ALERT_", "DEAD_")
        ):
            patch.delenv(name)
    patch.chdir(Path(__file__).parent.parent)
    told = {
        "RINGBACK_HOME": str(tmp_path_factory.mktemp("home")),
        "DATABASE_URL": servers.database_url(TEMPLATE),
        "REDIS_URL": servers.redis_url,
        "SECRET_KEY": "a key for tests alone",
        "PUBLIC_URL": "https://calls.example.com",
        "DASHBOARD_URL": "http://127.0.0.1:8000",
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_API_BASE": "http://127.0.0.1:8002",
    }
    for name, value in told.items():
        patch.setenv(name, value)
    # The same algorithm in a thousandth of the memory: hundreds of tests sign in.
    quick = Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1)
    patch.setattr(password, "_hasher", PasswordHash((quick,)))
    forget_settings()
    yield patch
    patch.undo()
    forget_settings()


def forget_settings() -> None:
    """Settings and the engine are read anew when they are next asked for."""
    if db.engine.cache_info().currsize:
        db.engine().dispose()
    db.engine.cache_clear()
    settings.cache_clear()


@pytest.fixture(scope="session")
def template(servers: Servers, environment: pytest.MonkeyPatch) -> str:  # noqa: ARG001 - its settings must stand first
    """A database migrated to head, to copy; it has no connections."""
    servers.create_database(TEMPLATE)
    migrations.upgrade()
    forget_settings()
    return TEMPLATE


@pytest.fixture(scope="session")
def copy(servers: Servers, template: str) -> Copy:
    return Copy(servers, "test", template)


@pytest.fixture
def database(copy: Copy, environment: pytest.MonkeyPatch) -> Iterator[str]:
    """A fresh migrated database, in the settings: for code that commits by itself."""
    with _given(copy, environment) as url:
        yield url


@pytest.fixture(scope="session")
def morning_template(servers: Servers, template: str, environment: pytest.MonkeyPatch) -> str:
    """The morning of tests/browser/people.py, to copy: playing it takes seconds."""
    from tests.browser import people  # which needs this module

    with _made(servers, MORNING, template, environment), db.transaction() as session:
        people.morning(session)
    return MORNING


@pytest.fixture(scope="session")
def morning_copy(servers: Servers, morning_template: str) -> Copy:
    return Copy(servers, "test_morning", morning_template)


@pytest.fixture
def morning(morning_copy: Copy, environment: pytest.MonkeyPatch) -> Iterator[str]:
    """As `database`, on the morning of tests/browser/people.py."""
    with _given_that_morning(morning_copy, environment) as url:
        yield url


@pytest.fixture(scope="session")
def month_template(servers: Servers, template: str, environment: pytest.MonkeyPatch) -> str:
    """The people of `ringback demo`, to copy."""
    from tests.browser import people

    with _made(servers, MONTH, template, environment):
        people.month()
    return MONTH


@pytest.fixture(scope="session")
def month_copy(servers: Servers, month_template: str) -> Copy:
    return Copy(servers, "test_month", month_template)


@pytest.fixture
def month(month_copy: Copy, environment: pytest.MonkeyPatch) -> Iterator[str]:
    """As `morning`, on the people of `ringback demo`."""
    with _given_that_morning(month_copy, environment) as url:
        yield url


@contextmanager
def _given_that_morning(copy: Copy, environment: pytest.MonkeyPatch) -> Iterator[str]:
    from tests.browser import people

    with _given(copy, environment) as url:
        with db.transaction() as session:
            clock.set_to(session, people.NOW)
        yield url


@contextmanager
def _made(
    servers: Servers, name: str, template: str, environment: pytest.MonkeyPatch
) -> Iterator[None]:
    """A new database, in the settings as long as it is filled."""
    servers.create_database(name, template)
    with environment.context() as patch:
        patch.setenv("DATABASE_URL", servers.database_url(name))
        forget_settings()
        yield
    forget_settings()


@contextmanager
def _given(copy: Copy, environment: pytest.MonkeyPatch) -> Iterator[str]:
    with environment.context() as patch:
        patch.setenv("DATABASE_URL", copy.url)
        forget_settings()
        yield copy.url
        forget_settings()
    copy.reset()


@pytest.fixture(scope="session")
def chrome() -> Iterator["Browser"]:
    """One Chromium for every browser test of the run: Playwright allows no second one beside it."""
    from tests.browser import chromium

    if chromium.path() is None:
        cannot(chromium.MISSING)
    with chromium.browser() as opened:
        yield opened


def cannot(why: str) -> None:
    """Skip, loudly; in CI nobody reads what was skipped, so there it is a failure."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="session")
def untouched(servers: Servers, template: str) -> str:
    """The address of a migrated database that every test leaves as it found it."""
    servers.create_database("untouched", template)
    return servers.database_url("untouched")


@pytest.fixture
def session(
    request: pytest.FixtureRequest, untouched: str, environment: pytest.MonkeyPatch
) -> Iterator[Session]:
    """A session in one transaction, rolled back at the end. Code that commits by itself needs
    `database` beside it."""
    with environment.context() as patch:
        if commits := {"database", "morning"} & {*request.fixturenames}:
            request.getfixturevalue(commits.pop())
        elif settings().database_url != untouched:
            patch.setenv("DATABASE_URL", untouched)
            forget_settings()
        with Session(db.engine(), expire_on_commit=False) as opened:
            if "morning" not in request.fixturenames:  # which has a clock of its own
                clock.set_to(opened, TUESDAY_TEN)
            yield opened
            opened.rollback()
            if settings().database_url == untouched:
                left = opened.scalar(select(func.count()).select_from(Lead))
                assert not left, "something was committed: this test needs `database`"


@pytest.fixture
def practice(session: Session) -> Practice:
    Installation.current(session)
    return Practice.get(session)
