"""What a caller hears, from the first word to the tone: for the settings page, made by the code
that says it. Nothing is written, and nobody is called."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from leads import greeting, missed_call, prompt
from leads.opening_hours import OpeningHours
from leads.practice import Practice, PracticePhone

FIELDS = ("greeting_open", "greeting_missed", "greeting_closed", "greeting_voicemail")


@dataclass(frozen=True)
class Line:
    """`when` it is said; the words that can be changed (`own` where somebody has), and those that
    are always said. Without any: what happens in between."""

    when: str
    words: str = ""
    own: bool = False
    always: str = ""


@dataclass(frozen=True)
class Hearing:
    """A call at a moment, while the practice is open or closed."""

    at: datetime
    is_open: bool
    lines: list[Line]


def ours(clinic: str) -> dict[str, str]:
    """What is said where the practice has no words of its own."""
    return {
        "greeting_open": "",
        "greeting_missed": prompt.missed_opening(clinic),
        "greeting_closed": prompt.closed_opening(clinic),
        "greeting_voicemail": prompt.voicemail_opening(clinic),
    }


def hear(session: Session, own: dict[str, str], now: datetime) -> list[Hearing]:
    """What a first-time caller hears with these greetings: while open, and while closed, each at
    the next such moment. One of them alone where the practice is always, or never, so."""
    practice = Practice.get(session)
    moments = [(_next(practice.hours, now, is_open=is_open), is_open) for is_open in (True, False)]
    return [
        Hearing(at, is_open, _lines(session, practice, own, at, is_open=is_open))
        for at, is_open in moments
        if at is not None
    ]


def _next(hours: OpeningHours, now: datetime, *, is_open: bool) -> datetime | None:
    if hours.is_open(now) == is_open:
        return now
    return hours.next_opening(now) if is_open else hours.closes_at(now)


def _lines(
    session: Session, practice: Practice, own: dict[str, str], at: datetime, *, is_open: bool
) -> list[Line]:
    clinic = practice.name or "us"
    phones = PracticePhone.ringing(session)
    rings = is_open and bool(phones)
    lines = []
    if rings:
        wait = practice.longest_wait(phones)
        if own["greeting_open"]:
            lines.append(_line("At once", own, "greeting_open", clinic))
            at += timedelta(seconds=greeting.seconds(lines[0].words))
        how = "one after the other" if practice.ring_order == "in_turn" else "together"
        many = f"Your {len(phones)} phones ring {how}" if len(phones) > 1 else "Your phone rings"
        lines.append(Line(f"{many}, for up to {wait} seconds"))
        at += timedelta(seconds=wait)
    always = prompt.always_said(missed_call.promise_to_a_stranger(session, at), at, practice.zone)
    field = "greeting_missed" if is_open else "greeting_closed"
    when = "Nobody picks up" if rings else "At once"
    return [
        *lines,
        _line(when, own, field, clinic, always),
        _line(
            "2 seconds later, or after a key", own, "greeting_voicemail", clinic, prompt.RECORDED
        ),
        Line("The tone, and up to 2 minutes for a message"),
    ]


def _line(when: str, own: dict[str, str], field: str, clinic: str, always: str = "") -> Line:
    words = greeting.fill(own[field], clinic)
    return Line(when, words or ours(clinic)[field], bool(words), always)
