"""Filters that stand in an address: what was asked for, and in plain words what is none."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from leads.opening_hours import instant

LONGEST = 100  # characters that any one value has
NOBODY = "none"  # of an owner
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)

Pairs = Iterable[tuple[str, str]]


@dataclass
class Told:
    """The fields of an address, read one by one; `problems` are sentences on those that are
    none. What does not fit is never dropped in silence: it would show everybody."""

    fields: dict[str, list[str]]
    problems: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, pairs: Pairs) -> "Told":
        fields: dict[str, list[str]] = {}
        for name, value in pairs:
            # PostgreSQL keeps no NUL, which no keyboard types.
            if cleaned := value.replace("\x00", "").strip():
                fields.setdefault(name, []).append(cleaned)
        return cls(fields)

    def text(self, name: str) -> str:
        return self.fields.get(name, [""])[0][:LONGEST]

    def several(self, name: str, choices: Collection[str], noun: str) -> tuple[str, ...]:
        """Those that were chosen, in the order of `choices`."""
        given = self.fields.get(name, [])
        for value in given:
            if value not in choices:
                self.problems.append(f"There is no {noun} “{value[:LONGEST]}”.")
        return tuple(choice for choice in choices if choice in given)

    def one(self, name: str, choices: Collection[str], noun: str) -> str:
        given = self.text(name)
        if given and given not in choices:
            self.problems.append(f"There is no {noun} “{given}”.")
            return ""
        return given

    def number(self, name: str, noun: str) -> int | None:
        """An id."""
        given = self.text(name)
        if not given:
            return None
        if not (given.isascii() and given.isdigit()) or len(given) > 9:
            self.problems.append(f"There is no {noun} “{given}”.")
            return None
        return int(given)

    def flag(self, name: str) -> bool:
        return self.one(name, ("yes",), f"choice for “{name}” named") == "yes"

    def day(self, name: str) -> date | None:
        given = self.text(name)
        if not given:
            return None
        try:
            day = date.fromisoformat(given)
        except ValueError:
            self.problems.append(f"“{given}” is no day. Days are written as 2026-12-01.")
            return None
        if not EARLIEST <= day < LATEST:
            self.problems.append("Days are between 2000 and 2100.")
            return None
        return day


def query(pairs: Pairs) -> str:
    """As it stands in an address after the question mark."""
    return urlencode([(name, value) for name, value in pairs if value])


def between(
    column: InstrumentedAttribute[datetime], since: date | None, until: date | None, zone: str
) -> list[ColumnElement[bool]]:
    """From the beginning of `since` to the end of `until`, both days of this zone."""
    there = ZoneInfo(zone)
    told: list[ColumnElement[bool]] = []
    if since is not None:
        told.append(column >= instant(since, time(), there).astimezone(UTC))
    if until is not None:
        told.append(column < instant(until + timedelta(days=1), time(), there).astimezone(UTC))
    return told
