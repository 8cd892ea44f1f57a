"""Working days of the made-up clinic, counted from the day of its story."""

from datetime import date, datetime, time, timedelta

from leads.opening_hours import HORIZON, OpeningHours, instant, local_date, zone_info

SATURDAY = 5
STORY_ENDS = time(10, 42)


class NoDays(Exception):
    """The practice is never open, so nobody can be at work there."""


class Days:
    """`at(-1, 16, 20)` is twenty past four in the afternoon of the working day before."""

    def __init__(self, hours: OpeningHours, today: date) -> None:
        self._hours, self._zone, self.today = hours, zone_info(hours.zone), today

    @classmethod
    def around(cls, hours: OpeningHours, now: datetime) -> "Days":
        """Of the story that is told on today's working day, or on the next one. Raises NoDays."""
        return cls(hours, _next(hours, local_date(now, zone_info(hours.zone)), +1))

    @property
    def now(self) -> datetime:
        """The moment at which the story has arrived."""
        return instant(self.today, STORY_ENDS, self._zone)

    def at(self, workday: int, hour: int, minute: int, second: int = 0) -> datetime:
        return instant(self.date(workday), time(hour, minute, second), self._zone)

    def date(self, workday: int) -> date:
        """So many working days from today; negative in the past."""
        step = 1 if workday > 0 else -1
        day = self.today
        for _ in range(abs(workday)):
            day = _next(self._hours, day + timedelta(days=step), step)
        return day


def _next(hours: OpeningHours, day: date, step: int) -> date:
    """`day`, or the nearest one in this direction on which the clinic is open; a Saturday only
    where it opens on no other day."""
    weekend = not any(weekday < SATURDAY for weekday in hours.weekly)
    for ahead in range(HORIZON):
        candidate = day + timedelta(days=ahead * step)
        if hours.is_open_day(candidate) and (weekend or candidate.weekday() < SATURDAY):
            return candidate
    raise NoDays("The practice has no opening hours: add some under Settings first.")
