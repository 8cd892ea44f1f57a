"""When the practice is open: the week, the closed days, and the clock that runs only then.

All instants that come back are in UTC; instants that go in must carry a zone. Wall-clock
times become instants day by day, so that the two changes of daylight saving cost nothing:
a time that the clocks skip is the moment of the change, one that comes twice is the first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import holidays

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = time(0)  # as the end of an interval it means 24:00
HORIZON = 366  # days to look ahead before saying "never"

Interval = tuple[time, time]


@dataclass(frozen=True)
class OpeningHours:
    """`weekly` maps 0 (Monday) to 6 onto intervals that include their start and not their
    end; an end of `time(0)` is 24:00. `closed` names the days without any opening, or with
    another one: those that `special` has, such as a half day before a holiday.

    Raises ValueError, in a sentence for the settings page, when they make no sense.
    """

    zone: str
    weekly: Mapping[int, Sequence[Interval]]
    closed: Mapping[date, str] = field(default_factory=dict)
    special: Mapping[date, Sequence[Interval]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        zone_info(self.zone)
        weekly = {day: _checked(day, self.weekly[day]) for day in sorted(self.weekly)}
        object.__setattr__(self, "weekly", MappingProxyType(weekly))
        object.__setattr__(self, "closed", MappingProxyType(dict(self.closed)))
        special = {day: _checked(day.weekday(), self.special[day]) for day in self.special}
        object.__setattr__(self, "special", MappingProxyType(special))

    def is_open(self, at: datetime) -> bool:
        return self.next_opening(at, within=0) == at

    def next_opening(self, at: datetime, *, within: int = HORIZON) -> datetime | None:
        """The first open instant from `at` on (`at` itself when open), up to `within` days."""
        return next((max(start, utc(at)) for start, _ in self._spans(at, within)), None)

    def closes_at(self, at: datetime) -> datetime | None:
        """When the opening that `at` lies in ends; None when closed, or when it never ends."""
        end: datetime | None = None
        for start, until in self._spans(at, HORIZON):
            if start > (end or at):
                return end
            end = until
        # Without a gap in a whole year it is open round the clock.
        return end if end and end < at + timedelta(days=HORIZON - 1) else None

    def open_minutes_between(self, a: datetime, b: datetime) -> float:
        """How long it is open from `a` to `b`, in minutes; 0 when `b` is not after `a`."""
        if b <= a:
            return 0.0
        days = (b - a).days + 2
        spent = (min(end, b) - max(start, a) for start, end in self._spans(a, days) if start < b)
        return sum(spent, timedelta()) / timedelta(minutes=1)

    def add_open_minutes(self, at: datetime, minutes: float) -> datetime | None:
        """The earliest instant by which `minutes` of opening have passed since `at`.

        None when that is more than a year away. Raises ValueError for negative minutes.
        """
        if minutes < 0:
            raise ValueError(f"Opening minutes to add cannot be negative, and {minutes} is.")
        left = timedelta(minutes=minutes)
        if not left:
            return utc(at)
        for start, end in self._spans(at, HORIZON):
            begin = max(start, utc(at))
            if left <= end - begin:
                return begin + left
            left -= end - begin
        return None

    def is_open_day(self, day: date) -> bool:
        """Whether it opens at all on this date of its own calendar."""
        return bool(self.on(day))

    def on(self, day: date) -> Sequence[Interval]:
        """The openings of this date of its own calendar; none when it is closed."""
        if day in self.special:
            return self.special[day]
        return () if day in self.closed else self.weekly.get(day.weekday(), ())

    def _spans(self, at: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
        """Openings in UTC, in order, that end after `at` and begin within `days` days of it.

        Begins a day early in local dates: what ends at 24:00 may end on the next date.
        """
        zone = zone_info(self.zone)
        first = local_date(at, zone)
        for ahead in range(-1, days + 1):
            day = first + timedelta(days=ahead)
            for opens, closes in self.on(day):
                start = instant(day, opens, zone)
                end = instant(day + timedelta(days=closes == MIDNIGHT), closes, zone)
                if start < end and at < end:
                    yield start, end

    def to_json(self) -> dict[str, Any]:
        """`{"zone": …, "mon": [["09:00", "18:00"]], …, "closed": {"2026-12-25": "…"}}`."""
        week = {name: _texts(self.weekly.get(i, ())) for i, name in enumerate(DAYS)}
        closed = {
            day.isoformat(): {"name": name, "hours": _texts(self.special[day])}
            if day in self.special
            else name
            for day, name in sorted(self.closed.items())
        }
        return {"zone": self.zone, **week, "closed": closed}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], zone: str | None = None) -> "OpeningHours":
        """The reverse of `to_json`; days left out are closed; `zone` goes before the data's.

        Raises ValueError, in one sentence that names the day, for anything else.
        """
        if not isinstance(data, Mapping):
            raise ValueError(  # noqa: TRY004 - the settings page shows ValueErrors
                'Opening hours must be days with hours: {"mon": [["09:00", "18:00"]]}.'
            )
        if unknown := set(data) - {*DAYS, "zone", "closed"}:
            raise ValueError(
                f"Opening hours know {', '.join(DAYS)}, zone and closed, not {min(unknown)!r}."
            )
        weekly = {
            day: [_interval(name, pair) for pair in _listed(name, data[name])]
            for day, name in enumerate(DAYS)
            if data.get(name)
        }
        closed, special = _closed(data.get("closed") or {})
        return cls(zone or data.get("zone") or "", weekly, closed, special)


def zone_info(name: str) -> ZoneInfo:
    """The zone called `name`. Raises ValueError when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, TypeError, ValueError) as error:
        raise ValueError(
            f"{name!r} is not a time zone; use a name such as America/Los_Angeles."
        ) from error


def utc(at: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError when `at` carries no zone."""
    if at.tzinfo is None:
        raise ValueError(f"The instant {at} carries no time zone.")
    return at.astimezone(UTC)


def local_date(at: datetime, zone: ZoneInfo) -> date:
    return utc(at).astimezone(zone).date()


def instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The first instant, in UTC, at which the wall clock on `day` shows `wall` or later."""
    naive = datetime.combine(day, wall.replace(fold=0))
    late = naive.replace(tzinfo=zone).astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == naive:
        return late
    # The clocks skip this time: between these two bounds lies the moment of the change.
    early = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if middle.astimezone(zone).replace(tzinfo=None) < naive:
            early = middle
        else:
            late = middle
    return late


def federal_holidays(year: int) -> dict[date, str]:
    """US federal holidays of a year, with the days on which they are observed instead."""
    return dict(_federal_holidays(year))


@lru_cache(maxsize=16)
def _federal_holidays(year: int) -> Mapping[date, str]:
    return dict(holidays.country_holidays("US", years=year, language="en_US"))


def _checked(day: int, intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    if day not in range(7):
        raise ValueError(f"Weekdays are 0 (Monday) to 6 (Sunday), and {day!r} is not.")
    name = DAYS[day]
    kept = tuple(sorted(intervals))
    for opens, closes in kept:
        if opens.second or closes.second or opens.microsecond or closes.microsecond:
            raise ValueError(f"On {name}, openings must be given in whole minutes.")
        if closes != MIDNIGHT and closes <= opens:
            raise ValueError(
                f"On {name}, {opens:%H:%M} to {closes:%H:%M} does not end after it starts; "
                "hours past midnight belong to the next day."
            )
    for (_, closes), (opens, _) in pairwise(kept):
        if closes == MIDNIGHT or opens < closes:
            raise ValueError(f"On {name}, two openings overlap at {opens:%H:%M}.")
    return kept


def _listed(name: str, value: Any) -> Sequence[Any]:
    if isinstance(value, list | tuple):
        return value
    raise ValueError(f'On {name}, the hours must be a list such as [["09:00", "18:00"]].')


def _interval(name: str, pair: Any) -> Interval:
    try:
        opens, closes = pair
        return _time(opens), MIDNIGHT if closes == "24:00" else _time(closes, end=True)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f'On {name}, {pair!r} is not an opening; write ["09:00", "18:00"], 24:00 at the latest.'
        ) from error


def _time(text: str, *, end: bool = False) -> time:
    value = datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a wall-clock time has no zone
    if end and value == MIDNIGHT:
        raise ValueError("An opening that ends at midnight ends at 24:00.")
    return value


def _texts(intervals: Sequence[Interval]) -> list[list[str]]:
    return [[f"{opens:%H:%M}", _end_text(closes)] for opens, closes in intervals]


def _end_text(closes: time) -> str:
    return "24:00" if closes == MIDNIGHT else f"{closes:%H:%M}"


def _closed(data: Any) -> tuple[dict[date, str], dict[date, list[Interval]]]:
    """The names of the days, and the hours of those that have some."""
    names: dict[date, str] = {}
    special: dict[date, list[Interval]] = {}
    try:
        for text, told in data.items():
            day = date.fromisoformat(text)
            if isinstance(told, Mapping):
                special[day] = [_interval(text, pair) for pair in _listed(text, told["hours"])]
                told = told.get("name", "")
            names[day] = str(told)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            'Closed days must be dates with a name, such as {"2026-12-25": "Christmas Day"}.'
        ) from error
    return names, special


TRIAL_HOURS = OpeningHours(
    zone="America/Los_Angeles",
    weekly={
        **{weekday: ((time(9), time(18)),) for weekday in range(5)},
        5: ((time(9), time(13)),),
    },
)
