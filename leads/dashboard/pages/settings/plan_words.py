"""Plans as the front desk says them: moments, purposes, bases, and what befalls runs under way."""

from collections.abc import Collection
from datetime import datetime, time
from zoneinfo import ZoneInfo

from leads.phone_number import pretty
from leads.plan import Kind, Step
from leads.plan_edit import UnderWay
from leads.practice import Practice
from leads.wording import MOMENTS

# What begins a plan, where a moment is counted from it, and as a question of the preview's form.
TRIGGERS = {
    "missed_call": ("the call", "They call"),
    "voicemail": ("the voicemail", "They leave the voicemail"),
    "spoke": ("the conversation", "Staff speak with them"),
    "appointment": ("the appointment", "The appointment is made"),
    "missed_appointment": ("staff note it", "Staff note that they did not come"),
}
PURPOSES = {
    "responsive": "Answers what they just did",
    "informational": "About their inquiry or appointment",
    "marketing": "Advertising (only for who agreed in writing)",
}
BASES = {
    "call": "Only that they called",
    "notice": "They heard that texts follow",
    "keypress": "They pressed 1 for texts",
    "reply": "They texted us",
    "staff": "They told staff that texts are welcome",
    "form": "They agreed in writing, on a form",
}
FIELDS = {
    "clinic": "the clinic's name",
    "phone": "its number",
    "callback": "when you call back",
    "appointment": "its day and time",
}
UNDER_WAY: dict[UnderWay, tuple[str, str]] = {
    "keep": ("They finish as they began", "keeps the texts of the plan as it was."),
    "apply": (
        "Their texts still to come take the new words",
        (
            "gets the new words at the moments already set. A text that you removed is not sent; "
            "one that you added is for new follow-ups alone. If you switch the plan off, it ends."
        ),
    ),
    "end": ("They end now", "stops: none of its texts goes out any more."),
}
# The caps, as a warning. Texts about appointments count apart: see leads/caps.py.
CAPPED = {
    "inquiry": "One person gets at most one automated text in 24 hours and three in 7 days.",
    "appointment": "One person gets at most three automated texts in 24 hours.",
}


def moment(step: Step, kind: Kind) -> str:
    """`At once`, `2 hours before the appointment`, `2nd open day after, 2:00 PM`."""
    after = kind.anchor == "trigger"
    side = "after" if after else "before"
    if step.days is None or step.at is None:
        if not step.hours:
            return "At once" if after else "At the time of the appointment"
        hours = "1 hour" if step.hours == 1 else f"{step.hours} hours"
        return f"{hours} {side} {TRIGGERS[kind.name][0]}"
    if step.days == 1:
        return f"{'Next open day' if after else 'The open day before'}, {clock(step.at)}"
    return f"{ordinal(step.days)} open day {side}, {clock(step.at)}"


def ordinal(number: int) -> str:
    teen = number % 100 in {11, 12, 13}
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def clock(at: time) -> str:
    """`2:00 PM`."""
    return f"{at.hour % 12 or 12}:{at:%M} {'AM' if at.hour < 12 else 'PM'}"


def day_and_clock(at: datetime, zone: ZoneInfo) -> str:
    """`Thu, Dec 3, 2:00 PM`, on the clock of that zone."""
    local = at.astimezone(zone)
    return f"{local:%a, %b} {local.day}, {clock(local.time())}"


def fields(practice: Practice, moments: Collection[str]) -> dict[str, str]:
    """What stands for each field of a text in an example; moments at their longest."""
    named = {"clinic": practice.name, "phone": pretty(practice.phone) if practice.phone else ""}
    return named | {name: MOMENTS[name] for name in moments}


def example(text: str, samples: dict[str, str]) -> str:
    """The text as somebody would get it; a field that is none stays as it was typed."""
    for name, sample in samples.items():
        text = text.replace(f"{{{name}}}", sample)
    return text


def follow_ups(count: int) -> str:
    return "1 follow-up" if count == 1 else f"{count} follow-ups"


def under_way(choice: UnderWay, count: int) -> str:
    """What this choice does to the runs under way, saying how many they are."""
    words = UNDER_WAY[choice][1]
    if count == 1:
        return f"1 follow-up {words}"
    return f"Each of {count} follow-ups {words}"
