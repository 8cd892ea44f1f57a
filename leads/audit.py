"""Who did or saw what. Append-only, UTC, kept six years."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, func
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads.db import Base


class Audit(Base):
    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    token_id: Mapped[int | None] = mapped_column(ForeignKey("api_token.id"))
    action: Mapped[str]
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"), index=True)
    address: Mapped[str | None]  # the network address that asked
    facts: Mapped[dict[str, Any]]


def record(
    session: Session,
    action: str,
    *,
    staff_id: int | None = None,
    token_id: int | None = None,
    lead_id: int | None = None,
    address: str | None = None,
    **facts: Any,
) -> None:
    """Write one row; `facts` are ids and codes, never a name, a number or a text."""
    session.add(
        Audit(
            action=action,
            staff_id=staff_id,
            token_id=token_id,
            lead_id=lead_id,
            address=address,
            facts=facts,
        )
    )
