"""What is there before anybody rings, and what an hour does to it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import LiteralString

import psycopg
from sqlalchemy import text, update

from leads import clock
from leads.db import transaction
from leads.heartbeat import Heartbeat
from leads.practice import PracticePhone
from leads.tracking_number import TrackingNumber
from tests.chaos.calls.people import MOBILE
from tests.chaos.seeds import TEXTS_PER_SECOND, TUESDAY_TEN

RING_SECONDS = 20
# More than one segment of the write-ahead log (16 MB): see troubles.py on what a full disk is.
BALLAST_ROWS = 10_000
BALLAST_BYTES = 1900  # of each row


def seed() -> None:
    """A practice with a desk phone and a mobile, on a Tuesday at ten; and a table of events that
    is already as large as that of a busy month."""
    with transaction() as session:
        clock.set_to(session, TUESDAY_TEN)
        PracticePhone.add(session, MOBILE, "Doctor", "mobile", RING_SECONDS)
        session.execute(
            update(TrackingNumber).values(
                texts_per_second=TEXTS_PER_SECOND, tokens=TEXTS_PER_SECOND
            )
        )
        session.execute(
            text(
                "insert into webhook_event (source, sid, event, query, body, answer, came_by)"
                " select 'ballast', number::text, 'ballast', '', repeat('x', :bytes), '',"
                " 'webhook' from generate_series(1, :rows) number"
            ),
            {"rows": BALLAST_ROWS, "bytes": BALLAST_BYTES},
        )


def make_tables(database_url: str, tables: Sequence[LiteralString]) -> None:
    with psycopg.connect(database_url) as session:
        for table in tables:
            session.execute(table)


def an_hour_passes() -> None:
    """By the practice's clock and by every sign of life. Only while none of ours runs."""
    with transaction() as session:
        clock.advance(session, timedelta(hours=1))
        session.execute(update(Heartbeat).values(at=Heartbeat.at - timedelta(hours=1)))
