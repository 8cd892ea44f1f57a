"""A telephone outside the clinic: it carries consent, opt-out and whether it can be texted."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads.db import Base, among, upsert


class Phone(Base):
    __tablename__ = "phone"
    __table_args__ = (
        Index("ix_phone_blocked", "blocked_at", "id", postgresql_where="blocked_at IS NOT NULL"),
        Index("ix_phone_unclear", "id", postgresql_where="unclear_at IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    e164: Mapped[str] = mapped_column(unique=True)
    opted_out_at: Mapped[datetime | None]
    opted_out_how: Mapped[str | None]
    untextable_at: Mapped[datetime | None]
    untextable_why: Mapped[str | None]
    unclear_at: Mapped[datetime | None]  # their last text may be a no: staff are asked
    identified_at: Mapped[datetime | None]  # told who texts them, once, when they asked
    line_type: Mapped[str | None]  # by Lookup, where it is switched on: landline, mobile, …
    looked_up_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]  # its calls are rejected, and kept
    blocked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    blocked_why: Mapped[str | None]

    @classmethod
    def of(cls, session: Session, e164: str) -> "Phone":
        """The one row of this number, made when it is new, with its lock (see `locked`)."""
        return upsert(session, cls, ["e164"], e164=e164)

    @classmethod
    def locked(cls, session: Session, phone_id: int) -> "Phone":
        """The row with its lock held until commit.

        Every change of consent, opt-out or follow-ups takes this lock first, and so does the
        last check before a text: whoever commits first wins, and nothing goes out after an
        opt-out has committed. Rows that merely refer to the phone may be written meanwhile.
        """
        return session.scalars(
            select(cls)
            .where(cls.id == phone_id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        ).one()

    @classmethod
    def locked_all(cls, session: Session, phone_ids: Collection[int]) -> None:
        """Take these locks, in the one order in which several are taken. Rows that the session
        has read before are read anew."""
        session.scalars(
            select(cls)
            .where(among(cls.id, phone_ids))
            .order_by(cls.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        ).all()


class LeadPhone(Base):
    """People share phones and have several."""

    __tablename__ = "lead_phone"

    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), primary_key=True)
    phone_id: Mapped[int] = mapped_column(ForeignKey("phone.id"), primary_key=True, index=True)
    main: Mapped[bool] = mapped_column(default=True)
