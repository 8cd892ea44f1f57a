"""What staff ask for on a page and only a worker can do: it alone speaks to mail servers and to
Twilio. A row, so that asking needs no broker; claimed once, and its result told on the page.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads.db import Base, changed, database_time

# A mail server may take half a minute to say no; whoever took the errand may have died before.
PATIENCE = timedelta(minutes=2)


class Errand(Base):
    """`kind`: alert_test, numbers_check or numbers_set. Real time. Never deleted: a few a month."""

    __tablename__ = "errand"
    __table_args__ = (Index("ix_errand_waiting", "id", postgresql_where=text("begun_at IS NULL")),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    # What came of it: {"said": [["good", "Mail: taken for 2 admins."], …]}.
    outcome: Mapped[dict[str, Any]] = mapped_column(server_default="{}", default=dict)

    def under_way(self, real: datetime) -> bool:
        return self.ended_at is None and real - self.asked_at < PATIENCE

    @property
    def said(self) -> list[list[str]]:
        """Tone (good, bad or empty) and sentence, line by line."""
        said: list[list[str]] = self.outcome.get("said", [])
        return said


def ask(session: Session, kind: str, staff_id: int) -> Errand:
    """Ask a worker; of a kind that is under way already, that one is given."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"errand:{kind}"))))
    before = latest(session, kind)
    if before is not None and before.under_way(database_time(session)):
        return before
    errand = Errand(kind=kind, asked_by_id=staff_id)
    session.add(errand)
    session.flush()
    changed(session, "errand")
    return errand


def latest(session: Session, kind: str) -> Errand | None:
    return session.scalars(
        select(Errand).where(Errand.kind == kind).order_by(Errand.id.desc()).limit(1)
    ).one_or_none()


def take(session: Session) -> Errand | None:
    """The oldest that nobody has begun, begun by this worker alone. One that its worker did not
    end stays so: whoever asked sees it and asks again."""
    waiting = (
        select(Errand.id)
        .where(Errand.begun_at.is_(None), Errand.asked_at > func.clock_timestamp() - PATIENCE)
        .order_by(Errand.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    begun = update(Errand).where(Errand.id == waiting).values(begun_at=func.clock_timestamp())
    return session.scalars(begun.returning(Errand)).one_or_none()


def end(session: Session, errand_id: int, said: list[list[str]]) -> None:
    errand = session.get_one(Errand, errand_id)
    errand.ended_at = database_time(session)
    errand.outcome = {"said": said}
    changed(session, "errand")
