"""One comparison of Twilio's lists with ours: its span, its clock, and what it has found."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
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
SET_ASIDE_AFTER = 3  # comparisons in a row: what is in the way of one row is not to hold up all
TRIES = 5  # webhooks of the same call or phone overtake us a few times at most

UNAVAILABLE = (OperationalError, NoConnection)  # the database, or a connection to it

Answer = TypeVar("Answer")
Effect = Callable[[Session], Answer]


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
    # SIDs that could not be applied, and in how many comparisons in a row: before this one, and
    # with it.
    earlier: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    # Every text is known, and the list of calls was gone through: nobody's STOP waits there.
    texts_through: bool = False
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

    @property
    def held(self) -> list[str]:
        """SIDs that are tried again: until then, the next comparison begins where this one did."""
        return [sid for sid, times in self.failed.items() if times < SET_ASIDE_AFTER]

    @property
    def set_aside(self) -> list[str]:
        """SIDs for which nothing is held up from now on: a person has to look at them."""
        return [sid for sid, times in self.failed.items() if times == SET_ASIDE_AFTER]

    def apply(
        self, effect: Effect[Answer], sid: str, instead: Effect[None] | None = None
    ) -> Answer | None:
        """One row, in a transaction of its own; None when it cannot be applied, which is logged,
        and the others are not held up. When it is set aside, `instead` is done. Raises UNAVAILABLE
        when it goes on being so.
        """
        try:
            return self._apply(effect)
        except UNAVAILABLE:
            raise
        except Exception as error:
            log.error("not_reconciled", sid=sid, **what_failed(error))
        self.failed[sid] = self.earlier.get(sid, 0) + 1
        if instead is not None and self.failed[sid] == SET_ASIDE_AFTER:
            try:
                self._apply(instead)
            except UNAVAILABLE:
                raise
            except Exception as error:
                log.error("not_set_aside", sid=sid, **what_failed(error))
                self.failed[sid] -= 1
        return None

    def _apply(self, effect: Effect[Answer]) -> Answer:
        for _ in range(TRIES - 1):
            with suppress(Overtaken, *UNAVAILABLE), transaction() as session:
                return effect(session)  # a deadlock with live webhooks is UNAVAILABLE, too
        with transaction() as session:
            return effect(session)
