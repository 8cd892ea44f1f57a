"""The sending window: when an automated text may reach a person, wherever they may be.

A text goes only while it is inside the window in every zone in which the number may be
living. The shipped window is Monday to Saturday, 09:00 to 20:00; a practice may narrow it
or begin at 08:00, and nothing widens it further. Sundays and US federal holidays are quiet.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from leads import area_codes, phone_number
from leads.moment import clock
from leads.opening_hours import federal_holidays, instant, local_date, utc, zone_info

EARLIEST, LATEST = time(8), time(20)
SUNDAY = 6
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Window:
    """`weekdays` are 0 (Monday) to 5; `start` is inside, `end` is not, both on the
    recipient's clock. No weekdays at all means that no automated text is ever sent.

    Raises ValueError for a window wider than the hard limit.
    """

    weekdays: frozenset[int] = frozenset(range(6))
    start: time = time(9)
    end: time = time(20)

    def __post_init__(self) -> None:
        if not self.weekdays <= frozenset(range(SUNDAY)):
            raise ValueError("Automated texts go from Monday to Saturday only, never on Sundays.")
        if not EARLIEST <= self.start < self.end <= LATEST:
            raise ValueError(
                f"Automated texts must stay between {clock(EARLIEST)} and {clock(LATEST)} at the "
                f"recipient; {clock(self.start)} to {clock(self.end)} does not."
            )


@dataclass(frozen=True)
class StateRule:
    """The hours of one US state, the narrower of its weekday and its Saturday ones, and the
    area codes (with spaces between) by which its numbers are known. States wrote them for
    sales calls: keeping them for every automated text is caution."""

    start: time
    end: time
    area_codes: str
    source: str


# Deliberately incomplete: states whose hours cut into Monday to Saturday, 08:00 to 20:00.
# Change the version with the table: the timeline can then say by which one a text waited.
STATE_RULES_VERSION = "2026-11-22"
STATE_RULES = {
    "CT": StateRule(time(9), time(20), "203 475 860 959", "Conn. Gen. Stat. 42-288a"),
    "KY": StateRule(time(10), time(21), "270 364 502 606 859", "KRS 367.46955"),
    "RI": StateRule(time(10), time(17), "401", "R.I. Gen. Laws 5-61-2 and 5-61-3.6"),
    "TX": StateRule(
        time(9),
        time(21),
        "210 214 254 281 325 346 361 409 430 432 469 512 621 682 713 726 737 806 817 830 832 "
        "903 915 936 940 945 956 972 979",
        "Tex. Bus. & Com. Code 301.051",
    ),
}


def window_for(e164: str, window: Window, address_state: str | None = None) -> Window:
    """`window` narrowed by the rules of the number's state and of the known address's.

    `address_state` is a two-letter code. Where nothing is left, the window has no weekdays.
    """
    area = phone_number.area_code(e164)
    for state, rule in STATE_RULES.items():
        if area not in rule.area_codes.split() and state != address_state:
            continue
        start, end = max(window.start, rule.start), min(window.end, rule.end)
        if start >= end:
            return replace(window, weekdays=frozenset())
        window = replace(window, start=start, end=end)
    return window


def recipient_zones(e164: str, clinic_zone: str, address_zone: str | None) -> frozenset[str]:
    """The zones that must all be inside the window: the number's, and those of the known
    address or, without one, of the clinic (a caller is most likely near it)."""
    return phone_number.zones(e164) | {address_zone or clinic_zone}


def is_inside(at: datetime, zones: Iterable[str], window: Window) -> bool:
    """Whether an automated text may go at `at`. Raises ValueError without any zone."""
    return all(_span(at, zone, window) is not None for zone in _infos(zones))


def next_inside(
    at: datetime, zones: Iterable[str], window: Window, days: int = 7
) -> datetime | None:
    """The earliest instant (UTC) from `at` on that is inside the window in every zone.

    None when there is none within `days` times 24 hours: then a person decides. Raises
    ValueError without any zone.
    """
    infos = _infos(zones)
    candidate = utc(at)
    limit = candidate + timedelta(days=days)
    while candidate <= limit:
        # Nothing before the latest of the zones' own next instants can suit them all.
        latest = max(_next_in_zone(candidate, zone, window, limit) for zone in infos)
        if latest == candidate:
            return candidate
        candidate = latest
    return None


def seconds_left(at: datetime, zones: Iterable[str], window: Window) -> int:
    """Whole seconds until the window closes in the first zone; 0 when outside.

    For the carrier's validity period, so that a backlog cannot deliver at night. It can be
    more than the 36000 seconds that Twilio takes.
    """
    spans = [_span(at, zone, window) for zone in _infos(zones)]
    return min(int((span[1] - at).total_seconds()) if span else 0 for span in spans)


def why_not(at: datetime, zones: Iterable[str], window: Window, number: str = "") -> str:
    """Why a text may not go now, for the timeline: `Sunday in New York`; empty if it may. Where
    the hour is wrong for `number` itself, its state is named: `Sunday in Florida`."""
    own, state = phone_number.zones(number), area_codes.state(number)
    for zone in sorted(_infos(zones), key=lambda info: info.key not in own):
        if _span(at, zone, window) is not None:
            continue
        day = local_date(at, zone)
        if not is_sending_day(day, window):
            reason = _quiet_day(day)
        elif at < instant(day, window.start, zone):
            reason = f"before {clock(window.start)}"
        else:
            reason = f"after {clock(window.end)}"
        return f"{reason} in {state if state and zone.key in own else place(zone.key)}"
    return ""


def quiet_days(after: datetime, until: datetime, zone: str, window: Window) -> list[str]:
    """The whole days between two moments on which nothing goes: `["Sunday", "Christmas Day"]`."""
    info = zone_info(zone)
    day, last = local_date(after, info), local_date(until, info)
    days = (day + timedelta(days=ahead) for ahead in range(1, (last - day).days))
    return [_quiet_day(each) for each in days if not is_sending_day(each, window)]


def _quiet_day(day: date) -> str:
    return federal_holidays(day.year).get(day) or WEEKDAYS[day.weekday()]


def place(zone: str) -> str:
    """`America/Indiana/Knox` as people say it: `Knox, Indiana`."""
    return ", ".join(reversed(zone.replace("_", " ").split("/")[1:])) or zone


def _infos(zones: Iterable[str]) -> list[ZoneInfo]:
    infos = [zone_info(zone) for zone in sorted(zones)]
    if not infos:
        raise ValueError("A text needs at least one zone for its recipient: add the clinic's.")
    return infos


def _span(at: datetime, zone: ZoneInfo, window: Window) -> tuple[datetime, datetime] | None:
    """The window around `at` in one zone, in UTC, if `at` lies in one."""
    day = local_date(at, zone)
    if not is_sending_day(day, window):
        return None
    start, end = instant(day, window.start, zone), instant(day, window.end, zone)
    return (start, end) if start <= at < end else None


def _next_in_zone(at: datetime, zone: ZoneInfo, window: Window, limit: datetime) -> datetime:
    """The earliest instant from `at` on inside one zone's window, or one after `limit`."""
    day = local_date(at, zone)
    while (start := instant(day, window.start, zone)) <= limit:
        if is_sending_day(day, window) and at < instant(day, window.end, zone):
            return max(start, at)
        day += timedelta(days=1)
    return limit + timedelta(seconds=1)


def is_sending_day(day: date, window: Window) -> bool:
    """Whether automated texts go at all on this date: a day of the window and no holiday."""
    return day.weekday() in window.weekdays and day not in federal_holidays(day.year)
