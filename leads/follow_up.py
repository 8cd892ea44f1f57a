"""One run of a plan for a lead: begun by a trigger, ended with a reason."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads import timeline
from leads.consent import Consent
from leads.db import Base, among
from leads.intention import Intention
from leads.message import Message
from leads.phone import Phone
from leads.plan import ENDINGS, KINDS, Plan, PlanVersion
from leads.reminder import Reminder


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
        Index("ix_follow_up_started_at", "started_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"))
    phone_id: Mapped[int] = mapped_column(ForeignKey("phone.id"), index=True)
    tracking_number_id: Mapped[int] = mapped_column(ForeignKey("tracking_number.id"))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"))
    plan: Mapped[str]
    plan_version_id: Mapped[int | None] = mapped_column(ForeignKey("plan_version.id"))
    trigger: Mapped[str]
    appointment_at: Mapped[datetime | None]  # what the steps of an appointment's run count from
    started_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]  # their text may be a no: staff decide
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]

    def steps(self, session: Session) -> Plan:
        """The plan as it was when this run began."""
        if self.plan_version_id is None:  # begun by the version before plans had versions
            return PlanVersion.first(session, self.plan, self.started_at).read()
        return session.get_one(PlanVersion, self.plan_version_id).read()


def open_run(session: Session, lead_id: int, plan: str) -> FollowUp | None:
    return session.scalars(
        select(FollowUp).where(
            FollowUp.lead_id == lead_id, FollowUp.plan == plan, FollowUp.ended_at.is_(None)
        )
    ).one_or_none()


def begin(
    session: Session,
    version: PlanVersion,
    intention: Intention,
    consent: Consent,
    *,
    lead_id: int,
    phone_id: int,
    tracking_number_id: int,
    trigger: str,
    now: datetime,
    call_id: int | None = None,
    appointment_at: datetime | None = None,
) -> FollowUp:
    """Write the run and its reminders, those that will not go included.

    Needs the phone's lock, and no open run of this plan for the lead.
    """
    run = FollowUp(
        lead_id=lead_id,
        phone_id=phone_id,
        tracking_number_id=tracking_number_id,
        call_id=call_id,
        plan=version.plan,
        plan_version_id=version.id,
        trigger=trigger,
        appointment_at=appointment_at,
        started_at=now,
    )
    session.add(run)
    session.flush()
    title = KINDS[version.plan].title
    words = f"Follow-up begun: {title[0].lower()}{title[1:]}."
    timeline.note(session, lead_id, now, "follow_up_started", words, follow_up_id=run.id)
    for item in intention.planned:
        reminder = Reminder(
            follow_up_id=run.id,
            lead_id=lead_id,
            step=item.step.number,
            due_at=item.due_at,
            stale_at=item.due_at + item.step.lateness,
            state="scheduled",
            consent_id=consent.id,
        )
        session.add(reminder)
        session.flush()
        if item.refusal:
            reminder.consent_id = None
            reminder.cancel(session, now, item.refusal)
            continue
        reminder.reason = f"Waits: {item.why}." if item.why else None
        timeline.note(
            session,
            lead_id,
            now,
            "reminder_scheduled",
            f"Text {reminder.step} scheduled{f'; it waits: {item.why}' if item.why else ''}.",
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
    begun_by: datetime | None = None,
) -> None:
    """End the open runs of this lead or this phone; what was not posted yet is cancelled.
    `begun_by`: only those that had begun by then.

    Takes the locks of the phones concerned, in one order.
    """
    mine = FollowUp.lead_id == lead_id if lead_id is not None else FollowUp.phone_id == phone_id
    open_runs = select(FollowUp).where(mine, FollowUp.ended_at.is_(None)).order_by(FollowUp.id)
    if begun_by is not None:
        open_runs = open_runs.where(FollowUp.started_at <= begun_by)
    for locked_id in sorted({run.phone_id for run in session.scalars(open_runs)}):
        Phone.locked(session, locked_id)
    for run in session.scalars(open_runs.execution_options(populate_existing=True)):
        if reason in KINDS[run.plan].endings:
            end_one(session, run, now, reason)


def end_one(session: Session, run: FollowUp, now: datetime, reason: str) -> None:
    """End this run. Needs its phone's lock."""
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


def pause(session: Session, now: datetime, phone_id: int) -> None:
    """Hold every open run of this phone until staff say what its last text meant; what was
    queued is scheduled again. Needs the phone's lock."""
    for run in session.scalars(
        select(FollowUp).where(FollowUp.phone_id == phone_id, FollowUp.ended_at.is_(None))
    ):
        if run.paused_at is not None:
            continue
        run.paused_at = now
        words = "Follow-up paused: their text may mean that they want no more. Staff decide."
        timeline.note(session, run.lead_id, now, "follow_up_paused", words, follow_up_id=run.id)
        for reminder in session.scalars(
            select(Reminder).where(Reminder.follow_up_id == run.id, Reminder.state == "sending")
        ):
            message = not_posted(session, reminder)
            if message is not None:
                put_off(session, reminder, message)


def put_off(session: Session, reminder: Reminder, message: Message) -> None:
    """Its text waited its turn and may not go now: it is a scheduled reminder again, and the
    next look at it decides anew."""
    reminder.state = "scheduled"
    reminder.message_id = None
    session.flush()
    session.delete(message)


def shorten(session: Session, now: datetime, lead_id: int, steps: int, words: str) -> None:
    """Keep the first `steps` texts of the lead's open runs about inquiries; the others are
    cancelled. Needs the locks of the lead's phones."""
    inquiries = [kind.name for kind in KINDS.values() if kind.topic == "inquiry"]
    for run in session.scalars(
        select(FollowUp).where(
            FollowUp.lead_id == lead_id, FollowUp.ended_at.is_(None), FollowUp.plan.in_(inquiries)
        )
    ).all():
        cut(session, run, now, steps, words)


def cut(session: Session, run: FollowUp, now: datetime, steps: int, words: str) -> None:
    """Cancel the texts of this run after the first `steps`, and end it if none is left."""
    for reminder in session.scalars(
        select(Reminder).where(
            Reminder.follow_up_id == run.id, Reminder.step > steps, Reminder.state == "scheduled"
        )
    ):
        reminder.cancel(session, now, words)
    finish_if_settled(session, run, now)


def withdraw(session: Session, reminder: Reminder, now: datetime, words: str) -> bool:
    """Take a queued text of a reminder back before it is posted; False when it is too late."""
    message = not_posted(session, reminder)
    if message is None:
        return False
    reminder.cancel(session, now, words)
    session.flush()
    session.execute(delete(Message).where(Message.id == message.id))
    return True


def not_posted(session: Session, reminder: Reminder) -> Message | None:
    """The locked text of this reminder while it waits in the outbox; None once it was posted."""
    return session.scalars(
        select(Message)
        .where(Message.id == reminder.message_id, Message.state == "queued")
        .with_for_update(key_share=True)
    ).one_or_none()


def finish_if_settled(session: Session, run: FollowUp, now: datetime) -> None:
    """End the run when no text of it is waiting or on its way."""
    finish_settled(session, [run], now)


def finish_settled(session: Session, runs: Collection[FollowUp], now: datetime) -> None:
    """End those of these runs of which no text is waiting or on its way."""
    if not runs:
        return
    session.flush()
    waiting = select(Reminder.follow_up_id).where(
        among(Reminder.follow_up_id, [run.id for run in runs]),
        Reminder.state.in_(("scheduled", "sending")),
    )
    open_ones = set(session.scalars(waiting))
    for run in runs:
        if run.ended_at is None and run.id not in open_ones:
            run.ended_at = now
            run.end_reason = "finished"
