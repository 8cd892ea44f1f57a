"""The consent ledger of a phone: what allows us to text it. Append-only, revocations included."""

from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads.db import Base
from leads.wording import VERSION

Basis = Literal["call", "notice", "keypress", "reply", "staff", "form"]
Purpose = Literal["responsive", "informational", "marketing"]

# What each basis allows, by purpose. `call` is their own call, as an inquiry: it covers the one
# responsive text that answers it. Marketing needs prior written consent in every mode.
COVERS: dict[str, set[str]] = {
    "call": {"responsive"},
    "notice": {"responsive", "informational"},
    "keypress": {"responsive", "informational"},
    "reply": {"responsive", "informational"},
    "staff": {"responsive", "informational"},
    "form": {"responsive", "informational", "marketing"},
}
# Which bases the practice's consent mode accepts from a call; the others are always good enough.
ACCEPTED: dict[str, set[str]] = {
    "call": {"call", "notice", "keypress"},
    "notice": {"notice", "keypress"},
    "keypress": {"keypress"},
}


class Consent(Base):
    """One line of the ledger: given (`basis` set) or revoked (`revokes` says what it ends)."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_phone_id_at", "phone_id", "at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    phone_id: Mapped[int] = mapped_column(ForeignKey("phone.id"))
    at: Mapped[datetime]
    kind: Mapped[str]  # given | revoked
    basis: Mapped[str]
    evidence: Mapped[str]  # CallSid, MessageSid, form or staff:ID
    wording: Mapped[str] = mapped_column(default="")
    wording_version: Mapped[str] = mapped_column(default=VERSION)

    @property
    def purposes(self) -> list[Purpose]:
        """What the line allows texts for, in any consent mode; a revocation ends all of them."""
        covered = get_args(Purpose) if self.kind == "revoked" else COVERS.get(self.basis, set())
        return [purpose for purpose in get_args(Purpose) if purpose in covered]


def allows(mode: str, basis: str, purpose: str) -> bool:
    """Whether consent of this basis allows a text of this purpose in the practice's mode."""
    from_call = basis in ACCEPTED["call"]
    return purpose in COVERS[basis] and (not from_call or basis in ACCEPTED[mode])


def give(
    session: Session, phone_id: int, at: datetime, basis: Basis, evidence: str, wording: str = ""
) -> Consent:
    """Write that consent was given; the same evidence for the same basis is one row, until a
    revocation comes after it."""
    row = session.scalars(
        select(Consent)
        .where(
            Consent.phone_id == phone_id,
            Consent.kind == "given",
            Consent.basis == basis,
            Consent.evidence == evidence,
        )
        .order_by(Consent.id.desc())
    ).first()
    if row is None or not still_good(session, row):
        row = Consent(
            phone_id=phone_id, at=at, kind="given", basis=basis, evidence=evidence, wording=wording
        )
        session.add(row)
        session.flush()
    return row


def revoke(session: Session, phone_id: int, at: datetime, basis: str, evidence: str) -> None:
    session.add(Consent(phone_id=phone_id, at=at, kind="revoked", basis=basis, evidence=evidence))
    session.flush()


def still_good(session: Session, consent: Consent) -> bool:
    """No revocation of this phone has been written after it."""
    later = select(Consent.id).where(
        Consent.phone_id == consent.phone_id, Consent.kind == "revoked", Consent.id > consent.id
    )
    return session.scalars(later.limit(1)).first() is None


def standing(session: Session, phone_id: int, mode: str, purpose: Purpose) -> Consent | None:
    """The last line of the ledger that, in the practice's mode, allows a text of this purpose to
    this phone; None when there is none, or a revocation came after it."""
    for row in session.scalars(
        select(Consent).where(Consent.phone_id == phone_id).order_by(Consent.id.desc())
    ):
        if row.kind == "revoked":
            return None
        if allows(mode, row.basis, purpose):
            return row
    return None


def told_by(session: Session, phone_id: int, evidence: str) -> bool:
    """Whether the ledger has a line from this event."""
    line = select(Consent.id).where(Consent.phone_id == phone_id, Consent.evidence == evidence)
    return session.scalar(line.limit(1)) is not None


def last_was_no(session: Session, phone_id: int) -> bool:
    """The last line of this phone's ledger is a revocation."""
    last = select(Consent.kind).where(Consent.phone_id == phone_id).order_by(Consent.id.desc())
    return session.scalars(last.limit(1)).first() == "revoked"
