"""What this database belongs to: play or the real thing, and which Twilio account."""

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, func, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads.db import Base
from leads.settings import settings


class WrongInstallation(Exception):
    """The database was stamped with another mode or account than the settings name."""


class Installation(Base):
    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[str]
    account_sid: Mapped[str]
    clock_shift: Mapped[timedelta] = mapped_column(server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @property
    def live(self) -> bool:
        """Texts reach people, and cost money."""
        return self.mode == "live"

    @classmethod
    def current(cls, session: Session) -> "Installation":
        """This installation; stamps an unstamped database first.

        Raises WrongInstallation: numbers typed in play must never be texted for real, nor one
        account's patients by another.
        """
        told = settings()
        row = session.get(cls, 1)
        if row is None:
            session.execute(text("LOCK TABLE installation IN EXCLUSIVE MODE"))
            row = session.scalars(select(cls)).one_or_none()
        if row is None:
            session.execute(
                insert(cls).values(id=1, mode=told.mode, account_sid=told.twilio_account_sid)
            )
            row = session.scalars(select(cls)).one()
        if (row.mode, row.account_sid) != (told.mode, told.twilio_account_sid):
            raise WrongInstallation(
                f"This database belongs to a {row.mode} installation of account "
                f"{row.account_sid or '(none)'}, but the settings say {told.mode}, "
                f"{told.twilio_account_sid or '(none)'}. Nothing was changed. Use another "
                "DATABASE_URL (or RINGBACK_HOME), or correct TWILIO_ACCOUNT_SID and "
                "TWILIO_API_BASE."
            )
        return row
