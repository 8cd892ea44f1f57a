"""When people ring: by hour, weekday, season and holiday. And what the clinic's days look like."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from leads.opening_hours import HORIZON, OpeningHours, federal_holidays, instant
from leads.practice import Practice
from leads.quiet_hours import Window, is_sending_day

SLOTS = 100_000
# From 7 in the morning to 10 at night, in local time: a rush at nine, a dip at noon, few later.
HOURS = dict(zip(range(7, 22), (2, 5, 14, 13, 11, 7, 8, 10, 10, 9, 7, 3, 2, 1.5, 1), strict=True))
WEEKDAYS = (13, 11, 10, 10, 9, 4, 1.2)  # Monday first
CLOSED_DAY = 0.15  # of an ordinary day, on a holiday
# January's good intentions, then spring; fewer in high summer and around Christmas.
MONTHS = (1.25, 1.1, 1.05, 1.0, 1.05, 0.95, 0.8, 0.85, 1.1, 1.1, 0.95, 0.75)


def hours(practice: Practice, first: date, last: date) -> list[datetime]:
    """Beginnings of hours, `SLOTS` of them, each as often as people ring then."""
    zone, closed = ZoneInfo(practice.zone), practice.hours.closed
    weighed = [
        (instant(day, time(hour), zone), weight * _day_weight(closed, day))
        for day in _days(first, last)
        for hour, weight in HOURS.items()
    ]
    total, so_far = sum(weight for _, weight in weighed), 0.0
    slots: list[datetime] = []
    for at, weight in weighed:
        so_far += weight
        slots += [at] * (math.floor(so_far / total * SLOTS + 0.5) - len(slots))
    return slots


def _day_weight(closed: Mapping[date, str], day: date) -> float:
    quiet = day in closed or day in federal_holidays(day.year)
    return WEEKDAYS[day.weekday()] * MONTHS[day.month - 1] * (CLOSED_DAY if quiet else 1)


def _days(first: date, last: date) -> Iterator[date]:
    for ahead in range((last - first).days + 1):
        yield first + timedelta(days=ahead)


@dataclass(frozen=True)
class ClinicDay:
    """One date: its openings as a PostgreSQL range of ranges, when it opens (if it does) and
    when it opens next, whether texts go by themselves and on which date next, and the second and
    the fourth counted day after it."""

    day: date
    openings: str
    opens: datetime | None
    opens_next: datetime
    sends: bool
    sends_next: date
    second: date
    fourth: date


def clinic_days(practice: Practice, first: date, last: date) -> list[ClinicDay]:
    """Every date of the story, and one more week. Raises ValueError where the clinic has no
    opening hours or no day on which texts go."""
    days, zone = practice.hours, ZoneInfo(practice.zone)
    window = _window(practice)
    found = []
    for day in _days(first, last + timedelta(days=7)):
        counted = _counted(days, day, window)
        midnight = instant(day, time(0), zone)
        tomorrow = instant(day + timedelta(days=1), time(0), zone)
        opens = days.next_opening(midnight, within=0)
        opens_next = days.next_opening(tomorrow)
        if opens_next is None:
            raise ValueError("The practice has no opening hours: add some under Settings first.")
        found.append(
            ClinicDay(
                day,
                _ranges(days, day, zone),
                opens if opens and opens < tomorrow else None,
                opens_next,
                is_sending_day(day, window),
                _sending(day, window),
                next(counted),
                next(counted),
            )
        )
    return found


def _window(practice: Practice) -> Window:
    return practice.window(practice.phone or "+12065551300")


def _ranges(hours: OpeningHours, day: date, zone: ZoneInfo) -> str:
    if not hours.is_open_day(day):
        return "{}"
    spans = []
    for opens, closes in hours.weekly[day.weekday()]:
        end = day + timedelta(days=closes == time(0))
        span = instant(day, opens, zone), instant(end, closes, zone)
        spans.append(f"[{span[0].isoformat()},{span[1].isoformat()})")
    return f"{{{','.join(spans)}}}"


def _sending(day: date, window: Window) -> date:
    for ahead in range(1, HORIZON):
        candidate = day + timedelta(days=ahead)
        if is_sending_day(candidate, window):
            return candidate
    raise ValueError("No text may go on any day: choose days under Settings, Texting first.")


def _counted(hours: OpeningHours, day: date, window: Window) -> Iterator[date]:
    """The second and the fourth day after `day` on which the clinic is open and texts may go."""
    count = 0
    for ahead in range(1, HORIZON):
        candidate = day + timedelta(days=ahead)
        if hours.is_open_day(candidate) and is_sending_day(candidate, window):
            count += 1
            if count in {2, 4}:
                yield candidate
    raise ValueError("The clinic is never open on a day on which texts go.")
