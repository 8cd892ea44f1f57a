"""What a saved plan does to the runs of it that are under way."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from leads import follow_up
from leads.follow_up import FollowUp
from leads.phone import Phone
from leads.plan import Plan, PlanVersion, add
from leads.reminder import Reminder

GONE = "the plan has no such text any more."


def end_all(session: Session, name: str, now: datetime) -> None:
    for run in _open_runs(session, name):
        follow_up.end_one(session, run, now, "edited")


def apply(session: Session, version: PlanVersion, now: datetime) -> None:
    """Runs under way take the new words, each text those of the text that it is, and lose the
    texts that the plan no longer has. Needs the plan held."""
    going_on: dict[Plan, PlanVersion] = {}
    for run in _open_runs(session, version.plan):
        own = _seen_by(run.steps(session), version.read())
        if own == version.read():
            going_on[own] = version
        elif own not in going_on:
            going_on[own] = _kept_apart(session, own, version, now)
        run.plan_version_id = going_on[own].id
        queued = select(Reminder).where(
            Reminder.follow_up_id == run.id, Reminder.state == "sending"
        )
        for reminder in session.scalars(queued).all():
            message = follow_up.not_posted(session, reminder)
            if message is not None:  # it still has the old words
                follow_up.put_off(session, reminder, message)
        _cancel(session, run, [step.number for step in own.steps if step.gone], now)


def _open_runs(session: Session, name: str) -> list[FollowUp]:
    """The open runs, locked by way of their phones, in the one order in which phones are locked."""
    phone_ids = select(FollowUp.phone_id).where(FollowUp.plan == name, FollowUp.ended_at.is_(None))
    Phone.locked_all(session, set(session.scalars(phone_ids)))
    return list(
        session.scalars(
            select(FollowUp)
            .where(FollowUp.plan == name, FollowUp.ended_at.is_(None))
            .order_by(FollowUp.id)
            .execution_options(populate_existing=True)
        )
    )


def _seen_by(began: Plan, edited: Plan) -> Plan:
    """The edited plan as a run has it that began otherwise: its own texts, by their own numbers."""
    now_with = {step.id: step for step in edited.steps}
    steps = (
        replace(now_with[step.id], number=step.number)
        if step.id in now_with and not step.gone
        else replace(step, gone=True)
        for step in began.steps
    )
    return Plan(edited.name, tuple(steps), edited.active)


def _kept_apart(session: Session, plan: Plan, edit: PlanVersion, now: datetime) -> PlanVersion:
    lowest = select(func.min(PlanVersion.number)).where(PlanVersion.plan == plan.name)
    number = min(session.scalars(lowest).one() or 0, 0) - 1
    add(session, plan, number, now, edit.staff_id)
    kept = select(PlanVersion).where(PlanVersion.plan == plan.name, PlanVersion.number == number)
    return session.scalars(kept).one()


def _cancel(session: Session, run: FollowUp, numbers: Iterable[int], now: datetime) -> None:
    for reminder in session.scalars(
        select(Reminder).where(
            Reminder.follow_up_id == run.id,
            Reminder.step.in_(list(numbers)),
            Reminder.state == "scheduled",
        )
    ).all():
        reminder.cancel(session, now, GONE)
    follow_up.finish_if_settled(session, run, now)
