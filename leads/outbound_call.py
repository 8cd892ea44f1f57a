"""A call back by click: the clinic's phone rings first, then the person is called from it.

The row is written by the desk (`ask`) and placed by a worker, once: see `leads/placing.py`. One
call at a time for a lead; a second click is the same call. What happens on the call itself is told
in `leads/call_back.py`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, and_, func, or_, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from leads import call as calls
from leads import claim, desk
from leads.call import Call
from leads.db import Base, among, changed
from leads.lead import Lead
from leads.phone import Phone
from leads.practice import PracticePhone
from leads.staff import Staff
from leads.tracking_number import TrackingNumber

CHANNEL = "calling"  # on which workers hear that there is something to place
# Whoever clicked waits with a hand at the receiver. A phone that rings minutes later is a riddle.
STALE = timedelta(seconds=30)
TAKING = timedelta(seconds=5)  # a worker that took it in time may not have said so yet
POSTING = timedelta(seconds=60)  # more than a post may take: its worker is gone
ABSENT = timedelta(minutes=2)  # a call that was taken is listed within seconds
LONGEST = timedelta(hours=4)  # of one call, at Twilio
TOLD = timedelta(minutes=15)  # so long the desk says what came of a click
LOOKED_AT = 100  # clicks: more than a desk makes in that time


class ChoosePhone(Exception):
    """Which of the clinic's phones is to ring for this person is not known yet."""


class OutboundCall(Base):
    __tablename__ = "outbound_call"
    __table_args__ = (
        Index("ix_outbound_call_open", "id", postgresql_where="over_at IS NULL"),
        Index("ix_outbound_call_lead_id", "lead_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"))
    phone_id: Mapped[int] = mapped_column(ForeignKey("phone.id"))  # theirs
    practice_phone_id: Mapped[int] = mapped_column(ForeignKey("practice_phone.id"))
    tracking_number_id: Mapped[int] = mapped_column(ForeignKey("tracking_number.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="wanted")  # posting placed refused unknown absent
    why: Mapped[str | None]
    sid: Mapped[str | None] = mapped_column(unique=True)
    # Real time, as leases are.
    wanted_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    posted_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]  # nothing of it goes on any more
    # Practice time: since when they needed a call, for whoever reaches a mailbox alone.
    waited_since: Mapped[datetime | None]

    lead: Mapped[Lead] = relationship()
    staff: Mapped[Staff] = relationship()
    practice_phone: Mapped[PracticePhone] = relationship()
    tracking_number: Mapped[TrackingNumber] = relationship()

    @property
    def rings(self) -> str:
        """The practice's phone in words."""
        return self.practice_phone.label or "the practice's phone"


@dataclass(frozen=True)
class UnderWay:
    told: OutboundCall
    call: Call | None  # none until the telephone service has it


def ask(
    session: Session, lead: Lead, staff_id: int, now: datetime, practice_phone_id: int | None = None
) -> OutboundCall:
    """Ring this person's own phone (or `practice_phone_id`, which is theirs from now on), and from
    there the lead, for whom it is claimed. A second click is the same call.

    Raises Refused when they cannot be called, somebody else has them, or calls them; and
    ChoosePhone.
    """
    desk.hold(session, lead)
    phone = _callable(session, lead)
    for each in under_way(session, now, lead_id=lead.id):
        if each.told.staff_id == staff_id:
            return each.told
        name = each.told.staff.name or each.told.staff.email
        raise desk.Refused(f"{name} is calling them right now. Nothing was dialled.")
    number_id = desk.sender(session, lead)
    if number_id is None:
        raise desk.Refused(
            "There is no number of the clinic to call from. An admin can add one under Settings."
        )
    rung = _own_phone(session, staff_id, practice_phone_id)
    claim.take(session, lead, staff_id)
    told = OutboundCall(
        lead_id=lead.id,
        phone_id=phone.id,
        practice_phone_id=rung.id,
        tracking_number_id=number_id,
        staff_id=staff_id,
        asked_at=now,
        waited_since=lead.needs_callback_since,
    )
    session.add(told)
    session.flush()
    session.execute(select(func.pg_notify(CHANNEL, "")))
    tell(session, told)
    return told


def _callable(session: Session, lead: Lead) -> Phone:
    phone = lead.phone
    if phone is None:
        raise desk.Refused("This lead has no number to call.")
    why = why_not(session, phone)
    if why:
        raise desk.Refused(f"{why} Nothing was dialled.")
    return phone


def why_not(session: Session, phone: Phone) -> str | None:
    """Why this number may not be called, as a sentence. Who opted out of texts may be."""
    if phone.blocked_at is not None:
        return "This number is blocked. Unblock it first."
    if calls.is_ours(session, phone.e164):
        return "This is one of the clinic's own numbers."
    return None


def _own_phone(session: Session, staff_id: int, wanted: int | None) -> PracticePhone:
    staff = session.get_one(Staff, staff_id)
    phones = PracticePhone.ringing(session)
    chosen = staff.rings_on_id if wanted is None else wanted
    rung = next((phone for phone in phones if phone.id == chosen), None)
    if rung is not None and wanted is not None:
        staff.rings_on_id = rung.id
    if rung is None and len(phones) == 1:
        [rung] = phones  # there is nothing to choose
    if rung is None:
        raise ChoosePhone
    return rung


def latest(session: Session, lead_ids: Collection[int]) -> dict[int, UnderWay]:
    """Of each of these leads the newest click of the last quarter of an hour, with its call."""
    newest = select(OutboundCall.id).order_by(OutboundCall.id.desc()).limit(LOOKED_AT)
    wanted = (
        select(OutboundCall, Call)
        .outerjoin(Call, Call.sid == OutboundCall.sid)
        .options(joinedload(OutboundCall.staff), joinedload(OutboundCall.practice_phone))
        .where(
            OutboundCall.id.in_(newest),
            among(OutboundCall.lead_id, lead_ids),
            OutboundCall.wanted_at > func.clock_timestamp() - TOLD,
        )
        .order_by(OutboundCall.id)
    )
    return {told.lead_id: UnderWay(told, call) for told, call in session.execute(wanted)}


def under_way(session: Session, now: datetime, lead_id: int | None = None) -> list[UnderWay]:
    """Calls by click that go on, the newest first: of this lead, or of everybody (five at most)."""
    real = func.clock_timestamp()
    wanted = (
        select(OutboundCall, Call)
        .outerjoin(Call, Call.sid == OutboundCall.sid)
        .where(
            OutboundCall.over_at.is_(None),
            or_(
                and_(
                    OutboundCall.state == "wanted", OutboundCall.wanted_at > real - STALE - TAKING
                ),
                and_(
                    OutboundCall.state.in_(("posting", "unknown")),
                    OutboundCall.posted_at > real - ABSENT,
                ),
                and_(OutboundCall.state == "placed", Call.started_at > now - LONGEST),
            ),
        )
        .order_by(OutboundCall.id.desc())
        .limit(5)
    )
    if lead_id is not None:
        wanted = wanted.where(OutboundCall.lead_id == lead_id)
    return [UnderWay(told, call) for told, call in session.execute(wanted)]


def tell(session: Session, told: OutboundCall) -> None:
    """Whatever shows this call is drawn again."""
    # The strip on every page, which listens for calls.
    changed(session, "call:0")
    changed(session, f"lead:{told.lead_id}")
