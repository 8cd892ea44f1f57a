"""One comparison of Twilio's lists with ours: its span, its clock, and what it has found."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from leads.db import Overtaken, transaction
from leads.log import what_failed
from workers.listing import Lists

log = structlog.get_logger()

# Their clock is not ours, and a list may lag behind what it lists.
OVERLAP = timedelta(minutes=15)
SLICE = timedelta(hours=2)  # what is missing of one slice is in memory, and no more
TRIES = 5  # webhooks of the same call or phone overtake us a few times at most

UNAVAILABLE = (OperationalError, NoConnection)  # the database, or a connection to it

Answer = TypeVar("Answer")


@dataclass
class Comparison:
    """Real times; practice time is real time moved by `shift`. `tell` hears how many rows of a
    kind were looked at so far."""

    since: datetime
    until: datetime
    shift: timedelta
    numbers: set[str]  # ours
    lists: Lists
    tell: Callable[[str, int], None]
    found: Counter[str] = field(default_factory=Counter)

    @property
    def now(self) -> datetime:
        """The end of the span in practice time."""
        return self.until + self.shift

    def slices(self) -> Iterator[tuple[datetime, datetime]]:
        """The span with its overlap, cut up, oldest first: the lists themselves begin with the
        newest, and calls have to be added in the order in which they came."""
        begin = self.since - OVERLAP
        while begin < self.until:
            end = min(begin + SLICE, self.until)
            yield begin, end
            begin = end

    def looked_at(self, kind: str, rows: int) -> None:
        self.found[kind] += rows
        self.tell(kind, self.found[kind])

    def apply(self, effect: Callable[[Session], Answer], **which: str | int) -> Answer | None:
        """One row, in a transaction of its own; None when it cannot be applied, which is logged
        as `which`, and the others are not held up. Raises UNAVAILABLE when it goes on being so.
        """
        for tries_left in reversed(range(TRIES)):
            try:
                with transaction() as session:
                    return effect(session)
            except Overtaken:
                continue
            except UNAVAILABLE:  # a deadlock with live webhooks is one, too
                if not tries_left:
                    raise
            except Exception as error:
                log.error("not_reconciled", **which, **what_failed(error))
                break
        self.found["failed"] += 1
        return None
