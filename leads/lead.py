"""A person who got in touch: where they stand, and whether they still need a call."""

from datetime import datetime
from typing import Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Identity,
    Index,
    and_,
    desc,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from leads import timeline
from leads.db import Base, changed
from leads.phone import LeadPhone, Phone
from leads.staff import Staff

Stage = Literal["new", "contacted", "booked", "won", "lost", "not_a_lead"]
Relation = Literal["prospect", "patient", "other"]
CLOSED: dict[str, str] = {"won": "won", "lost": "lost", "not_a_lead": "not a lead"}


class Lead(Base):
    __tablename__ = "lead"
    __table_args__ = (
        Index(
            "ix_lead_needs_callback",
            "needs_callback_since",
            postgresql_where="needs_callback_since IS NOT NULL",
        ),
        Index("ix_lead_activity", desc("last_activity_at"), desc("id")),
        Index(
            "ix_lead_unread",
            desc("last_text_in_at"),
            desc("id"),
            postgresql_where="last_text_in_at IS NOT NULL AND merged_into_id IS NULL"
            " AND (texts_read_at IS NULL OR texts_read_at < last_text_in_at)",
        ),
        Index(
            "ix_lead_merged_into_id",
            "merged_into_id",
            postgresql_where="merged_into_id IS NOT NULL",
        ),
        Index(
            "ix_lead_claimed_by_id", "claimed_by_id", postgresql_where="claimed_by_id IS NOT NULL"
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    stage: Mapped[str] = mapped_column(default="new")
    relation: Mapped[str] = mapped_column(default="prospect")
    source: Mapped[str] = mapped_column(default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    last_activity_at: Mapped[datetime]
    needs_callback_since: Mapped[datetime | None]
    last_text_in_at: Mapped[datetime | None]  # a text that waits for an answer; STOP does not
    appointment_at: Mapped[datetime | None]
    appointment_confirmed_at: Mapped[datetime | None]
    appointment_change_asked_at: Mapped[datetime | None]
    value_cents: Mapped[int | None]
    tags: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    # Whoever said "I call them", until when (real time): nobody else calls them meanwhile.
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    claimed_until: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]  # off the list until then, or until they get in touch
    texts_read_at: Mapped[datetime | None]  # up to when somebody has read what they wrote
    confidential_at: Mapped[datetime | None]  # lists do not show who it is
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))

    owner: Mapped[Staff | None] = relationship(foreign_keys=owner_id)
    claimed_by: Mapped[Staff | None] = relationship(foreign_keys=claimed_by_id)
    phones: Mapped[list[Phone]] = relationship(
        secondary="lead_phone", order_by="(LeadPhone.main.desc(), Phone.id)", viewonly=True
    )

    @property
    def phone(self) -> Phone | None:
        """Its main phone."""
        return self.phones[0] if self.phones else None

    @property
    def closed(self) -> bool:
        return self.stage in CLOSED

    @classmethod
    def waits(cls, now: datetime) -> ColumnElement[bool]:
        """Who is on the list of who needs a call, at this moment of practice time."""
        return and_(
            cls.needs_callback_since.is_not(None),
            or_(cls.snoozed_until.is_(None), cls.snoozed_until <= now),
            cls.merged_into_id.is_(None),
        )

    @classmethod
    def of(cls, session: Session, phone: Phone, now: datetime, source: str) -> tuple["Lead", bool]:
        """The lead that this phone belongs to, and whether it was known before.

        Where people share a phone: the one heard of last. Needs the phone's lock, or two first
        calls at once would make two leads.
        """
        lead = cls.last_of(session, phone.id)
        if lead is not None:
            return lead, True
        lead = cls(created_at=now, last_activity_at=now, source=source)
        session.add(lead)
        session.flush()
        session.add(LeadPhone(lead_id=lead.id, phone_id=phone.id))
        timeline.note(session, lead.id, now, "lead_created", "First heard of.", source=source)
        return lead, False

    @classmethod
    def last_of(cls, session: Session, phone_id: int) -> "Lead | None":
        """Whoever of this phone's people was heard of last."""
        return session.scalars(
            select(cls)
            .join(LeadPhone)
            .where(LeadPhone.phone_id == phone_id, cls.merged_into_id.is_(None))
            .order_by(cls.last_activity_at.desc(), cls.id.desc())
            .limit(1)
        ).one_or_none()

    def heard_of(self, session: Session, now: datetime) -> None:
        """They got in touch again: a closed lead opens, unless it is nobody to follow up."""
        self.last_activity_at = max(self.last_activity_at, now)
        self.snoozed_until = None
        if self.stage in {"lost", "not_a_lead"} and self.relation != "other":
            self.stage = "new"
            timeline.note(session, self.id, now, "reopened", "Got in touch again: reopened.")
        changed(session, f"lead:{self.id}")

    def needs_callback(self, session: Session, since: datetime) -> None:
        """Put it on the list of who needs a call, since then; who already waits keeps their place,
        and who was to come back later is back."""
        if self.needs_callback_since is None:
            self.needs_callback_since = since
        self.snoozed_until = None
        changed(session, f"lead:{self.id}")

    def called_back(self, session: Session, now: datetime) -> None:
        """Somebody spoke with them or wrote to them: off the list, unless somebody still has to
        read what they texted."""
        since = self.needs_callback_since
        self.off_the_list(session)
        if self.stage == "new":
            self.stage = "contacted"
        if any(phone.unclear_at is not None for phone in self.phones):
            self.needs_callback(session, since or now)

    def off_the_list(self, session: Session) -> None:
        """No call is needed any more, whoever had taken it on."""
        self.needs_callback_since = self.snoozed_until = None
        self.claimed_by_id = self.claimed_until = None
        changed(session, f"lead:{self.id}")

    def let_go(self, staff_id: int | None) -> None:
        """This person will not call them now after all. What a colleague has stays theirs."""
        if self.claimed_by_id == staff_id:
            self.claimed_by_id = self.claimed_until = None
