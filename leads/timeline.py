"""Everything that happened to a lead, and everything that was not sent and why. Append-only."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads.db import Base, changed

WRITTEN = ("note", "logged")  # kinds whose text staff wrote themselves


class TimelineEntry(Base):
    __tablename__ = "timeline"
    __table_args__ = (Index("ix_timeline_lead_id_at", "lead_id", "at", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"))
    at: Mapped[datetime]
    kind: Mapped[str]
    text: Mapped[str]
    facts: Mapped[dict[str, Any]]


def note(
    session: Session, lead_id: int, at: datetime, kind: str, text: str, **facts: Any
) -> TimelineEntry:
    """Write one entry. `text` is a plain sentence; `facts` are ids and codes, JSON-ready."""
    entry = TimelineEntry(lead_id=lead_id, at=at, kind=kind, text=text, facts=facts)
    session.add(entry)
    changed(session, f"lead:{lead_id}")
    return entry
