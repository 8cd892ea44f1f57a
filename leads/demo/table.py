"""Rows by the million: one INSERT … SELECT for each table, the columns' own defaults included."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session

from leads.db import Base


def put(
    session: Session, model: type[Base], columns: Mapping[str, str], source: str, **values: Any
) -> None:
    """Write a row for each of `source`, a FROM clause. `columns` are SQL expressions."""
    told = dict(columns)
    table = cast("Table", model.__table__)
    for column in table.columns:
        default = column.default
        if column.name not in told and default is not None and default.is_scalar:
            told[column.name] = f":default_{column.name}"
            values[f"default_{column.name}"] = getattr(default, "arg", None)
    names = ", ".join(f'"{name}"' for name in told)
    statement = f'INSERT INTO "{table.name}" ({names}) SELECT {", ".join(told.values())} {source}'
    session.execute(text(statement), values)


def next_id(session: Session, model: type[Base]) -> int:
    """The id before the first one that is free."""
    return session.scalar(select(func.max(model.__table__.c.id))) or 0


def count_on(session: Session, model: type[Base]) -> None:
    """The next row made in the ordinary way has the id after the last one here."""
    sequence = func.pg_get_serial_sequence(f'"{model.__tablename__}"', "id")
    session.execute(select(func.setval(sequence, func.max(model.__table__.c.id))))


def run(session: Session, statement: str, **values: Any) -> None:
    session.execute(text(statement), values)
