"""The words of a step with the moments filled in that a run has for them."""

import re
from datetime import datetime

from leads import moment, wording
from leads.phone_number import pretty
from leads.plan import Step
from leads.practice import Practice

MOMENT = "\N{NULL}"  # which is in no text


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


def any_moment(practice: Practice, step: Step) -> re.Pattern[str]:
    """What the words of a step look like, whatever moment they name."""
    moments = dict.fromkeys(wording.MOMENTS, MOMENT)
    words = wording.render(step.text, practice.name, pretty(practice.phone), **moments)
    return re.compile(re.escape(words).replace(MOMENT, ".+"), re.DOTALL)
