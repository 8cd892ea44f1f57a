"""Changing a plan: what may be saved, and what happens to the runs that are under way."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from itertools import count
from typing import Any, Literal, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from leads import plan_runs, wording
from leads.consent import Purpose
from leads.db import changed
from leads.follow_up import FollowUp
from leads.plan import MOST_STEPS, NEW_STEP, Anchor, Kind, Plan, PlanVersion, Step, add
from leads.practice import Practice
from leads.shipped_plans import SHIPPED
from leads.wording import Finding

# What becomes of runs under way: they finish as they began; their texts that are still to come
# take the new words (at the moments that they have); or they end now.
UnderWay = Literal["keep", "apply", "end"]
MOST_DAYS, MOST_HOURS, MOST_CHARACTERS = 60, 48, 1000
UNSAID = -2  # the id of a step whose form or program says none: it is told by where it stands


class PlanRefused(Exception):
    """The plan cannot be saved like this. `errors` has, by field (`text.2`, `at.1`, or `plan`),
    one sentence each."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class PlanStale(PlanRefused):
    """Somebody else has saved the plan since it was read; `current` is its version now."""

    def __init__(self, current: int) -> None:
        super().__init__(
            {
                "plan": f"Somebody else has saved this plan meanwhile: it is at version {current}. "
                "Yours is not saved. Read the plan anew and change that."
            }
        )
        self.current = current


def read(kind: Kind, steps: Sequence[Mapping[str, Any]], *, active: bool) -> Plan:
    """The plan that was typed: each step with `purpose`, `text`, `hours`, `days`, `at` and
    `lateness_hours`, as Step.to_json gives them, and its `id`: None is a new text. Where no step
    has one, they are told by where they stand. Raises PlanRefused."""
    errors: dict[str, str] = {}
    if not any("id" in step for step in steps):
        steps = [{**step, "id": UNSAID} for step in steps]
    if not 1 <= len(steps) <= MOST_STEPS:
        errors["plan"] = f"A plan has one to {MOST_STEPS} texts."
    read_steps = tuple(_step(n, step, kind.anchor, errors) for n, step in enumerate(steps, 1))
    for n, step in enumerate(read_steps, 1):
        if step.id > 0 and step.id in [other.id for other in read_steps[: n - 1]]:
            errors[f"id.{n}"] = "This is the id of another text: a text has its own, or none."
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
    own: int = data.get("id") or NEW_STEP
    if data.get("days") is None:
        # At the appointment itself no text is of any use.
        hours = _number(data, "hours", int(anchor == "appointment"), MOST_HOURS, n, errors)
        return Step(n, purpose, text, hours=hours, lateness_hours=lateness, id=own)
    days = _number(data, "days", 1, MOST_DAYS, n, errors)
    at = time(12)
    try:
        at = time.fromisoformat(str(data.get("at") or ""))
    except ValueError:
        errors[f"at.{n}"] = "Give the time of day, such as 14:00."
    at = at.replace(second=0, microsecond=0, tzinfo=None)
    return Step(n, purpose, text, days=days, at=at, lateness_hours=lateness, id=own)


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
    session: Session,
    plan: Plan,
    staff_id: int | None,
    now: datetime,
    runs: UnderWay,
    *,
    expected: int | None = None,
) -> PlanVersion:
    """Keep `plan` as the next version, and do to the runs under way as was chosen. `expected`:
    the version that was read before it was changed.

    Raises PlanRefused when the linter finds an error or a text cannot be told, and PlanStale when
    somebody else has saved since.
    """
    last = PlanVersion.held(session, plan.name, now)
    if expected is not None and expected != last.number:
        raise PlanStale(last.number)
    found = findings(Practice.get(session), plan)
    errors = {
        f"text.{number}": " ".join(f.message for f in each if f.level == "error")
        for number, each in found.items()
    }
    errors = {field: words for field, words in errors.items() if words}
    if errors:
        raise PlanRefused(errors)
    plan = _told_apart(session, plan, last.read(), runs)
    if last.read() == plan and runs == "keep":
        return last
    add(session, plan, last.number + 1, now, staff_id)
    version = PlanVersion.current(session, plan.name, now)
    if runs == "end" or (runs == "apply" and not plan.active):
        plan_runs.end_all(session, plan.name, now)
    elif runs == "apply":
        plan_runs.apply(session, version, now)
    changed(session, "settings")
    return version


def _told_apart(session: Session, plan: Plan, last: Plan, runs: UnderWay) -> Plan:
    """The plan with an id for each text: its own, or one that no text of this plan has had."""
    if any(step.id == UNSAID for step in plan.steps):
        if runs == "apply" and len(plan.steps) != len(last.steps):
            raise PlanRefused(
                {
                    "plan": "Which text was removed or added cannot be told, and follow-ups are "
                    "under way: give each text its id. Or let them finish as they began, or end."
                }
            )
        ids = [*last.ids, *[NEW_STEP] * MOST_STEPS]
        plan = replace(plan, steps=tuple(map(_with_id, plan.steps, ids)))
    used = set(last.ids)
    stored = select(PlanVersion).where(PlanVersion.plan == plan.name)
    for version in session.scalars(stored):
        used |= {*version.read().ids}
    errors = {
        f"id.{step.number}": "No text of this plan has had this id. Leave it out for a new text."
        for step in plan.steps
        if step.id != NEW_STEP and step.id not in used
    }
    if errors:
        raise PlanRefused(errors)
    fresh = count(max(used) + 1)
    steps = [_with_id(s, next(fresh)) if s.id == NEW_STEP else s for s in plan.steps]
    return replace(plan, steps=tuple(steps))


def _with_id(step: Step, own: int) -> Step:
    return replace(step, id=own)


def as_shipped(name: str) -> Plan:
    """The plan as it came, switched on or off as it came. Raises KeyError for no plan."""
    return SHIPPED[name]
