"""Changing a plan: what may be saved, and what happens to the runs that are under way."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, Literal, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from leads import follow_up, wording
from leads.consent import Purpose
from leads.db import changed
from leads.follow_up import FollowUp
from leads.phone import Phone
from leads.plan import MOST_STEPS, Anchor, Kind, Plan, PlanVersion, Step, add
from leads.practice import Practice
from leads.reminder import Reminder
from leads.shipped_plans import SHIPPED
from leads.wording import Finding

# What becomes of runs under way: they finish as they began; their texts that are still to come
# take the new words (at the moments that they have); or they end now.
UnderWay = Literal["keep", "apply", "end"]
MOST_DAYS, MOST_HOURS, MOST_CHARACTERS = 60, 48, 1000


class PlanRefused(Exception):
    """The plan cannot be saved like this. `errors` has, by field (`text.2`, `at.1`, or `plan`),
    one sentence each."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


def read(kind: Kind, steps: Sequence[Mapping[str, Any]], *, active: bool) -> Plan:
    """The plan that was typed: each step with `purpose`, `text`, `hours`, `days`, `at` and
    `lateness_hours`, as Step.to_json gives them. Raises PlanRefused."""
    errors: dict[str, str] = {}
    if not 1 <= len(steps) <= MOST_STEPS:
        errors["plan"] = f"A plan has one to {MOST_STEPS} texts."
    read_steps = tuple(_step(n, step, kind.anchor, errors) for n, step in enumerate(steps, 1))
    if errors:
        raise PlanRefused(errors)
    return Plan(kind.name, read_steps, active)


def _step(n: int, data: Mapping[str, Any], anchor: Anchor, errors: dict[str, str]) -> Step:
    purpose: Purpose = "informational"
    if data.get("purpose") in get_args(Purpose):
        purpose = data["purpose"]
    else:
        errors[f"purpose.{n}"] = "Choose what the text is for."
    text = str(data.get("text") or "").strip()
    if not text or len(text) > MOST_CHARACTERS:
        errors[f"text.{n}"] = f"Write the text, at most {MOST_CHARACTERS:,} characters."
    lateness = _number(data, "lateness_hours", 1, MOST_HOURS, n, errors)
    if data.get("days") is None:
        # At the appointment itself no text is of any use.
        hours = _number(data, "hours", int(anchor == "appointment"), MOST_HOURS, n, errors)
        return Step(n, purpose, text, hours=hours, lateness_hours=lateness)
    days = _number(data, "days", 1, MOST_DAYS, n, errors)
    at = time(12)
    try:
        at = time.fromisoformat(str(data.get("at") or ""))
    except ValueError:
        errors[f"at.{n}"] = "Give the time of day, such as 14:00."
    at = at.replace(second=0, microsecond=0, tzinfo=None)
    return Step(n, purpose, text, days=days, at=at, lateness_hours=lateness)


def _number(
    data: Mapping[str, Any], name: str, least: int, most: int, n: int, errors: dict[str, str]
) -> int:
    value = data.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    errors[f"{name}.{n}"] = f"Give a whole number from {least} to {most}."
    return least


def findings(practice: Practice, plan: Plan) -> dict[int, list[Finding]]:
    """What the linter says of each text, by its number; every text must say how to stop, because
    any of them may be the first in 30 days."""
    return {
        step.number: wording.lint(
            step.text,
            practice.name,
            first_text=True,
            clinic_registered_name=practice.name,
            moments=plan.kind.moments,
        )
        for step in plan.steps
    }


def under_way(session: Session, name: str) -> int:
    """How many runs of the plan are open."""
    counted = select(func.count()).where(FollowUp.plan == name, FollowUp.ended_at.is_(None))
    return session.scalars(counted).one()


def save(
    session: Session, plan: Plan, staff_id: int | None, now: datetime, runs: UnderWay
) -> PlanVersion:
    """Keep `plan` as the next version, and do to the runs under way as was chosen.

    Raises PlanRefused when the linter finds an error, or somebody else has just saved.
    """
    found = findings(Practice.get(session), plan)
    errors = {
        f"text.{number}": " ".join(f.message for f in each if f.level == "error")
        for number, each in found.items()
    }
    errors = {field: words for field, words in errors.items() if words}
    if errors:
        raise PlanRefused(errors)
    last = PlanVersion.current(session, plan.name, now)
    if last.read() == plan and runs == "keep":
        return last
    if not add(session, plan, last.number + 1, now, staff_id):
        raise PlanRefused({"plan": "Somebody else has just saved this plan. Reload to see theirs."})
    version = PlanVersion.current(session, plan.name, now)
    if runs == "end" or (runs == "apply" and not plan.active):
        _end_all(session, plan.name, now)
    elif runs == "apply":
        _apply(session, version, now)
    changed(session, "settings")
    return version


def as_shipped(name: str) -> Plan:
    """The plan as it came, switched on or off as it came. Raises KeyError for no plan."""
    return SHIPPED[name]


def _open_runs(session: Session, name: str) -> list[FollowUp]:
    """The open runs, locked by way of their phones, in the one order in which phones are locked."""
    phone_ids = select(FollowUp.phone_id).where(FollowUp.plan == name, FollowUp.ended_at.is_(None))
    for phone_id in sorted(set(session.scalars(phone_ids))):
        Phone.locked(session, phone_id)
    return list(
        session.scalars(
            select(FollowUp)
            .where(FollowUp.plan == name, FollowUp.ended_at.is_(None))
            .order_by(FollowUp.id)
            .execution_options(populate_existing=True)
        )
    )


def _end_all(session: Session, name: str, now: datetime) -> None:
    for run in _open_runs(session, name):
        follow_up.end_one(session, run, now, "edited")


def _apply(session: Session, version: PlanVersion, now: datetime) -> None:
    """Runs under way take the new words, and lose the texts that the plan no longer has."""
    for run in _open_runs(session, version.plan):
        run.plan_version_id = version.id
        queued = select(Reminder).where(
            Reminder.follow_up_id == run.id, Reminder.state == "sending"
        )
        for reminder in session.scalars(queued).all():
            message = follow_up.not_posted(session, reminder)
            if message is not None:  # it still has the old words
                follow_up.put_off(session, reminder, message)
        follow_up.cut(session, run, now, len(version.steps), "the plan has no such text any more.")
