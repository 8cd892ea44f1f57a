"""For whom a plan is previewed, and for when: the fields of a form, and back."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from leads import phone_number, wording
from leads.consent import Basis
from leads.dashboard.pages.settings.change import Entry
from leads.lead import Relation
from leads.opening_hours import instant
from leads.plan import Plan
from leads.plan_edit import PlanRefused
from leads.practice import Practice


@dataclass(frozen=True)
class Somebody:
    """For whom and for when to preview; `appointment_at` where the plan needs one."""

    number: str  # E.164
    trigger_at: datetime
    appointment_at: datetime | None
    basis: Basis
    relation: Relation


def values(now: datetime, plan: Plan, zone: str) -> dict[str, str]:
    """What the form begins with: somebody who gets in touch now."""
    local = now.astimezone(ZoneInfo(zone))
    there = local + timedelta(days=3)
    told = {
        "number": "",
        "trigger_day": f"{local:%Y-%m-%d}",
        "trigger_time": f"{local:%H:%M}",
        "basis": "notice",
        "relation": "prospect",
    }
    if plan.kind.anchor == "appointment":
        told |= {"appointment_day": f"{there:%Y-%m-%d}", "appointment_time": "15:00"}
    return told


def read(entry: Entry, plan: Plan, practice: Practice) -> Somebody | None:
    """Who was typed; None when they or the texts do not fit, which `entry.errors` then says."""
    try:
        check_fields(practice, plan)
    except PlanRefused as refusal:
        entry.errors |= refusal.errors
    number = phone_number.parse_e164(entry.values.get("number", "")[:40])
    if number is None:
        entry.errors["number"] = "Give a telephone number, such as 425-555-0142."
    trigger_at = _moment(entry, "trigger", practice.zone)
    appointment_at = None
    if plan.kind.anchor == "appointment":
        appointment_at = _moment(entry, "appointment", practice.zone)
        if trigger_at and appointment_at and appointment_at <= trigger_at:
            entry.errors["appointment_day"] = "Give a moment after the one above."
    basis: Basis = entry.choice("basis", get_args(Basis))  # type: ignore[assignment] # it is one, or an error
    relation: Relation = entry.choice("relation", get_args(Relation))  # type: ignore[assignment] # as above
    if entry.errors or number is None or trigger_at is None:
        return None
    return Somebody(number, trigger_at, appointment_at, basis, relation)


def check_fields(practice: Practice, plan: Plan) -> None:
    """Raises PlanRefused for a text that cannot be filled in; other findings of the linter are no
    reason not to look at it."""
    errors = {}
    for step in plan.steps:
        try:
            wording.render(step.text, practice.name, practice.phone, **wording.MOMENTS)
        except ValueError as error:
            errors[f"text.{step.number}"] = str(error)
    if errors:
        raise PlanRefused(errors)


def _moment(entry: Entry, name: str, zone: str) -> datetime | None:
    """The moment on the clinic's clock."""
    try:
        day = date.fromisoformat(entry.values.get(f"{name}_day", ""))
        at = time.fromisoformat(entry.values.get(f"{name}_time", "")).replace(tzinfo=None)
    except ValueError:
        entry.errors[f"{name}_day"] = "Give a day and a time."
        return None
    if not 2000 <= day.year < 2100:
        entry.errors[f"{name}_day"] = "Give a day of this century."
        return None
    return instant(day, at, ZoneInfo(zone))
