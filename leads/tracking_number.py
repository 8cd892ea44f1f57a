"""A number that callers ring. Which one they rang says which page brought them."""

import re
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads.db import Base
from leads.phone_number import area_code, possible_e164

LONGEST_LABEL = 100  # characters


class NumberRefused(Exception):
    """A number or its label cannot be used like this; the text says why and what to do."""


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

    @classmethod
    def greetings(cls, session: Session) -> dict[str, str]:
        """What callers of a number hear before phones ring, where it has words of its own."""
        own = select(cls.e164, cls.greeting).where(cls.greeting != "")
        return dict(session.execute(own).all())

    @classmethod
    def usable(cls, session: Session, raw: str) -> str:
        """The E.164 form of a number that may be a tracking number. Raises NumberRefused."""
        from leads.practice import PracticePhone  # which asks here what may ring

        e164 = own_e164(raw)
        if session.scalar(select(PracticePhone.id).where(PracticePhone.e164 == e164)):
            raise NumberRefused(
                "This is a phone that rings at the practice; it cannot be a tracking number too."
            )
        return e164

    @classmethod
    def usable_label(cls, raw: str) -> str:
        """The label in one line. Raises NumberRefused."""
        return one_line(raw, "where the number is shown, such as Google Ads")

    @classmethod
    def add(
        cls, session: Session, e164: str, label: str, mode: str, source: str = ""
    ) -> "TrackingNumber":
        """Add a usable number, or change it and take it back from retirement; no calls are lost."""
        kept = cls.find(session, e164)
        if kept is None:
            kept = cls(e164=e164, source=source or source_of(label))
            session.add(kept)
        elif source:
            kept.source = source
        kept.label, kept.mode, kept.retired_at = label, mode, None
        session.flush()
        return kept


def own_e164(raw: str) -> str:
    """The E.164 form of a number that the clinic could own. Raises NumberRefused."""
    e164 = possible_e164(raw)
    if e164 is None:
        raise NumberRefused("This is no phone number: write it as 425-437-9974 or +14254379974.")
    if area_code(e164) == "900":
        raise NumberRefused("A 900 number charges whoever calls it: use an ordinary number.")
    return e164


def one_line(raw: str, what: str) -> str:
    """A label as it is kept: one line without needless blanks. Raises NumberRefused."""
    line = " ".join(raw.replace("\x00", "").split())  # PostgreSQL keeps no NUL
    if not line or len(line) > LONGEST_LABEL:
        raise NumberRefused(f"Give {what}, at most {LONGEST_LABEL} characters.")
    return line


def source_of(label: str) -> str:
    """`muscle-spasms-page` for `Muscle spasms page`: what reports group by."""
    return re.sub(r"[^a-z0-9]+", "-", label.casefold()).strip("-") or "number"
