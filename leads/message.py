"""Every text, in or out. Outgoing ones are the outbox: see outbox.py for how they leave."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, desc, func, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads import timeline
from leads.db import Base, changed
from leads.delivery_errors import in_words
from leads.segments import segments

# Statuses only move forward. `unknown` is settled by whatever is learnt later, and a delivery
# report is believed even after a failure.
RANK = {
    "queued": 0,
    "sending": 1,
    "unknown": 2,
    "sent": 3,
    "undelivered": 4,
    "failed": 4,
    "delivered": 5,
    "received": 9,
}
FAILED = ("failed", "undelivered")


class Message(Base):
    __tablename__ = "message"
    __table_args__ = (
        # What the sender looks for, every two seconds; sent texts are not in it.
        Index(
            "ix_message_outbox_order",
            "tracking_number_id",
            "automated",  # who waits for an answer of the desk does not wait behind a backlog
            "due_at",
            postgresql_where="state IN ('queued', 'sending')",
        ),
        Index("ix_message_lead_id_created_at", "lead_id", "created_at"),
        Index("ix_message_phone_id_created_at", "phone_id", "created_at"),
        Index("ix_message_reminder_id", "reminder_id"),
        # The inbox: what people wrote, the last first, and what did not arrive.
        Index(
            "ix_message_written",
            desc("created_at"),
            desc("id"),
            postgresql_where="direction = 'inbound' OR NOT automated",
        ),
        # Those of the plans, in the day's counts.
        Index("ix_message_automated", "created_at", postgresql_where="automated"),
        Index(
            "ix_message_undelivered",
            desc("created_at"),
            desc("id"),
            postgresql_where="state IN ('failed', 'undelivered')",
        ),
        # Of which nothing was heard since: reconciliation asks for them.
        Index("ix_message_unreported", "sent_at", postgresql_where="state = 'sent'"),
        Index("ix_message_unknown", "lease_until", postgresql_where="state = 'unknown'"),
        Index(
            "ix_message_filtered",
            func.md5(text("body")),
            postgresql_where="error_code = 30007",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    sid: Mapped[str | None] = mapped_column(unique=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"))
    phone_id: Mapped[int] = mapped_column(ForeignKey("phone.id"))
    tracking_number_id: Mapped[int | None] = mapped_column(ForeignKey("tracking_number.id"))
    direction: Mapped[str]
    body: Mapped[str]
    media_count: Mapped[int] = mapped_column(default=0)
    segments: Mapped[int]
    automated: Mapped[bool] = mapped_column(default=False)
    topic: Mapped[str | None]  # of an automated text: see plan.Topic
    # Each try of a reminder's text; the reminder names the last. Not a foreign key: the two
    # would refer to each other.
    reminder_id: Mapped[int | None] = mapped_column(BigInteger)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[str]
    error_code: Mapped[int | None]
    error_text: Mapped[str | None]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    posted_at: Mapped[datetime | None]  # its last post began; it may have gone out since
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    # How it leaves, in real time: who holds it, until when, and the attempt that may have posted.
    attempt: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None]
    retry_after: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)

    @classmethod
    def outgoing(
        cls,
        body: str,
        now: datetime,
        *,
        lead_id: int,
        phone_id: int,
        tracking_number_id: int,
        due_at: datetime | None = None,
        topic: str | None = None,
        reminder_id: int | None = None,
        staff_id: int | None = None,
    ) -> "Message":
        """A text for the outbox, due at once unless said otherwise. With a `topic` it goes by
        itself; without, staff wrote it."""
        return cls(
            lead_id=lead_id,
            phone_id=phone_id,
            tracking_number_id=tracking_number_id,
            direction="outbound",
            body=body,
            segments=segments(body).count,
            automated=topic is not None,
            topic=topic,
            reminder_id=reminder_id,
            staff_id=staff_id,
            state="queued",
            created_at=now,
            due_at=due_at or now,
        )

    def advance(
        self, session: Session, state: str, now: datetime, code: int | None, words: str | None
    ) -> bool:
        """Move forward to `state` and say whether that changed anything; never backwards. A
        failure's `words` are, unless given, those of its `code`."""
        if RANK[state] <= RANK[self.state]:
            return False
        self.state = state
        if state in {"sent", "delivered"}:
            self.sent_at = self.sent_at or now
            self.lease_until = None
            self.error_code = self.error_text = None  # of a try before
        if state == "delivered":
            self.delivered_at = now
        if state in {"failed", "undelivered"}:
            self.lease_until = None
            self.error_code = code
            self.error_text = words or in_words(code)
            timeline.note(
                session,
                self.lead_id,
                now,
                "text_failed",
                f"Text not delivered: {self.error_text}",
                message_id=self.id,
                error_code=code,
            )
        changed(session, f"lead:{self.lead_id}")
        return True
