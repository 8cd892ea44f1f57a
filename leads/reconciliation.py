"""One comparison of Twilio's own lists with ours: its span, and what it found. Real time."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads.db import Base


class Reconciliation(Base):
    __tablename__ = "reconciliation"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    began_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    since: Mapped[datetime]
    until: Mapped[datetime]
    found: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default=dict, server_default="{}"
    )  # counts
    error: Mapped[str | None]  # a sentence for staff; the watermark stays where it was


def watermark(session: Session) -> datetime | None:
    """Up to when everything at Twilio is known here."""
    return session.scalar(
        select(func.max(Reconciliation.until)).where(
            Reconciliation.finished_at.is_not(None), Reconciliation.error.is_(None)
        )
    )
