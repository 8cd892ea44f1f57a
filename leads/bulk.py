"""One change of many leads: each in a transaction of its own, with all that it brings when it is
done by hand, and a word on each that refused it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Identity, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from leads import audit, clock, details
from leads.db import Base, changed, database_time, transaction
from leads.desk import Refused
from leads.lead import Lead
from leads.staff import Staff

MOST = 10_000  # leads at once
STALLED = timedelta(seconds=15)  # without a step: whoever did it is gone
MOST_TOLD = 500  # refusals that are kept; more of them are counted
NOBODY = "none"


class BulkChange(Base):
    """`kind`: stage or owner; `value`: the stage, or the id of the owner. Real time."""

    __tablename__ = "bulk_change"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    kind: Mapped[str]
    value: Mapped[str]
    lead_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    # How many of them are behind us: one more with each transaction.
    through: Mapped[int] = mapped_column(default=0, server_default="0")
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    same: Mapped[int] = mapped_column(default=0, server_default="0")
    refused: Mapped[int] = mapped_column(default=0, server_default="0")
    refusals: Mapped[list[Any]] = mapped_column(JSONB(), default=list, server_default="[]")
    asked_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    begun_at: Mapped[datetime | None]  # none while it waits for a yes
    moved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    staff: Mapped[Staff] = relationship()

    @property
    def count(self) -> int:
        return len(self.lead_ids)

    def stalled(self, real: datetime) -> bool:
        """Whether nobody goes on with it: the dashboard was restarted meanwhile."""
        began = self.moved_at or self.begun_at
        return began is not None and self.ended_at is None and real - began > STALLED


def ask(
    session: Session, staff_id: int, kind: str, value: str, lead_ids: Sequence[int]
) -> BulkChange:
    """Write down what is wanted; nothing is changed yet. Raises Refused."""
    if not lead_ids:
        raise Refused("No lead is chosen. Choose some first; nothing was changed.")
    if len(lead_ids) > MOST:
        raise Refused(f"At most {MOST:,} leads are changed at once. Narrow the filter first.")
    if kind == "stage" and value not in details.STAGES:
        raise Refused("Choose a stage first. Nothing was changed.")
    if kind == "owner" and value != NOBODY:
        _owner(session, value)
    change = BulkChange(staff_id=staff_id, kind=kind, value=value, lead_ids=sorted(set(lead_ids)))
    session.add(change)
    session.flush()
    return change


def _owner(session: Session, value: str) -> Staff:
    plain = value.isascii() and value.isdigit() and len(value) < 10
    owner = session.get(Staff, int(value)) if plain else None
    if owner is None or owner.disabled_at is not None or owner.role not in details.OWNERS:
        raise Refused("Choose an owner first, who is at the desk. Nothing was changed.")
    return owner


def begin(session: Session, change: BulkChange, address: str) -> None:
    """They said yes. Audited once, with how many and what; each lead's timeline has its own."""
    if change.begun_at is None:
        change.begun_at = database_time(session)
        audit.record(
            session,
            "bulk_change",
            staff_id=change.staff_id,
            address=address,
            bulk_change=change.id,
            kind=change.kind,
            value=change.value,
            leads=change.count,
        )


def step(change_id: int) -> bool:
    """The next lead, in one transaction; whether there is more to do. Two who go on with the
    same change take turns, and no lead is changed twice."""
    with transaction() as session:
        change = session.scalars(
            select(BulkChange).where(BulkChange.id == change_id).with_for_update()
        ).one()
        if change.begun_at is None or change.ended_at is not None:
            return False
        if change.through < change.count:
            _one(session, change, change.lead_ids[change.through])
            change.through += 1
        change.moved_at = database_time(session)
        if change.through >= change.count:
            change.ended_at = change.moved_at
        if change.ended_at or change.through % 20 == 0:
            changed(session, f"bulk:{change.id}")
        return change.ended_at is None


def _one(session: Session, change: BulkChange, lead_id: int) -> None:
    lead = session.get(Lead, lead_id)
    if lead is None:
        return _refuse(change, lead_id, "This lead is not here any more.")
    before = (lead.stage, lead.owner_id)
    try:
        with session.begin_nested():
            now = clock.now(session)
            if change.kind == "stage":
                details.set_stage(session, lead, change.staff_id, now, change.value)
            else:
                owner_id = None if change.value == NOBODY else int(change.value)
                details.assign(session, lead, change.staff_id, now, owner_id)
    except Refused as refusal:
        return _refuse(change, lead_id, str(refusal))
    if before == (lead.stage, lead.owner_id):
        change.same += 1
    else:
        change.done += 1
    return None


def _refuse(change: BulkChange, lead_id: int, why: str) -> None:
    change.refused += 1
    if len(change.refusals) < MOST_TOLD:
        change.refusals = [*change.refusals, [lead_id, why]]
