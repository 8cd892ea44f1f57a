"""The words of a step with the moments filled in that a run has for them."""

from datetime import datetime

from leads import moment, wording
from leads.phone_number import pretty
from leads.plan import Step
from leads.practice import Practice


def text_of(
    practice: Practice,
    step: Step,
    started_at: datetime,
    appointment_at: datetime | None,
    now: datetime,
) -> str | None:
    """The words of a step, read at `now`; None when a moment that they name is not ahead."""
    write = {"callback": moment.callback, "appointment": moment.appointment}
    filled = {}
    for name in write:
        if f"{{{name}}}" not in step.text:
            continue
        at = appointment_at
        if name == "callback":
            at = practice.hours.add_open_minutes(started_at, practice.promise_minutes)
        if at is None or at <= now:
            return None
        filled[name] = write[name](at, now, practice.zone)
    return wording.render(step.text, practice.name, pretty(practice.phone), **filled)
