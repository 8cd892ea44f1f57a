"""Moments as the front desk says them, on the practice's clock."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Times:
    """`now` is practice time; what goes in carries a zone."""

    now: datetime
    zone: str

    def local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.zone))

    @property
    def today(self) -> date:
        return self.local(self.now).date()

    @property
    def day_began_at(self) -> datetime:
        return self.local(self.now).replace(hour=0, minute=0, second=0, microsecond=0)

    def clock(self, at: datetime) -> str:
        """`2:14 PM`, with a no-break space: it never stands on two lines."""
        local = self.local(at)
        return f"{local.hour % 12 or 12}:{local:%M}\xa0{'AM' if local.hour < 12 else 'PM'}"

    def day(self, at: datetime) -> str:
        """`today`, `yesterday`, `tomorrow`, `Monday` within six days, else `Mon, Nov 16`."""
        day = self.local(at).date()
        ahead = (day - self.today).days
        near = {0: "today", -1: "yesterday", 1: "tomorrow"}
        if ahead in near:
            return near[ahead]
        if abs(ahead) < 7:
            return f"{day:%A}"
        year = f", {day.year}" if day.year != self.today.year else ""
        return f"{day:%a, %b} {day.day}{year}"

    def heading(self, at: datetime) -> str:
        """A day as a heading: `Today, Tuesday, December 1`."""
        local = self.local(at)
        near = {0: "Today, ", -1: "Yesterday, "}.get((local.date() - self.today).days, "")
        year = f", {local.year}" if local.year != self.today.year else ""
        return f"{near}{local:%A, %B} {local.day}{year}"

    def when(self, at: datetime) -> str:
        """`2:14 PM` today, else with its day: `yesterday 2:14 PM`, `Mon, Nov 16, 2:14 PM`."""
        day = self.day(at)
        if day == "today":
            return self.clock(at)
        return f"{day}{',' if ',' in day else ''} {self.clock(at)}"

    def exact(self, at: datetime) -> str:
        """As `when`, with the day also where it is today: `today 2:14 PM`."""
        day = self.day(at)
        return f"{day}{',' if ',' in day else ''} {self.clock(at)}"

    def long(self, at: datetime) -> str:
        """In full, for a tooltip: `Tuesday, December 1, 2026, 2:14:09 PM PST`."""
        local = self.local(at)
        return f"{local:%A, %B} {local.day}, {local:%Y, %I:%M:%S %p %Z}"


def minutes_in_words(minutes: float) -> str:
    """`12 min`, `2 h`, `2 h 10 min`; less than one is `1 min`."""
    whole = max(round(minutes), 1)
    hours, rest = divmod(whole, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def seconds_in_words(seconds: int | None) -> str:
    """A call's length: `0:34`, `12:05`, `1:02:07`."""
    minutes, rest = divmod(int(timedelta(seconds=seconds or 0).total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
