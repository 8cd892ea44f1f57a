"""Lists, newest first, cut where the last page ended.

The key is the row's id: it never changes, so that rows which come or change between two pages
shift nothing.
"""

import base64
import binascii
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, HTTPException, Query
from pydantic import BaseModel, Field
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

LARGEST_ID = 2**63 - 1
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """One page of a list. `next` is the `cursor` of the page after it, null at the end."""

    items: list[Item]
    next: str | None


class Paging:
    def __init__(
        self,
        cursor: Annotated[str | None, Query(description="`next` of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> None:
        self.before = None if cursor is None else _read(cursor)
        self.limit = limit

    def rows(
        self, session: Session, chosen: Select[Any], key: InstrumentedAttribute[int]
    ) -> tuple[list[Any], str | None]:
        """This page's rows of `chosen` (newest first by `key`) and the cursor of the next."""
        if self.before is not None:
            chosen = chosen.where(key < self.before)
        rows = list(session.scalars(chosen.order_by(key.desc()).limit(self.limit + 1)))
        if len(rows) <= self.limit:
            return rows, None
        rows = rows[: self.limit]
        return rows, _write(getattr(rows[-1], key.key))


Paged = Annotated[Paging, Depends()]


def _write(last: int) -> str:
    return base64.urlsafe_b64encode(f"before:{last}".encode()).decode().rstrip("=")


def _read(cursor: str) -> int:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode()
        word, _, number = text.partition(":")
        if word == "before" and number.isascii() and 0 < int(number) <= LARGEST_ID:
            return int(number)
    except (binascii.Error, UnicodeError, ValueError):
        pass
    raise HTTPException(422, "This cursor is not one that a list gave. Start without one.")


def latest(
    session: Session, chosen: Select[Any], key: InstrumentedAttribute[int], limit: int = 500
) -> list[Any]:
    """The newest rows of `chosen`, oldest of them first."""
    return list(session.scalars(chosen.order_by(key.desc()).limit(limit)))[::-1]
