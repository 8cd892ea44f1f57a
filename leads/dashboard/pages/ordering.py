"""Keyset paging by a chosen order: right at ties, by the id, and at nothing, which comes last."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, DateTime, Row, Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from leads.dashboard.pages.paging import PER_PAGE

Rows = Select[*tuple[Any, ...]]


class Order(NamedTuple):
    """What a list is sorted by. `maybe`: some rows have none of it."""

    label: str
    key: Any  # a column, or an expression of some
    down: bool
    maybe: bool = False


@dataclass(frozen=True)
class Page:
    rows: Sequence[Row[Any]]
    next: str  # the cursor of the page after it; empty at the end


class Place(NamedTuple):
    """After which row a page goes on."""

    value: Any
    row_id: int


def page(
    session: Session,
    wanted: Rows,
    order: Order,
    row_id: InstrumentedAttribute[int],
    after: str,
) -> Page:
    """The page after this cursor; a broken cursor shows the first one."""
    wanted = wanted.add_columns(order.key.label("sorted_by"), row_id.label("sorted_id"))
    place = _read(after, order)
    rows: list[Row[Any]] = []
    if place is None or place.value is not None:
        rows += session.execute(_having(wanted, order, row_id, place).limit(PER_PAGE + 1))
    # The two parts are two statements: each follows an index from where the page begins.
    if order.maybe and len(rows) <= PER_PAGE:
        without = wanted.where(order.key.is_(None)).order_by(row_id.desc())
        if place is not None and place.value is None:
            without = without.where(row_id < place.row_id)
        rows += session.execute(without.limit(PER_PAGE + 1 - len(rows)))
    more = len(rows) > PER_PAGE
    rows = rows[:PER_PAGE]
    return Page(rows, cursor(rows[-1].sorted_by, rows[-1].sorted_id) if more else "")


def _having(
    wanted: Rows, order: Order, row_id: InstrumentedAttribute[int], place: Place | None
) -> Rows:
    if order.maybe:
        wanted = wanted.where(order.key.is_not(None))
    if place is not None:
        here = tuple_(order.key, row_id)
        there = tuple_(literal(place.value, order.key.type), literal(place.row_id, BigInteger()))
        wanted = wanted.where(here < there if order.down else here > there)
    key, then = (order.key.desc(), row_id.desc()) if order.down else (order.key, row_id)
    return wanted.order_by(key, then)


def cursor(value: Any, row_id: int) -> str:
    told = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([told, row_id]).encode()).decode().rstrip("=")


def _read(text: str, order: Order) -> Place | None:
    try:
        value, row_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(row_id, int) or abs(row_id) >= 2**63:
            return None
        if value is None:
            return Place(None, row_id) if order.maybe else None
        if isinstance(order.key.type, DateTime):
            at = datetime.fromisoformat(value)
            return Place(at, row_id) if at.tzinfo else None
        fits = isinstance(value, order.key.type.python_type) and not isinstance(value, bool)
        if isinstance(value, int) and abs(value) >= 2**31:
            return None
        return Place(value, row_id) if fits else None
    except (ValueError, TypeError, NotImplementedError):
        return None
