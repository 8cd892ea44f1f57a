"""A plan as the fields of a form (`text.1`, `when.1`, … for each text), and back."""

from datetime import time
from typing import Any

from leads.plan import MOST_STEPS, NEW_STEP, Kind, Plan, Step

# The fields of one text. Their names are those of the errors in plan_edit, and `when` says which
# of `hours` and `days` counts.
FIELDS = ("id", "text", "purpose", "when", "hours", "days", "at", "lateness_hours")
NEW_TEXT = "Hi, this is {clinic}. Reply here or call {phone}. Reply STOP to opt out."


def values(plan: Plan) -> dict[str, str]:
    """The plan as it stands in its form's fields."""
    told = {"active": "on" if plan.active else ""}
    for step in plan.steps:
        told |= _fields(step)
    return told


def _fields(step: Step) -> dict[str, str]:
    when = "days" if step.days is not None else "hours" if step.hours else "now"
    told = {
        "id": "" if step.id == NEW_STEP else str(step.id),
        "text": step.text,
        "purpose": step.purpose,
        "when": when,
        "hours": str(step.hours or 2),
        "days": str(step.days or 2),
        "at": f"{step.at or time(14):%H:%M}",
        "lateness_hours": str(step.lateness_hours),
    }
    return {f"{name}.{step.number}": value for name, value in told.items()}


def count(typed: dict[str, str]) -> int:
    """How many texts the form has."""
    return next((n for n in range(MOST_STEPS) if f"text.{n + 1}" not in typed), MOST_STEPS)


def steps(typed: dict[str, str]) -> list[dict[str, Any]]:
    """What was typed, as plan_edit.read takes it; what is no number is None there. A page from
    before texts had ids names none."""
    told = [
        {name: typed.get(f"{name}.{n + 1}", "") for name in FIELDS} for n in range(count(typed))
    ]
    if any(key.startswith("id.") for key in typed):
        return [{**_step(each), "id": number(each["id"])} for each in told]
    return [_step(each) for each in told]


def _step(told: dict[str, str]) -> dict[str, Any]:
    step: dict[str, Any] = {
        "purpose": told["purpose"],
        "text": words(told["text"]),
        "days": None,
        "lateness_hours": number(told["lateness_hours"]),
    }
    if told["when"] == "now":
        return {**step, "hours": 0}
    if told["when"] == "days":
        # A number that is none must not read as "counted in hours".
        days = number(told["days"])
        return {**step, "days": -1 if days is None else days, "at": told["at"]}
    return {**step, "hours": number(told["hours"])}


def words(text: str) -> str:
    """The text without what a browser adds: each carriage return would be a character to pay."""
    return text.replace("\r\n", "\n").strip()


def number(text: str) -> int | None:
    """The whole number that was typed; None for anything else."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def added(typed: dict[str, str], kind: Kind) -> dict[str, str]:
    """The form with one text more, if there is room for it."""
    n = count(typed) + 1
    if n > MOST_STEPS:
        return typed
    last = number(typed.get(f"days.{n - 1}", "")) or 0
    days = last + 2 if kind.anchor == "trigger" else 1
    return typed | _fields(Step(n, "informational", NEW_TEXT, days=days, at=time(14), id=NEW_STEP))


def removed(typed: dict[str, str], number: int) -> dict[str, str]:
    """The form without that text; those after it move up."""
    last = count(typed)
    if last < 2 or not 1 <= number <= last:
        return typed
    left = {key: value for key, value in typed.items() if not key.endswith(f".{last}")}
    for n in range(number, last):
        left |= {f"{name}.{n}": typed.get(f"{name}.{n + 1}", "") for name in FIELDS}
    return left
