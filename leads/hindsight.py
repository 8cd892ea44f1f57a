"""What happened to a lead after a moment of which we only hear now: it counts, too."""

from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from leads.call import Call
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.message import FAILED, Message
from leads.plan import KINDS
from leads.timeline import TimelineEntry

# Somebody of the clinic has been in touch with them: whatever came before needs no call.
IN_TOUCH = (
    *("call_answered", "call_out_answered"),
    *("contacted", "booked", "closed", "appointment_cancelled"),
)
# What ends a follow-up about a missed call, in the words for why there is none.
ENDINGS = {
    "text_in": "they have written to us since.",
    "opted_out": "they asked for no texts.",
    "declined": "they have asked for no texts since.",
    "stopped": "staff have stopped texts to them since.",
    "appointment_missed": "staff have been in touch with them since.",
}
# What ends texts to a lead, even where it has been taken back meanwhile.
ENDS_TEXTS = ("relation", "blocked")


def in_touch_since(session: Session, lead_id: int, at: datetime) -> bool:
    """Whether the clinic spoke with them, or staff wrote to them, after `at`."""
    return _since(session, lead_id, at, in_touch()) is not None


def why_no_follow_up(session: Session, lead_id: int, at: datetime) -> str | None:
    """Why a follow-up about a call that ended at `at` is not begun any more; None if it is."""
    # Who has a message of ours on their own mailbox has been called back.
    kinds = or_(in_touch(), TimelineEntry.kind.in_(ENDINGS), _rang("message"))
    kind = _since(session, lead_id, at, kinds)
    if kind is None:
        return None
    return ENDINGS.get(kind, "the clinic has been in touch with them since.")


def may_go_on(session: Session, run: FollowUp) -> bool:
    """Whether a run of which every text was out may go on, because we hear now that the last one
    did not arrive: not when anything has happened since that would have ended it.

    Where the least contact ends it, all counts that has happened since it began: it may have been
    told of late. An appointment's reminders go on while people write and talk, so that for them
    it counts since their end.
    """
    if run.end_reason != "finished" or run.paused_at is not None or run.ended_at is None:
        return False
    kind = KINDS[run.plan]
    since = run.started_at if "contacted" in kind.endings else run.ended_at
    # Where people share the phone, nobody knows which of them wrote or called.
    answered = select(Call.id).where(
        Call.phone_id == run.phone_id, Call.outcome == "answered", Call.started_at > since
    )
    wrote = select(Message.id).where(
        Message.phone_id == run.phone_id,
        Message.direction == "inbound",
        Message.created_at > since,
    )
    newer = select(FollowUp.id).where(
        FollowUp.lead_id == run.lead_id,
        FollowUp.plan.in_([each.name for each in KINDS.values() if each.topic == kind.topic]),
        or_(FollowUp.id > run.id, FollowUp.ended_at.is_(None)),
    )
    return (
        (run.appointment_at is None or _appointment_at(session, run) == run.appointment_at)
        and why_no_follow_up(session, run.lead_id, since) is None
        and _since(session, run.lead_id, since, _ends_texts()) is None
        and session.scalar(wrote.limit(1)) is None
        and not ("answered" in kind.endings and session.scalar(answered.limit(1)))
        and session.scalar(newer.limit(1)) is None
    )


def _appointment_at(session: Session, run: FollowUp) -> datetime | None:
    return session.scalar(select(Lead.appointment_at).where(Lead.id == run.lead_id))


def _ends_texts() -> ColumnElement[bool]:
    return or_(TimelineEntry.kind.in_(ENDS_TEXTS), _staff_wrote())


def in_touch() -> ColumnElement[bool]:
    """Entries of the timeline by which somebody of the clinic was in touch with them: a text that
    did not arrive is none."""
    message_id = TimelineEntry.facts["message_id"].astext.cast(BigInteger)
    failed = select(Message.id).where(Message.id == message_id, Message.state.in_(FAILED))
    arrived = and_(_staff_wrote(), ~failed.exists())
    return or_(TimelineEntry.kind.in_(IN_TOUCH), _rang("spoke"), arrived)


def _staff_wrote() -> ColumnElement[bool]:
    return and_(TimelineEntry.kind == "text_out", TimelineEntry.facts.op("?")("staff_id"))


def _rang(result: str) -> ColumnElement[bool]:
    """From a phone of their own."""
    return and_(TimelineEntry.kind == "rang", TimelineEntry.facts["result"].astext == result)


def _since(session: Session, lead_id: int, at: datetime, what: ColumnElement[bool]) -> str | None:
    return session.scalars(
        select(TimelineEntry.kind)
        .where(TimelineEntry.lead_id == lead_id, TimelineEntry.at > at, what)
        .order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc())
        .limit(1)
    ).first()
