"""A call: what is known about it, in whatever order that arrives, and so its outcome."""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, func, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from leads import follow_up, loop, timeline
from leads.db import Base, Overtaken, changed, upsert
from leads.lead import Lead
from leads.phone import Phone
from leads.phone_number import parse_e164, possible_e164
from leads.practice import PracticePhone
from leads.tracking_number import TrackingNumber

Outcome = Literal[
    "ringing", "answered", "missed", "abandoned", "voicemail", "blocked", "no_answer", "not_dialled"
]  # the last two are of calls by us: see leads/call_back.py
UNANSWERED = ("missed", "abandoned", "voicemail")
FINAL = {"completed", "busy", "failed", "no-answer", "canceled"}
SENTENCES = {
    "answered": "Call answered.",
    "missed": "Missed call.",
    "abandoned": "Hung up before anyone could answer.",
    "voicemail": "Left a voicemail.",
}
# The calls that spam.py looks at more closely: of all calls, a few.
DUBIOUS = (
    "outcome IN ('missed', 'abandoned') AND (stir LIKE 'TN-Validation-Failed%' OR "
    "stir = 'TN-Validation-Passed-C' OR ended_at - started_at < interval '3 seconds')"
)


class Call(Base):
    """One leg with a caller. Every column but `outcome` is something that we were told."""

    __tablename__ = "call"
    __table_args__ = (
        Index("ix_call_lead_id_started_at", "lead_id", "started_at"),
        Index("ix_call_started_at", "started_at", "id"),
        Index("ix_call_phone_id", "phone_id"),
        Index(
            "ix_call_undecided",
            func.coalesce(text("prompt_heard_at"), text("text_asked_at")),
            postgresql_where="follow_up_decided_at IS NULL AND ended_at IS NULL",
        ),
        Index(
            "ix_call_withheld",
            "started_at",
            "id",
            postgresql_where="lead_id IS NULL AND phone_id IS NULL",
        ),
        Index("ix_call_dubious", "started_at", "phone_id", postgresql_where=DUBIOUS),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    sid: Mapped[str] = mapped_column(unique=True)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))
    phone_id: Mapped[int | None] = mapped_column(ForeignKey("phone.id"))
    tracking_number_id: Mapped[int | None] = mapped_column(ForeignKey("tracking_number.id"))
    direction: Mapped[str] = mapped_column(default="inbound")
    from_raw: Mapped[str | None]  # none until an event of the caller's own leg has come
    to_raw: Mapped[str | None]
    outcome: Mapped[str] = mapped_column(default="ringing")
    outcome_told: Mapped[str | None]  # the outcome that the lead's timeline has
    returning: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime]
    dialled_at: Mapped[datetime | None]
    dial_status: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    looped_at: Mapped[datetime | None]  # a leg of ours may have come back as a call
    prompted_at: Mapped[datetime | None]
    prompt: Mapped[str | None]
    prompt_promises: Mapped[bool] = mapped_column(default=False)
    prompt_heard_at: Mapped[datetime | None]
    text_declined_at: Mapped[datetime | None]
    text_asked_at: Mapped[datetime | None]
    voicemail_at: Mapped[datetime | None]
    follow_up_decided_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    talk_seconds: Mapped[int | None]
    # Found at Twilio afterwards, and what it found does not say whether a person answered.
    needs_review_at: Mapped[datetime | None]
    stir: Mapped[str | None]  # how far the caller's carrier vouches for the number
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # who rang out
    # Of a caller without a number: somebody has listened to it, and it is done.
    heard_at: Mapped[datetime | None]
    heard_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    tracking_number: Mapped[TrackingNumber | None] = relationship()

    @property
    def caller(self) -> str | None:
        """The caller's number in E.164; None for withheld callers and what is no number."""
        return parse_e164(self.from_raw) if self.from_raw else None


class CallLeg(Base):
    """A phone of the practice that was rung for a call. It may be told of before its call."""

    __tablename__ = "call_leg"

    sid: Mapped[str] = mapped_column(primary_key=True)
    call_sid: Mapped[str] = mapped_column(index=True)
    practice_phone_id: Mapped[int | None] = mapped_column(ForeignKey("practice_phone.id"))
    asks_for_key: Mapped[bool]
    status: Mapped[str | None]
    accepted_at: Mapped[datetime | None]
    talk_seconds: Mapped[int | None]


def find(session: Session, sid: str, now: datetime) -> Call:
    """The locked row of this CallSid, made bare when another event of the call came first.

    Its phone is locked before it, everywhere: two orders would be a deadlock. Raises ValueError
    for an event that names no call, and Overtaken.
    """
    if not sid:
        raise ValueError("this event names no call")
    phone_id = session.scalar(select(Call.phone_id).where(Call.sid == sid))
    if phone_id is not None:
        Phone.locked(session, phone_id)
    call = upsert(session, Call, ["sid"], sid=sid, started_at=now)
    if call.phone_id != phone_id:
        raise Overtaken  # while we waited for the row, the caller became known
    return call


def arrive(
    session: Session,
    sid: str,
    from_raw: str,
    to_raw: str,
    forwarded_from: str,
    now: datetime,
    stir: str = "",
) -> Call:
    """The call with its caller, phone and lead filled in, whichever of its events came first.
    `stir`: Twilio's StirVerstat, empty where it says none."""
    if session.scalar(select(Call.from_raw).where(Call.sid == sid)) is not None:
        return find(session, sid, now)
    number = parse_e164(from_raw)
    phone = Phone.of(session, number) if number else None
    call = find(session, sid, now)
    if call.from_raw is not None:
        return call  # another event of it was faster
    call.stir = stir or None
    with session.no_autoflush:  # one UPDATE, at the end
        _fill_in(session, call, phone, from_raw, to_raw, forwarded_from, now)
    changed(session, f"call:{call.id}")
    return call


def _fill_in(
    session: Session,
    call: Call,
    phone: Phone | None,
    from_raw: str,
    to_raw: str,
    forwarded_from: str,
    now: datetime,
) -> None:
    call.from_raw = from_raw
    call.to_raw = to_raw
    call.tracking_number = TrackingNumber.find(session, to_raw)
    # Configured phones need only be possible numbers, so that is how they are looked for.
    ours = is_ours(session, possible_e164(from_raw))
    if phone is not None and phone.blocked_at is not None and not ours:
        _turn_away(session, call, phone, now)
        return
    if call.tracking_number is None or call.tracking_number.mode == "front":
        back = ours or is_ours(session, possible_e164(forwarded_from))
        loop.detect(session, call, phone, now, back=back)  # overflow rings nothing
    if phone is None or ours:
        return
    source = call.tracking_number.source if call.tracking_number else ""
    lead, call.returning = Lead.of(session, phone, now, source)
    call.phone_id = phone.id
    call.lead_id = lead.id
    lead.heard_of(session, now)
    timeline.note(session, lead.id, now, "call", "Called.", call_id=call.id, number=to_raw)


def _turn_away(session: Session, call: Call, phone: Phone, now: datetime) -> None:
    """Kept with whom it is from, and no sign of life of theirs: nobody is told that they called."""
    call.outcome = "blocked"
    call.phone_id = phone.id
    lead = Lead.last_of(session, phone.id)
    if lead is not None:
        call.lead_id, call.returning = lead.id, True
        told = {"call_id": call.id, "number": call.to_raw}
        timeline.note(session, lead.id, now, "call", "Called; the number is blocked.", **told)


def is_ours(session: Session, e164: str | None) -> bool:
    """One of our own numbers, or of the phones that ring at the practice."""
    if e164 is None:
        return False
    numbers = select(TrackingNumber.id).where(
        TrackingNumber.e164 == e164, TrackingNumber.retired_at.is_(None)
    )
    phones = select(PracticePhone.id).where(
        PracticePhone.e164 == e164, PracticePhone.retired_at.is_(None)
    )
    return session.scalar(select(or_(numbers.exists(), phones.exists()))) or False


def leg(session: Session, call_sid: str, leg_sid: str, practice_phone_id: int | None) -> CallLeg:
    """The locked row of a child leg, made when it is new."""
    row = upsert(session, CallLeg, ["sid"], sid=leg_sid, call_sid=call_sid, asks_for_key=True)
    # Until a leg event names the phone, nothing is taken for an accept.
    if practice_phone_id is not None and row.practice_phone_id is None:
        rung = session.get(PracticePhone, practice_phone_id)
        if rung is not None:
            row.practice_phone_id = rung.id
            row.asks_for_key = rung.asks_for_key
    return row


def leg_changed(call_leg: CallLeg, status: str, seconds: int | None, now: datetime) -> None:
    """A child leg's status. A desk phone that is picked up is an accept: it asks for no key."""
    call_leg.status = status
    call_leg.talk_seconds = seconds if seconds is not None else call_leg.talk_seconds
    picked_up = status == "in-progress" or (status == "completed" and bool(seconds))
    if picked_up and not call_leg.asks_for_key:
        accept(call_leg, now)


def accept(call_leg: CallLeg, at: datetime) -> None:
    """Somebody at the practice took the call."""
    if call_leg.accepted_at is None:
        call_leg.accepted_at = at


def dial_ended(
    session: Session,
    call: Call,
    status: str,
    leg_sid: str | None,
    *,
    bridged: bool,
    seconds: int | None,
    now: datetime,
    phone_id: int | None = None,
    last: bool = True,
) -> None:
    """The result of ringing the practice's phones; in turn, of this one (`phone_id`), and
    whether it was the last: until then nobody has missed the call.

    A bridged dial counts as answered where no key was asked. Where one was, only our own
    stored accept does: a mobile's mailbox picks up, too.
    """
    if last or status == "canceled":  # who hangs up waits for no other phone
        call.dial_status = status
    if status in {"completed", "answered"} and bridged and leg_sid:
        rung = leg(session, call.sid, leg_sid, phone_id)
        rung.talk_seconds = seconds if seconds is not None else rung.talk_seconds
        told_of = rung.practice_phone_id is not None
        if not (rung.asks_for_key if told_of else _rang_a_mobile(session)):
            accept(rung, now - timedelta(seconds=seconds or 0))
        if rung.accepted_at is not None:
            call.dial_status = status  # nobody is rung after it


def _rang_a_mobile(session: Session) -> bool:
    return any(phone.asks_for_key for phone in PracticePhone.ringing(session))


def end(call: Call, now: datetime) -> None:
    """The final status: the caller's leg is over."""
    call.ended_at = call.ended_at or now


def outcome_of(call: Call, accepted_at: datetime | None) -> Outcome:
    """The outcome that follows from what is known. More knowledge never makes it worse."""
    # First: a phone may have rung for a blocked number while the database was away.
    if accepted_at is not None and not loop.answered_ourselves(call, accepted_at):
        return "answered"
    if call.outcome == "blocked":
        return "blocked"
    if call.voicemail_at is not None:
        return "voicemail"
    if call.dial_status is not None and call.dial_status != "canceled":
        return "missed"
    if call.dial_status == "canceled":
        return "abandoned"
    if call.prompted_at is not None:
        return "missed"  # nothing was rung, or ringing is over: they heard that nobody is there
    if call.ended_at is not None:
        return "abandoned"
    return "ringing"


def settle(session: Session, call: Call, now: datetime) -> None:
    """Work out the outcome again, and do once for the lead what a new outcome means."""
    lead = judge(session, call, now)
    if lead is None:
        return
    if call.outcome == "answered":
        lead.called_back(session, now)
        follow_up.end(session, now, "answered", lead_id=lead.id)
        # Where people share the phone, nobody knows which of them called.
        follow_up.end(session, now, "answered", phone_id=call.phone_id)
    else:
        # What is told after its end, such as a voicemail, is of that call, and not of now.
        lead.needs_callback(session, min(now, call.ended_at or now))


def judge(session: Session, call: Call, now: datetime) -> Lead | None:
    """Work out the outcome again; the lead whose timeline has just been told a new one."""
    session.flush()
    legs = session.scalars(select(CallLeg).where(CallLeg.call_sid == call.sid)).all()
    accepted = [row.accepted_at for row in legs if row.accepted_at is not None]
    accepted_at = min(accepted, default=None)
    call.outcome = outcome_of(call, accepted_at)
    if call.outcome == "answered":
        call.answered_at = call.answered_at or accepted_at
        call.talk_seconds = max((row.talk_seconds or 0 for row in legs), default=0)
        call.needs_review_at = None
    changed(session, f"call:{call.id}")
    if call.lead_id is None or call.outcome == call.outcome_told or call.outcome not in SENTENCES:
        return None
    call.outcome_told = call.outcome
    sentence = SENTENCES[call.outcome]
    timeline.note(session, call.lead_id, now, f"call_{call.outcome}", sentence, call_id=call.id)
    return session.get_one(Lead, call.lead_id)
