"""Indexes are made again after millions of rows are there: at once is far quicker than row by row,
above all those by which words are searched."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

from leads.demo.clearing import told_of_people

# Those that hold no constraint; a unique index made again checks what it is for.
FOUND = """
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
WHERE relname = ANY(:tables) AND relnamespace = current_schema()::regnamespace AND NOT indisprimary
AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


@contextmanager
def made_again(session: Session) -> Iterator[None]:
    """In the caller's transaction: nobody else ever sees a table without its indexes."""
    found = session.execute(text(FOUND), {"tables": sorted(told_of_people())}).all()
    for name, _ in found:
        session.execute(text(f"DROP INDEX {name}"))
    yield
    for _, definition in found:
        session.execute(text(definition))
