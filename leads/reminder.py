"""One scheduled text of a follow-up: a row with a due time, never a timer in a broker."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads import timeline
from leads.consent import Consent
from leads.db import Base
from leads.message import Message


class Reminder(Base):
    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("follow_up_id", "step"),
        Index("ix_reminder_due", "due_at", postgresql_where="state = 'scheduled'"),
        Index("ix_reminder_lead_id", "lead_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("follow_up.id"))
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"))
    step: Mapped[int]
    due_at: Mapped[datetime]
    stale_at: Mapped[datetime | None]  # from then on it makes no sense any more
    tries: Mapped[int] = mapped_column(default=0, server_default="0")  # texts that did not arrive
    state: Mapped[str]  # scheduled sending sent failed unknown cancelled
    reason: Mapped[str | None]
    waits_since: Mapped[datetime | None]  # due, not sent, and the timeline says why
    consent_id: Mapped[int | None] = mapped_column(ForeignKey(Consent.id))
    message_id: Mapped[int | None] = mapped_column(ForeignKey(Message.id), unique=True)

    def cancel(self, session: Session, now: datetime, reason: str) -> None:
        """Not sent, and the timeline says why. `reason` completes "Not sent: …"."""
        self.state = "cancelled"
        self.reason = reason
        self.message_id = None
        timeline.note(
            session,
            self.lead_id,
            now,
            "reminder_cancelled",
            f"Text {self.step} not sent: {reason}",
            reminder_id=self.id,
            step=self.step,
        )

    def move(
        self,
        session: Session,
        now: datetime,
        due_at: datetime,
        reason: str,
        lateness: timedelta | None = None,
    ) -> None:
        """Later, and the timeline says why. `reason` is a whole sentence. With `lateness` it is
        as good then as it was; without, it grows stale when it would have anyway."""
        self.state = "scheduled"
        self.message_id = None
        self.waits_since = None
        self.due_at = due_at
        if lateness is not None:
            self.stale_at = due_at + lateness
        self.reason = reason
        timeline.note(
            session,
            self.lead_id,
            now,
            "reminder_moved",
            reason,
            reminder_id=self.id,
            step=self.step,
            due_at=due_at.isoformat(),
        )

    def wait(self, session: Session, now: datetime, why: str) -> None:
        """Due, and not yet sent: the timeline says why, in a whole sentence."""
        self.waits_since = now
        words = f"Text {self.step} is due and not sent yet. {why}"
        timeline.note(
            session,
            self.lead_id,
            now,
            "reminder_waits",
            words,
            reminder_id=self.id,
            step=self.step,
        )

    def follow(self, message: Message) -> None:
        """Take over what became of its text."""
        state = {"delivered": "sent", "undelivered": "failed", "queued": "sending"}
        self.state = state.get(message.state, message.state)
        self.waits_since = self.waits_since if self.state == "sending" else None
        self.reason = message.error_text
