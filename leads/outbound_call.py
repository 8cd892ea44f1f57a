"""A call back by click: the clinic's phone rings first, then the person is called from it.

The row is written by the desk and placed by a worker, once:

1. `ask`: staff clicked. One call at a time for a lead; a second click is the same call.
2. `take`: a worker takes it, and commits that before it asks the telephone service.
3. What came of that: `adopt` (there is a call now, and its CallSid names it), `refused`, or
   `lost`: nobody knows. What is lost is told and looked for, never dialled again by itself.

What happens on the call itself is told in `leads/call_back.py`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Select, and_, func, or_, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from leads import call as calls
from leads import claim, desk, timeline
from leads.call import Call
from leads.db import Base, changed, database_time
from leads.lead import Lead
from leads.listed import ListedCall
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
# Their clock counts whole seconds, and is not ours.
BEFORE, AFTER = timedelta(seconds=30), timedelta(minutes=2)
NOT_TAKEN = (
    "nobody was there to place the call: the worker may be down. Nothing rang. Try again, or dial "
    "the number yourself."
)
NEVER_CAME = "it never reached the telephone service. Nothing rang. You can call again."
UNKNOWN = (
    "It is not known whether {phone} rings: the telephone service did not answer. Nothing is "
    "dialled again by itself; its list of calls is asked."
)


class ChoosePhone(Exception):
    """Which of the clinic's phones is to ring for this person is not known yet."""


class AlreadyPlaced(Exception):
    """Another call was made for the same click."""


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
class Ringing:
    """What a worker asks the telephone service for: ring `to`, showing `sender`."""

    id: int
    to: str
    sender: str
    seconds: int


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
    _changed(session, told)
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
            OutboundCall.lead_id.in_(lead_ids),
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


def take(session: Session, at_most: int) -> list[Ringing]:
    """Take what is wanted, so that nobody else does; what waited too long is left to `give_up`."""
    real = database_time(session)
    rows = session.scalars(
        _wanted()
        .where(OutboundCall.wanted_at >= real - STALE)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    ).all()
    taken = []
    for told in rows:
        told.state, told.posted_at = "posting", real
        phone = told.practice_phone
        number = told.tracking_number
        taken.append(Ringing(told.id, phone.e164, number.e164, max(phone.ring_seconds, 20)))
    return taken


def give_up(session: Session, now: datetime) -> None:
    """End what was wanted for too long, and say so."""
    stale = OutboundCall.wanted_at < database_time(session) - STALE
    for id_ in session.scalars(_wanted().where(stale).with_only_columns(OutboundCall.id)).all():
        told = _held(session, id_)
        if told.state == "wanted":
            _not_called(session, told, NOT_TAKEN, "refused", now)


def _wanted() -> Select[OutboundCall]:
    return (
        select(OutboundCall)
        .where(OutboundCall.state == "wanted", OutboundCall.over_at.is_(None))
        .order_by(OutboundCall.id)
    )


def _held(session: Session, id_: int) -> OutboundCall:
    """The click, locked after the phone, as everywhere: its line on the timeline needs the lead,
    and who merges that has locked its phones. Raises ValueError for a click that nobody made."""
    phone_id = session.scalar(select(OutboundCall.phone_id).where(OutboundCall.id == id_))
    if phone_id is None:
        raise ValueError("this event names no call of ours")
    Phone.locked(session, phone_id)
    return session.get_one(OutboundCall, id_, with_for_update=True, populate_existing=True)


def refused(session: Session, id_: int, words: str, now: datetime) -> None:
    """The telephone service did nothing; `words` say why."""
    told = _held(session, id_)
    if told.state == "posting":
        _not_called(session, told, words, "refused", now)


def lost(session: Session, id_: int, now: datetime) -> None:
    """It is not known whether anything rings. Nobody dials it again but staff."""
    told = _held(session, id_)
    if told.state == "posting":
        told.state = "unknown"
        words = UNKNOWN.format(phone=told.rings)
        timeline.note(session, told.lead_id, now, "call_out_unknown", words, staff_id=told.staff_id)
        _changed(session, told)


def _not_called(
    session: Session, told: OutboundCall, words: str, state: str, now: datetime
) -> None:
    told.state, told.why, told.over_at = state, words, database_time(session)
    text = f"Not called: {words}"
    timeline.note(session, told.lead_id, now, "call_out_failed", text, staff_id=told.staff_id)
    _changed(session, told)


def adopt(
    session: Session, id_: int, sid: str, at: datetime, *, guessed: bool = False
) -> tuple[OutboundCall, Call]:
    """The call that was made for this click, whoever tells of it first: the answer to the post,
    a webhook, or (`guessed`: it names no click) the list of calls. Whoever names the click is
    right. Raises ValueError for a click that nobody made, and AlreadyPlaced.
    """
    told = _held(session, id_)
    if told.sid not in (None, sid):
        raise AlreadyPlaced
    call = calls.find(session, sid, at)
    if call.from_raw is not None:
        if told.sid == sid:
            return told, call
        if guessed:
            raise AlreadyPlaced
        _take_back(session, sid, at)
    told.sid, told.state, told.over_at = sid, "placed", None
    call.direction = "outbound"
    call.lead_id, call.phone_id, call.staff_id = told.lead_id, told.phone_id, told.staff_id
    call.tracking_number = told.tracking_number
    call.from_raw = told.tracking_number.e164
    call.to_raw = session.get_one(Phone, told.phone_id).e164
    call.started_at = min(call.started_at, at)
    call.follow_up_decided_at = call.started_at  # nothing follows from a call of ours
    session.flush()
    timeline.note(
        session, told.lead_id, call.started_at, "call_out",
        f"Calling back: {told.rings} rings first.", call_id=call.id, staff_id=told.staff_id,
    )  # fmt: skip
    changed(session, f"call:{call.id}")
    return told, call


def _take_back(session: Session, sid: str, at: datetime) -> None:
    """The list of calls had this one for another click, of which nothing is known again."""
    wrong = session.scalars(
        select(OutboundCall).where(OutboundCall.sid == sid).with_for_update()
    ).one()
    wrong.sid, wrong.state = None, "unknown"
    words = f"That call was for somebody else. {UNKNOWN.format(phone=wrong.rings)}"
    timeline.note(session, wrong.lead_id, at, "call_out_unknown", words, staff_id=wrong.staff_id)
    _changed(session, wrong)
    session.flush()


def came_back(session: Session, call: Call, now: datetime) -> bool:
    """Whether this incoming call is one of ours, forwarded to one of our numbers by the phone that
    we rang: it must not be answered, or it would count as somebody who picked up."""
    e164 = call.caller
    if e164 is None or call.lead_id is not None:
        return False
    open_one = (
        select(OutboundCall.id)
        .join(TrackingNumber, TrackingNumber.id == OutboundCall.tracking_number_id)
        .where(
            TrackingNumber.e164 == e164,
            OutboundCall.over_at.is_(None),
            OutboundCall.state.in_(("posting", "placed", "unknown")),
            OutboundCall.posted_at > func.clock_timestamp() - AFTER,
        )
    )
    if not session.scalar(select(open_one.exists())):
        return False
    call.looped_at = call.looped_at or now
    return True


def match(session: Session, listed: ListedCall) -> int | None:
    """The click that became this listed call (real time), where its CallSid never reached us: the
    last one before it."""
    return session.scalar(
        select(OutboundCall.id)
        .join(PracticePhone, PracticePhone.id == OutboundCall.practice_phone_id)
        .join(TrackingNumber, TrackingNumber.id == OutboundCall.tracking_number_id)
        .where(
            OutboundCall.sid.is_(None),
            OutboundCall.state.in_(("posting", "unknown", "absent")),
            OutboundCall.posted_at.between(listed.started_at - AFTER, listed.started_at + BEFORE),
            PracticePhone.e164 == listed.to_raw,
            TrackingNumber.e164 == listed.from_raw,
        )
        .order_by(OutboundCall.posted_at.desc())
        .limit(1)
    )


def unsettled(session: Session, now: datetime) -> list[OutboundCall]:
    """Those of which it is not known whether anything rang, the oldest first. A post whose worker
    died is one of them."""
    real = database_time(session)
    died = select(OutboundCall.id).where(
        OutboundCall.state == "posting", OutboundCall.posted_at < real - POSTING
    )
    for id_ in session.scalars(died).all():
        lost(session, id_, now)
    session.flush()
    return list(
        session.scalars(
            select(OutboundCall)
            .where(OutboundCall.state == "unknown", OutboundCall.over_at.is_(None))
            .order_by(OutboundCall.id)
            .limit(20)
        )
    )


def absent(session: Session, id_: int, now: datetime) -> None:
    """It is not in the list of calls: after a while, it never will be."""
    told = _held(session, id_)
    looked_long = told.posted_at is not None and told.posted_at < database_time(session) - ABSENT
    if told.state == "unknown" and looked_long:
        _not_called(session, told, NEVER_CAME, "absent", now)


def _changed(session: Session, told: OutboundCall) -> None:
    # The strip on every page, which listens for calls.
    changed(session, "call:0")
    changed(session, f"lead:{told.lead_id}")
