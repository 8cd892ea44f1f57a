from collections.abc import Iterator

import httpx
import pytest

from leads import clock, db
from tests.conftest import TUESDAY_TEN
from tests.server import serving
from tests.webhooks.caller import Twilio
from webhooks.app import app


@pytest.fixture
def twilio(database: str) -> Iterator[Twilio]:
    """Signed requests against the real application, on a Tuesday at ten: the practice is open."""
    assert database
    with db.transaction() as session:
        clock.set_to(session, TUESDAY_TEN)
    with serving(app) as address, httpx.Client(base_url=address, timeout=20) as client:
        yield Twilio(client)
