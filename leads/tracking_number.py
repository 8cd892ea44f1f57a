"""A number that callers ring. Which one they rang says which page brought them."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads.db import Base


class TrackingNumber(Base):
    __tablename__ = "tracking_number"

    id: Mapped[int] = mapped_column(primary_key=True)
    e164: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    source: Mapped[str]
    mode: Mapped[str] = mapped_column(default="front")
    recording: Mapped[bool] = mapped_column(default=False)
    greeting: Mapped[str] = mapped_column(default="")
    retired_at: Mapped[datetime | None]
    # The sender's pace: a token bucket in real time. A long code sends about one segment a
    # second; carriers queue what comes faster, out of our sight and past the window.
    texts_per_second: Mapped[float] = mapped_column(default=1.0)
    tokens: Mapped[float] = mapped_column(default=1.0)
    tokens_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @classmethod
    def find(cls, session: Session, e164: str | None) -> "TrackingNumber | None":
        return session.scalars(select(cls).where(cls.e164 == e164)).one_or_none()
