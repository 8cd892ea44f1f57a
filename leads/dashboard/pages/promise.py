"""The promise clock: how long somebody has waited, in the minutes that the practice was open."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from leads.dashboard.pages.times import Times, minutes_in_words
from leads.opening_hours import OpeningHours

SOON = 1 / 3  # of the promise left
# Who called while it was closed was promised no minutes. They share the first two open hours.
MORNING_MINUTES = 120
LONG = 600  # open minutes after which a day says more than hours do


@dataclass(frozen=True)
class Waiting:
    """`share` of the promise that is used up, for the bar; none where no minutes count."""

    words: str
    since: str
    tone: str  # fine soon late resting
    share: float | None = None

    @property
    def icon(self) -> str:
        return {"late": "late", "resting": "moon"}.get(self.tone, "clock")


@dataclass(frozen=True)
class Together:
    """What is said once of everybody who called while it was closed, and shares a target."""

    words: str
    tone: str  # soon late resting

    @property
    def icon(self) -> str:
        return "late" if self.tone == "late" else "moon"


def from_closed_hours(
    hours: OpeningHours, since: Iterable[datetime], times: Times, *, more: bool = False
) -> list[Together]:
    """Of those who wait since these moments, whoever called while it was closed: how many share
    which target, the late ones first. `more`: other pages have more, so no number is told."""
    targets = sorted(target for at in since if (target := _target(hours, at)) is not None)
    late = [target for target in targets if target < times.now]
    told = []
    if late:
        lateness = _late(hours.open_minutes_between(late[0], times.now), late[0], times)
        due = f"{_all(len(late), more)} due by {_by(late[0], times)}"
        words = f"{_from_closed(len(late), more)}, {lateness[:1].lower()}{lateness[1:]}: {due}"
        told.append(Together(words, "late"))
    tone = "soon" if hours.is_open(times.now) else "resting"
    for target, group in groupby(targets[len(late) :]):
        count = len(list(group))
        call = f"call{' all' if count > 1 or more else ''} by {_by(target, times)}"
        told.append(Together(f"{_from_closed(count, more)}: {call}", tone))
    return told


def _target(hours: OpeningHours, since: datetime) -> datetime | None:
    """The end of the first open hours after a closed one; None where the promise holds."""
    return None if hours.is_open(since) else hours.add_open_minutes(since, MORNING_MINUTES)


def _from_closed(count: int, more: bool) -> str:
    return "From closed hours" if more else f"{count} from closed hours"


def _all(count: int, more: bool) -> str:
    return "all were" if count > 1 or more else "was"


def _by(at: datetime, times: Times) -> str:
    day = times.day(at)
    return times.clock(at) if day == "today" else f"{times.clock(at)} {day}"


def of_closed_hours(hours: OpeningHours, since: datetime, times: Times) -> Waiting | None:
    """For a row under such a heading: no clock of its own. None where the promise holds."""
    target = _target(hours, since)
    if target is None:
        return None
    late = target < times.now
    words = "Late, from closed hours" if late else "From closed hours"
    since_words = f"since {_closed_part(since, times)}"
    return Waiting(words, since_words, "late" if late else "resting")


def put_off(hours: OpeningHours, promise_minutes: int, until: datetime, times: Times) -> Waiting:
    """Somebody who was snoozed and is back: the promise counts from then."""
    said = waiting(hours, promise_minutes, until, times)
    return replace(said, since=f"snoozed until {times.when(until)}")


def waiting(hours: OpeningHours, promise_minutes: int, since: datetime, times: Times) -> Waiting:
    now = times.now
    spent = hours.open_minutes_between(since, now)
    open_now = hours.is_open(now)
    if not hours.is_open(since):
        return _from_closed_hours(hours, since, times, spent, open_now=open_now)
    since_words = f"since {times.when(since)}"
    left = promise_minutes - spent
    share = min(spent / promise_minutes, 1.0) if promise_minutes else 1.0
    if left <= 0:
        return Waiting(_late(-left, since, times), since_words, "late", 1.0)
    minutes = f"{math.ceil(left)} of {promise_minutes} min left"
    if not open_now:
        return Waiting(f"{minutes} when you open", since_words, "resting", share)
    tone = "soon" if left <= promise_minutes * SOON else "fine"
    return Waiting(minutes, since_words, tone, share)


def _from_closed_hours(
    hours: OpeningHours, since: datetime, times: Times, spent: float, *, open_now: bool
) -> Waiting:
    since_words = f"since {_closed_part(since, times)}"
    if not open_now and spent == 0:
        opening = hours.next_opening(times.now)
        call = f"Call {times.day(opening)} at {times.clock(opening)}" if opening else "Closed"
        return Waiting(call, since_words, "resting")
    if spent > MORNING_MINUTES:
        return Waiting(_late(spent - MORNING_MINUTES, since, times), since_words, "late")
    return Waiting(
        "Call this morning" if times.local(times.now).hour < 12 else "Call now", since_words, "soon"
    )


def _closed_part(since: datetime, times: Times) -> str:
    """`last night`, or the time where that says more."""
    local = times.local(since)
    nights = (times.today - local.date()).days
    if (nights == 1 and local.hour >= 17) or (nights == 0 and local.hour < 5):
        return f"last night, {times.clock(since)}"
    return times.when(since)


def _late(minutes: float, since: datetime, times: Times) -> str:
    if minutes < 1:
        return "Due now"
    if minutes > LONG:
        return f"Late since {times.day(since)}"
    return f"Late by {minutes_in_words(minutes)}"
