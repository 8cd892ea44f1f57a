"""What a change of the practice's settings will do, in sentences, before it is saved."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads.dashboard.pages import words
from leads.dashboard.pages.times import Times
from leads.lead import Lead
from leads.opening_hours import DAYS, OpeningHours, federal_holidays
from leads.phone_number import pretty
from leads.practice import Practice

Span = tuple[int, int]  # minutes of a day
NAMES = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
OFFERED = 4  # of the next holidays
AHEAD = timedelta(days=200)


def sentences(
    session: Session, practice: Practice, read: Mapping[str, Any], now: datetime
) -> list[str]:
    """One for each thing that would be otherwise; none when nothing would."""
    return [
        *_names(practice, read),
        *_zone(practice, read, now),
        *_week(practice.weekly_hours, read["weekly_hours"]),
        *_days(practice, read, now),
        *_promise(session, practice, read, now),
        *_consent(practice, read),
    ]


def _names(practice: Practice, read: Mapping[str, Any]) -> Iterator[str]:
    if practice.name != read["name"]:
        yield f"Greetings and texts say “{read['name']}”."
    if practice.phone != read["phone"]:
        yield f"Texts ask people to call {pretty(read['phone'])}."


def _zone(practice: Practice, read: Mapping[str, Any], now: datetime) -> Iterator[str]:
    if practice.zone != read["zone"]:
        clock = Times(now, read["zone"]).clock(now)
        yield f"It is {clock} at the clinic, and every hour on this page is meant on that clock."


def _week(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name, day in zip(NAMES, DAYS, strict=True):
        was, will = _spans(before.get(day, ())), _spans(after.get(day, ()))
        for span in _without(will, was):
            yield f"{name}, calls from {_spoken(span)} ring your phones."
        for span in _without(was, will):
            yield f"{name}, calls from {_spoken(span)} go to voicemail."


def _spans(intervals: Sequence[Sequence[str]]) -> list[Span]:
    return [(_minute(opens), _minute(closes)) for opens, closes in intervals]


def _minute(text: str) -> int:
    hour, minute = text.split(":")
    return 60 * int(hour) + int(minute)


def _without(spans: list[Span], others: list[Span]) -> list[Span]:
    """What of `spans` lies in none of the others."""
    left = sorted(spans)
    for start, end in others:
        left = [
            part
            for a, b in left
            for part in ((a, min(b, start)), (max(a, end), b))
            if part[0] < part[1]
        ]
    return left


def _spoken(span: Span) -> str:
    return f"{_clock(span[0])} to {_clock(span[1])}"


def _clock(minute: int) -> str:
    if minute == 24 * 60:
        return "midnight"
    at = time(minute // 60, minute % 60)
    return f"{at.hour % 12 or 12}:{at:%M} {'AM' if at.hour < 12 else 'PM'}"


def _days(practice: Practice, read: Mapping[str, Any], now: datetime) -> Iterator[str]:
    before, after = practice.closed_days, read["closed_days"]
    today = now.astimezone(ZoneInfo(read["zone"])).date()
    hours = OpeningHours.from_json({**read["weekly_hours"], "closed": after}, read["zone"])
    for text in sorted({*before, *after}):
        day = date.fromisoformat(text)
        if before.get(text) == after.get(text) or day < today:
            continue
        openings = [
            (60 * opens.hour + opens.minute, 60 * closes.hour + closes.minute or 24 * 60)
            for opens, closes in hours.on(day)
        ]
        shown = f"{day:%A, %B} {day.day}{f', {day.year}' if day.year != today.year else ''}"
        if not openings:
            yield f"{shown}: all calls go to voicemail."
        else:
            spoken = " and ".join(_spoken(span) for span in openings)
            yield f"{shown}: your phones ring from {spoken}; else calls go to voicemail."


def _promise(
    session: Session, practice: Practice, read: Mapping[str, Any], now: datetime
) -> Iterator[str]:
    before, after = practice.promise_minutes, read["promise_minutes"]
    if before == after:
        return
    yield (
        f"Callers who reach nobody hear that you call back within {after} minutes instead of "
        f"{before}."
    )
    if after < before:
        late = _late(session, practice, now, after) - _late(session, practice, now, before)
        if late > 0:
            yield f"{late} more of those who wait now {'is' if late == 1 else 'are'} late by it."


def _late(session: Session, practice: Practice, now: datetime, minutes: int) -> int:
    """How many of those who wait would be late by this promise."""
    since = select(Lead.needs_callback_since).where(Lead.waits(now)).limit(500)
    hours = practice.hours
    return sum(hours.open_minutes_between(at, now) > minutes for at in session.scalars(since) if at)


def _consent(practice: Practice, read: Mapping[str, Any]) -> Iterator[str]:
    if practice.consent_mode != read["consent_mode"]:
        label, meaning = words.CONSENT_MODES[read["consent_mode"]]
        yield f"Consent by “{label[0].lower()}{label[1:]}”: {meaning[0].lower()}{meaning[1:]}"
    if practice.transcribe_voicemail != read["transcribe_voicemail"]:
        yield (
            "Voicemails are turned into text, which costs extra."
            if read["transcribe_voicemail"]
            else "Voicemails are not turned into text any more; what was stays."
        )


def holidays(practice: Practice, now: datetime) -> list[tuple[str, str]]:
    """The next federal holidays on which the practice would be open: date, and in words."""
    today = now.astimezone(ZoneInfo(practice.zone)).date()
    hours = practice.hours
    years = {**federal_holidays(today.year), **federal_holidays(today.year + 1)}
    found = [
        (day.isoformat(), f"{name}, {day:%a, %b} {day.day}")
        for day, name in sorted(years.items())
        if today <= day < today + AHEAD
        and hours.is_open_day(day)
        and day.isoformat() not in practice.closed_days
    ]
    return found[:OFFERED]
