"""Opening hours as a person types them: `9 AM - 6 PM`, `9:00-12:30, 13:30-18:00`, `closed`."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

TIME = r"(\d{1,2})(?:[:.](\d{2}))?\s*([ap])?\.?(?:m\.?)?"
INTERVAL = re.compile(rf"{TIME}\s*(?:-|\u2013|\u2014|to|until)\s*{TIME}", re.IGNORECASE)
# Followed by no letter: in "9:00-12:30 April" the A is not of AM.
DAY_HOURS = re.compile(INTERVAL.pattern + r"(?![a-z])", re.IGNORECASE)
DAY_LINE = re.compile(r"(\d{4}-\d{2}-\d{2})\s*(.*)")


def shown(intervals: Sequence[Sequence[str]]) -> str:
    """`9:00 AM \u2013 6:00 PM`, several with commas; `closed` for none."""
    return ", ".join(f"{_clock(a)} \u2013 {_clock(b)}" for a, b in intervals) or "closed"


def _clock(text: str) -> str:
    hour, minute = (int(part) for part in text.split(":"))
    if hour == 24:
        return "midnight"
    return f"{hour % 12 or 12}:{minute:02} {'AM' if hour < 12 else 'PM'}"


def read(text: str) -> list[list[str]]:
    """`[["09:00", "18:00"]]`. Raises ValueError with a sentence for the field."""
    plain = text.strip().casefold().replace("midnight", "24:00").replace("noon", "12 pm")
    if plain in {"", "closed"}:
        return []
    return [_interval(part) for part in re.split(r"[,;]|\band\b", plain)]


def _interval(text: str) -> list[str]:
    match = INTERVAL.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"“{text.strip()}” is not understood: write 9 AM - 6 PM, or closed.")
    opens, closes = match.groups()[:3], match.groups()[3:]
    # "2 - 6 PM" would open at two in the night.
    if bool(opens[2]) != bool(closes[2]) and "24" not in {opens[0], closes[0]}:
        raise ValueError(f"“{text.strip()}” could be read in two ways: write AM or PM with both.")
    if not opens[2] and not closes[2] and not _on_24_hours(opens, closes):
        raise ValueError(
            f"“{text.strip()}” could be read in two ways: write {_likely(opens, closes)}."
        )
    return [_time(*opens), _time(*closes)]


def _on_24_hours(opens: Sequence[str | None], closes: Sequence[str | None]) -> bool:
    """Whether times without AM and PM say themselves that they count from 0 to 24."""
    hours = (opens[0] or "", closes[0] or "")
    # Not 24, which also stands for midnight: "2 - midnight" begins in the afternoon.
    if any(hour.startswith("0") or 12 < int(hour) < 24 for hour in hours):
        return True
    first, last = int(hours[0]), int(hours[1])
    # "9:00-12:30" is the same on both clocks; "1:00-5:00" and "9:00-5:00" are not.
    return opens[1] is not None and closes[1] is not None and 6 <= first <= last


def _likely(opens: Sequence[str | None], closes: Sequence[str | None]) -> str:
    """What a clinic means, whose day begins between 6 AM and noon: `1 PM - 5 PM`."""
    first, last = int(opens[0] or 0), int(closes[0] or 0)
    begins = "AM" if 6 <= first < 12 else "PM"
    ends = "AM" if begins == "AM" and first < last < 12 else "PM"
    end = "midnight" if last == 24 else f"{_spoken(closes)} {ends}"
    return f"{_spoken(opens)} {begins} - {end}"


def _spoken(time: Sequence[str | None]) -> str:
    return f"{time[0]}:{time[1]}" if time[1] else f"{time[0]}"


def _time(hour: str, minute: str | None, half: str | None) -> str:
    number = int(hour)
    if half and not 1 <= number <= 12:
        raise ValueError(f"{hour} with AM or PM is not a time.")
    if half:
        number = number % 12 + (12 if half == "p" else 0)
    if number > 24 or int(minute or 0) > 59:
        raise ValueError(f"{hour}:{minute or '00'} is not a time.")
    return f"{number:02}:{minute or '00'}"


def shown_days(closed: Mapping[str, Any]) -> str:
    """One day a line, half days with their hours."""
    return "\n".join(_shown_day(day, told) for day, told in sorted(closed.items()))


def _shown_day(day: str, told: Any) -> str:
    if isinstance(told, Mapping):
        return f"{day} {shown(told['hours'])} {told.get('name', '')}".strip()
    return f"{day} {told}".strip()


def read_days(text: str) -> dict[str, Any]:
    """Closed days by date, one a line: the day's name, or `{"name": …, "hours": [[…]]}` of a day
    with hours of its own. Raises ValueError with a sentence for the field."""
    days: dict[str, Any] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        match = DAY_LINE.fullmatch(line)
        try:
            day = date.fromisoformat(match[1] if match else "")
        except ValueError:
            raise ValueError(
                f"“{line}” does not begin with a day: write 2026-12-25 Christmas Day, or "
                "2026-12-24 9 AM - 12 PM for a half day."
            ) from None
        days[day.isoformat()] = _read_day(match[2] if match else "")
    return days


def _read_day(rest: str) -> Any:
    """What follows the date: hours and a name, or a name alone."""
    begins = DAY_HOURS.match(rest)
    if begins is None:
        return rest
    return {"name": rest[begins.end() :].strip(" ,:"), "hours": read(begins[0])}
