from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from leads import clock, db
from leads.installation import Installation
from tests.conftest import TUESDAY_TEN
from tests.server import serving
from tests.webhooks.caller import Twilio
from webhooks import delivery
from webhooks.app import app
from webhooks.spool import Spool


@pytest.fixture
def home(tmp_path: Path, environment: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of its own: what one test leaves in its spool is no other's business."""
    with environment.context() as patch:
        patch.setenv("RINGBACK_HOME", str(tmp_path))
        yield tmp_path


@pytest.fixture
def twilio(database: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Twilio]:
    """Signed requests against the real application, on a Tuesday at ten: the practice is open."""
    # On a busy machine a request may take longer than a caller is made to wait.
    monkeypatch.setattr(delivery, "CALLERS_PATIENCE", delivery.PATIENCE)
    assert database
    assert home
    with db.transaction() as session:
        clock.set_to(session, TUESDAY_TEN)
    with serving(app) as address, httpx.Client(base_url=address, timeout=20) as client:
        yield Twilio(client)


@pytest.fixture
def spool(database: str, home: Path) -> Spool:
    """This host's spool, on a Tuesday at ten, with nothing in it."""
    assert database
    with db.transaction() as session:
        Installation.current(session)
        clock.set_to(session, TUESDAY_TEN)
    return Spool(home / "spool")
