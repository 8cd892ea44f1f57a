"""Importing a contact list: the file is kept, each row is judged, and after a yes it is applied.

1. `keep`: the file and its columns.
2. `judge_some`, until all rows are judged: new, changed (field by field), the same, or refused.
3. `import_apply.step`, until all are applied, each judged anew under the locks of its phones.

Nothing is written to a lead before step 3, and no consent at all: a list says who somebody is,
not that they agreed to anything. That somebody wants no texts, it may say.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    and_,
    delete,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from leads import audit, contact_list
from leads.contact_list import ContactList, Unreadable
from leads.db import Base, changed, database_time, transaction
from leads.desk import Refused
from leads.import_row import NO_TEXTS_KEPT, Judged, Known, judge, told_by
from leads.staff import Staff

KEPT = timedelta(days=7)  # the file and its rows: names and numbers that nobody needs any more
STALLED = timedelta(seconds=30)
ROWS_READ = 1000  # in one transaction
ROWS_FORGOTTEN = 5000  # in one, too: a list has up to 200,000
VERDICTS = ("new", "changed", "same", "refused")


class ImportBatch(Base):
    """One uploaded list. `state`: choosing, reading, ready, applying, done. Real time."""

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), index=True)
    file_name: Mapped[str]
    file: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    columns: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    state: Mapped[str] = mapped_column(default="choosing", server_default="choosing")
    total: Mapped[int]
    through: Mapped[int] = mapped_column(default=0, server_default="0")  # rows behind us
    moved_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]

    staff: Mapped[Staff] = relationship()

    def stalled(self, real: datetime) -> bool:
        """Whether nobody goes on with it: the dashboard was restarted meanwhile."""
        under_way = self.state in {"reading", "applying"} and self.moved_at is not None
        return under_way and real - self.moved_at > STALLED  # type: ignore[operator]


class ImportRow(Base):
    """What one row of the list would do, and, once applied, what became of it."""

    __tablename__ = "import_row"
    __table_args__ = (Index("ix_import_row_verdict", "batch_id", "verdict", "line"),)

    batch_id: Mapped[int] = mapped_column(
        ForeignKey("import_batch.id", ondelete="CASCADE"), primary_key=True
    )
    line: Mapped[int] = mapped_column(primary_key=True)
    verdict: Mapped[str]
    told: Mapped[dict[str, Any]]  # what the row says, by field
    changes: Mapped[list[Any]] = mapped_column(JSONB())  # [field, before, after]
    why: Mapped[str] = mapped_column(default="", server_default="")
    lead_id: Mapped[int | None] = mapped_column(BigInteger)
    outcome: Mapped[str | None]  # none until it was applied


SAYS_NO = and_(ImportRow.told.has_key("no_texts"), ImportRow.told.has_key("phone"))


def keep(session: Session, staff_id: int, file_name: str, data: bytes) -> ImportBatch:
    """Keep an uploaded list. Raises Unreadable."""
    if len(data) > contact_list.MOST_BYTES:
        raise Unreadable("The file is larger than 32 MB. Split it first. Nothing was imported.")
    found = contact_list.read(data)
    batch = ImportBatch(
        staff_id=staff_id,
        file_name=file_name.replace("\x00", "")[-100:],
        file=data,
        columns=contact_list.guess(found),
        total=len(found.rows),
    )
    session.add(batch)
    session.flush()
    return batch


def forget() -> None:
    """Lists older than KEPT go, with every name and number in them, step by step."""
    with transaction() as session:
        old = ImportBatch.created_at < database_time(session) - KEPT
        batch_ids = session.scalars(select(ImportBatch.id).where(old)).all()
    for batch_id in batch_ids:
        forget_rows(batch_id)
        with transaction() as session:
            session.execute(delete(ImportBatch).where(ImportBatch.id == batch_id))


def forget_rows(batch_id: int) -> None:
    """What a list would do, so many rows in each transaction: nobody waits for all of them."""
    some = select(ImportRow.line).where(ImportRow.batch_id == batch_id).limit(ROWS_FORGOTTEN)
    going = delete(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.line.in_(some))
    while True:
        with transaction() as session:
            if len(session.scalars(going.returning(ImportRow.line)).all()) < ROWS_FORGOTTEN:
                return


def choose(session: Session, batch: ImportBatch, columns: dict[str, int]) -> None:
    """Say which column is what; the rows are judged anew. Raises Refused."""
    if batch.state in {"applying", "done"}:
        raise Refused("This list was imported already. Upload it again to change its columns.")
    if "phone" not in columns and "id" not in columns:
        raise Refused("Say which column has the telephone numbers. Nothing was imported yet.")
    if "name" in columns and ("first_name" in columns or "last_name" in columns):
        raise Refused("Choose either the whole name, or first and last name. Nothing was imported.")
    session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id))
    batch.columns, batch.state, batch.through = columns, "reading", 0
    batch.moved_at = database_time(session)


def judge_some(session: Session, batch_id: int, found: ContactList) -> bool:
    """Judge the next rows; whether there are more."""
    batch = locked(session, batch_id)
    if batch is None or batch.state != "reading":
        return False
    columns: dict[str, int] = batch.columns
    rows = found.rows[batch.through : batch.through + ROWS_READ]
    told = [told_by(cells, columns) for _, cells in rows]
    known = Known.of(session, told)
    if rows:
        session.execute(
            insert(ImportRow),
            [
                _row(batch.id, line, judge(each, known))
                for (line, _), each in zip(rows, told, strict=True)
            ],
        )
    batch.through += len(rows)
    batch.moved_at = database_time(session)
    if batch.through >= len(found.rows):
        batch.state, batch.through = "ready", 0
        _refuse_doubles(session, batch)
    changed(session, f"import:{batch.id}")
    return batch.state == "reading"


def _row(batch_id: int, line: int, judged: Judged) -> dict[str, Any]:
    return {
        "batch_id": batch_id,
        "line": line,
        "verdict": judged.verdict,
        "told": judged.told,
        "changes": judged.changes,
        "why": judged.why,
        "lead_id": judged.lead_id,
    }


def _refuse_doubles(session: Session, batch: ImportBatch) -> None:
    """A new number that the list has twice makes one lead: the later rows are refused, unless
    they say the same. A no to texts in them counts (import_row.left_out)."""
    session.execute(
        text("""
            WITH numbered AS (
                SELECT line, told, first_value(line) OVER same AS first_line,
                       first_value(told) OVER same AS first_told
                FROM import_row WHERE batch_id = :batch AND verdict = 'new'
                WINDOW same AS (PARTITION BY told->>'phone' ORDER BY line)
            )
            UPDATE import_row SET
                verdict = CASE WHEN numbered.told = first_told THEN 'same' ELSE 'refused' END,
                why = 'Line ' || first_line || ' has the same number.' || CASE
                    WHEN numbered.told <> first_told AND numbered.told->>'no_texts' = 'true'
                    THEN :kept ELSE '' END
            FROM numbered
            WHERE batch_id = :batch AND import_row.line = numbered.line
                AND numbered.line <> first_line
        """),
        {"batch": batch.id, "kept": f" {NO_TEXTS_KEPT}"},
    )


def begin(session: Session, batch: ImportBatch, address: str) -> None:
    """They have seen what would change, and said yes. Audited. Raises Refused."""
    if batch.state in {"applying", "done"}:
        return
    if batch.state != "ready":
        raise Refused("The rows are still being read. Nothing was imported yet.")
    batch.state, batch.through = "applying", 0
    batch.moved_at = database_time(session)
    told = {verdict: count for verdict, count in counts(session, batch.id).items() if count}
    audit.record(
        session,
        "imported",
        staff_id=batch.staff_id,
        address=address,
        import_batch=batch.id,
        **told,
    )


def counts(session: Session, batch_id: int) -> dict[str, int]:
    found = session.execute(
        select(ImportRow.verdict, func.count())
        .where(ImportRow.batch_id == batch_id)
        .group_by(ImportRow.verdict)
    )
    told = dict(found.all())
    return {verdict: told.get(verdict, 0) for verdict in VERDICTS}


def refused_noes(session: Session, batch_id: int) -> int:
    """Rows that are refused, and of which the no to texts is kept all the same."""
    wanted = select(func.count()).where(
        ImportRow.batch_id == batch_id, ImportRow.verdict == "refused", SAYS_NO
    )
    return session.scalars(wanted).one()


def outcomes(session: Session, batch_id: int) -> dict[str, int]:
    """Of the rows that were applied."""
    found = session.execute(
        select(ImportRow.outcome, func.count())
        .where(ImportRow.batch_id == batch_id, ImportRow.outcome.is_not(None))
        .group_by(ImportRow.outcome)
    )
    return {str(outcome): number for outcome, number in found}


def locked(session: Session, batch_id: int) -> ImportBatch | None:
    """Whoever goes on with a list holds it; None when it was deleted meanwhile."""
    return session.scalars(
        select(ImportBatch).where(ImportBatch.id == batch_id).with_for_update()
    ).one_or_none()
