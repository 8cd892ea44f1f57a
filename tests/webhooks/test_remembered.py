"""What the heart remembers from one beat to the next: whom to ring, and what may be lost."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from leads import Outage, PracticePhone, db
from leads.practice import Practice
from webhooks.heart import Heart
from webhooks.reception import Reception
from webhooks.routing import Routing

MINUTE = timedelta(minutes=1)


def with_a_heart(home: Path, then: Callable[[Heart], None]) -> None:
    async def go() -> None:
        heart = Heart(Reception(home))
        heart.beat()
        then(heart)

    # In a thread of its own: a browser of other tests may have left a loop in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, go()).result()


def began() -> list[datetime]:
    with db.transaction() as session:
        return list(session.scalars(select(Outage.began_at).order_by(Outage.id)))


def test_what_is_lost_while_a_loss_is_told_is_told_at_the_next_beat(
    database: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert database
    first, second = datetime.now(UTC) - MINUTE, datetime.now(UTC)

    def then(heart: Heart) -> None:
        heart.reception.lost(first)

        def meanwhile(session: Session) -> Practice:
            monkeypatch.undo()
            heart.reception.lost(second)
            return Practice.get(session)

        monkeypatch.setattr(Practice, "get", meanwhile)
        heart.beat()
        assert began() == [first]
        heart.beat()
        assert began() == [first, second]
        heart.beat()
        assert began() == [first, second]

    with_a_heart(home, then)


def test_a_loss_that_could_not_be_told_is_told_later(database: str, home: Path) -> None:
    assert database
    lost = datetime.now(UTC) - MINUTE

    def then(heart: Heart) -> None:
        heart.reception.lost(lost)
        rename("outage", "outage_away")
        with pytest.raises(ProgrammingError):
            heart.beat()
        rename("outage_away", "outage")
        heart.beat()
        assert began() == [lost]

    with_a_heart(home, then)


def rename(table: str, to: str) -> None:
    with db.transaction() as session:
        session.execute(text(f"ALTER TABLE {table} RENAME TO {to}"))


def test_whom_to_ring_is_saved_once_the_disk_takes_it(database: str, home: Path) -> None:
    assert database

    def then(heart: Heart) -> None:
        path = heart.reception.routing_file
        before = Routing.load(path)
        heart.reception.routing_file = home / "away" / "routing.json"
        (home / "away").write_text("in the way of the folder")
        with db.transaction() as session:
            PracticePhone.add(session, "+14255550122", "Back office", "mobile", 30)
        heart.beat()
        heart.reception.routing_file = path
        assert Routing.load(path) == before
        heart.beat()
        assert Routing.load(path) == heart.reception.routing != before

    with_a_heart(home, then)
