"""Moments as our texts write them, on the clinic's clock: short, and plain GSM-7 characters."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

ROUNDING = timedelta(minutes=5)  # nobody promises "by 2:07", and a promise is never rounded down


def callback(by: datetime, now: datetime, zone: str) -> str:
    """To follow "we will call you by": `2:30 PM`, `9:30 AM tomorrow`, `9 AM on Monday, Jan 4`."""
    by += -(by - datetime.min.replace(tzinfo=by.tzinfo)) % ROUNDING
    local, ahead = _local(by, now, zone)
    if ahead == 0:
        return clock(local)
    return f"{clock(local)} {'tomorrow' if ahead == 1 else f'on {_day(local)}'}"


def appointment(at: datetime, now: datetime, zone: str) -> str:
    """To follow "your appointment is": `today at 3 PM`, `on Monday, Jan 4, at 3:15 PM`."""
    local, ahead = _local(at, now, zone)
    day = {0: "today", 1: "tomorrow"}.get(ahead, f"on {_day(local)},")
    return f"{day} at {clock(local)}"


def told(at: datetime, zone: str) -> str:
    """A moment as the timeline says it: `Monday, Jan 4, 9:30 AM`."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{_day(local)}, {clock(local)}"


def _local(at: datetime, now: datetime, zone: str) -> tuple[datetime, int]:
    """The moment on that clock, and how many days ahead it is there."""
    local = at.astimezone(ZoneInfo(zone))
    return local, (local.date() - now.astimezone(ZoneInfo(zone)).date()).days


def clock(local: datetime | time) -> str:
    """`9 AM`, `2:30 PM`."""
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes} {'AM' if local.hour < 12 else 'PM'}"


def _day(local: datetime) -> str:
    return f"{local:%A, %b} {local.day}"
