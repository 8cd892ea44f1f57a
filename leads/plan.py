"""Plans: which texts follow a trigger, and when. Shipped as data; runs are in follow_up.py."""

from dataclasses import dataclass
from datetime import time, timedelta

from leads.consent import Purpose
from leads.wording import MISSED_CALL_TEXTS


@dataclass(frozen=True)
class Step:
    """One text. Due at once (`open_days` 0), or so many open days after the trigger at the
    recipient's local time `at`. Later than `lateness` after it was due, it is stale: skipped."""

    number: int
    purpose: Purpose
    text: str
    open_days: int
    at: time | None
    lateness: timedelta


@dataclass(frozen=True)
class Plan:
    name: str
    steps: tuple[Step, ...]

    def step(self, number: int) -> Step:
        return self.steps[number - 1]


_now, _next_day, _three_days = MISSED_CALL_TEXTS

MISSED_CALL = Plan(
    "missed_call",
    (
        Step(1, "responsive", _now.text, 0, None, timedelta(hours=4)),
        Step(2, "informational", _next_day.text, 1, time(10), timedelta(hours=8)),
        Step(3, "informational", _three_days.text, 3, time(15), timedelta(hours=8)),
    ),
)

PLANS: dict[str, Plan] = {plan.name: plan for plan in (MISSED_CALL,)}
