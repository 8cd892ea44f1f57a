"""One run of a plan for a lead: begun by a trigger, ended with a reason."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads import consent, timeline
from leads.consent import Basis
from leads.db import Base
from leads.intention import Intention
from leads.message import Message
from leads.phone import Phone
from leads.plan import Plan
from leads.reminder import Reminder

ENDINGS = {
    "answered": "they called and were answered.",
    "replied": "they replied.",
    "contacted": "staff were in touch.",
    "booked": "they booked.",
    "closed": "the lead was closed.",
    "opted_out": "they opted out of texts.",
    "declined": "they asked for no texts.",
    "untextable": "this number cannot receive texts.",
    "relation": "their relation to the clinic was changed.",
    "finished": "every text of the plan is settled.",
}


class FollowUp(Base):
    __tablename__ = "follow_up"
    __table_args__ = (
        Index(
            "uq_follow_up_open",
            "lead_id",
            "plan",
            unique=True,
            postgresql_where="ended_at IS NULL",
        ),
        Index("uq_follow_up_call", "call_id", "plan", unique=True),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"))
    phone_id: Mapped[int] = mapped_column(ForeignKey("phone.id"), index=True)
    tracking_number_id: Mapped[int] = mapped_column(ForeignKey("tracking_number.id"))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"))
    plan: Mapped[str]
    trigger: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]


def open_run(session: Session, lead_id: int, plan: str) -> FollowUp | None:
    return session.scalars(
        select(FollowUp).where(
            FollowUp.lead_id == lead_id, FollowUp.plan == plan, FollowUp.ended_at.is_(None)
        )
    ).one_or_none()


def begin(
    session: Session,
    plan: Plan,
    intention: Intention,
    *,
    lead_id: int,
    phone_id: int,
    tracking_number_id: int,
    call_id: int,
    trigger: str,
    basis: Basis,
    evidence: str,
    wording: str,
    now: datetime,
) -> FollowUp:
    """Write the consent, the run and its reminders, those that will not go included.

    Needs the phone's lock, and no open run of this plan for the lead.
    """
    given = consent.give(session, phone_id, now, basis, evidence, wording)
    run = FollowUp(
        lead_id=lead_id,
        phone_id=phone_id,
        tracking_number_id=tracking_number_id,
        call_id=call_id,
        plan=plan.name,
        trigger=trigger,
        started_at=now,
    )
    session.add(run)
    session.flush()
    timeline.note(
        session, lead_id, now, "follow_up_started", "Follow-up begun.", follow_up_id=run.id
    )
    for item in intention.planned:
        reminder = Reminder(
            follow_up_id=run.id,
            lead_id=lead_id,
            step=item.step.number,
            due_at=item.due_at,
            state="scheduled",
            consent_id=given.id,
        )
        session.add(reminder)
        session.flush()
        if item.refusal:
            reminder.consent_id = None
            reminder.cancel(session, now, item.refusal)
        else:
            timeline.note(
                session,
                lead_id,
                now,
                "reminder_scheduled",
                f"Text {reminder.step} scheduled.",
                reminder_id=reminder.id,
                step=reminder.step,
                due_at=item.due_at.isoformat(),
            )
    finish_if_settled(session, run, now)
    return run


def end(
    session: Session,
    now: datetime,
    reason: str,
    *,
    lead_id: int | None = None,
    phone_id: int | None = None,
) -> None:
    """End the open runs of this lead or this phone; what was not posted yet is cancelled.

    Takes the locks of the phones concerned, in one order.
    """
    mine = FollowUp.lead_id == lead_id if lead_id is not None else FollowUp.phone_id == phone_id
    open_runs = select(FollowUp).where(mine, FollowUp.ended_at.is_(None)).order_by(FollowUp.id)
    for locked_id in sorted({run.phone_id for run in session.scalars(open_runs)}):
        Phone.locked(session, locked_id)
    for run in session.scalars(open_runs.execution_options(populate_existing=True)):
        run.ended_at = now
        run.end_reason = reason
        words = ENDINGS[reason]
        timeline.note(
            session,
            run.lead_id,
            now,
            "follow_up_ended",
            f"Follow-up ended: {words}",
            follow_up_id=run.id,
            reason=reason,
        )
        for reminder in session.scalars(
            select(Reminder)
            .where(Reminder.follow_up_id == run.id, Reminder.state.in_(("scheduled", "sending")))
            .order_by(Reminder.step)
        ):
            if reminder.state == "scheduled":
                reminder.cancel(session, now, words)
            else:
                withdraw(session, reminder, now, words)


def shorten(session: Session, now: datetime, lead_id: int, steps: int, words: str) -> None:
    """Keep the first `steps` texts of the lead's open runs; the others are cancelled. Needs the
    locks of the lead's phones."""
    for run in session.scalars(
        select(FollowUp).where(FollowUp.lead_id == lead_id, FollowUp.ended_at.is_(None))
    ).all():
        for reminder in session.scalars(
            select(Reminder).where(
                Reminder.follow_up_id == run.id,
                Reminder.step > steps,
                Reminder.state == "scheduled",
            )
        ):
            reminder.cancel(session, now, words)
        finish_if_settled(session, run, now)


def withdraw(session: Session, reminder: Reminder, now: datetime, words: str) -> bool:
    """Take a queued text of a reminder back before it is posted; False when it is too late."""
    message = session.scalars(
        select(Message)
        .where(Message.id == reminder.message_id, Message.state == "queued")
        .with_for_update(key_share=True)
    ).one_or_none()
    if message is None:
        return False
    reminder.cancel(session, now, words)
    session.flush()
    session.execute(delete(Message).where(Message.id == message.id))
    return True


def finish_if_settled(session: Session, run: FollowUp, now: datetime) -> None:
    """End the run when no text of it is waiting or on its way."""
    session.flush()
    waiting = select(Reminder.id).where(
        Reminder.follow_up_id == run.id, Reminder.state.in_(("scheduled", "sending"))
    )
    if run.ended_at is None and session.scalars(waiting.limit(1)).first() is None:
        run.ended_at = now
        run.end_reason = "finished"
