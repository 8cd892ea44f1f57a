"""Whom to ring, as it was last known: for the calls that come while the database is away.

Kept in memory, and on disk for a process that starts during the outage.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import blocking, greeting
from leads.installation import Installation
from leads.opening_hours import OpeningHours
from leads.phone_number import parse_e164, possible_e164
from leads.practice import Practice, PracticePhone
from leads.settings import settings
from leads.tracking_number import TrackingNumber
from webhooks import durable

FALLBACK_SECONDS = 20


@dataclass(frozen=True)
class RoutedPhone:
    """A phone that rings. Id 0 is none of the practice's: the one from the settings."""

    id: int
    e164: str
    asks_for_key: bool
    ring_seconds: int


@dataclass(frozen=True)
class Routing:
    clinic: str
    hours: dict[str, Any]
    phones: list[RoutedPhone]
    modes: dict[str, str]  # of every number, retired ones too
    numbers: list[str]  # those in use
    transcribe: bool = False
    clock_shift: float = 0.0  # seconds by which a trial has moved practice time
    blocked: list[str] = field(default_factory=list)  # digests: see blocking.digest
    greeting: str = ""  # before the phones ring
    greetings: dict[str, str] = field(default_factory=dict)  # of numbers that have their own
    greeting_voicemail: str = ""
    account_sid: str = field(default_factory=lambda: settings().twilio_account_sid)

    @classmethod
    def read(cls, session: Session) -> "Routing":
        practice = Practice.get(session)
        numbers = session.scalars(select(TrackingNumber).order_by(TrackingNumber.id)).all()
        phones = [
            RoutedPhone(phone.id, phone.e164, phone.asks_for_key, phone.ring_seconds)
            for phone in PracticePhone.ringing(session)
        ]
        return cls(
            practice.name,
            practice.hours.to_json(),
            phones,
            {number.e164: number.mode for number in numbers},
            [number.e164 for number in numbers if number.retired_at is None],
            practice.transcribe_voicemail,
            Installation.current(session).clock_shift.total_seconds(),
            blocking.digests(session),
            greeting.fill(practice.greeting_open, practice.name),
            {
                e164: greeting.fill(words, practice.name)
                for e164, words in TrackingNumber.greetings(session).items()
            },
            greeting.fill(practice.greeting_voicemail, practice.name),
        )

    @classmethod
    def load(cls, path: Path) -> "Routing | None":
        """What was last saved there; None when nothing was, or nothing that can be read, or it was
        another account's."""
        try:
            kept = json.loads(path.read_bytes())
            phones = [RoutedPhone(**phone) for phone in kept.pop("phones")]
            routing = cls(phones=phones, **kept)
            OpeningHours.from_json(routing.hours)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        return routing if routing.account_sid == settings().twilio_account_sid else None

    def save(self, path: Path) -> None:
        """Replace what is there, or leave it whole. Raises OSError."""
        durable.replace(path, json.dumps(asdict(self)).encode())

    def phones_for(self, to: str, callers: tuple[str, ...], real: datetime) -> list[RoutedPhone]:
        """The phones to ring for a call to this number; none where voicemail answers: outside
        opening hours, for overflow numbers, and when one of our own phones calls (`callers`)."""
        ours = {*self.numbers, *(phone.e164 for phone in self.phones)}
        looped = any(possible_e164(caller) in ours for caller in callers)
        now = real + timedelta(seconds=self.clock_shift)
        is_open = OpeningHours.from_json(self.hours).is_open(now)
        if looped or not is_open or self.modes.get(to) == "overflow":
            return []
        return self.phones

    def turns_away(self, caller: str) -> bool:
        """Whether calls from this number are rejected. Never our own, whoever was blocked since."""
        e164 = parse_e164(caller)
        if e164 is None or e164 in {*self.numbers, *(phone.e164 for phone in self.phones)}:
            return False
        return bool(self.blocked) and blocking.digest(e164) in self.blocked

    def after(self, phone_id: int) -> list[RoutedPhone]:
        """The phones whose turn comes after this one's."""
        ids = [phone.id for phone in self.phones]
        return self.phones[ids.index(phone_id) + 1 :] if phone_id in ids else []

    def says(self, to: str) -> str:
        """What a caller of this number hears before the phones ring."""
        return self.greetings.get(to) or self.greeting


def fallback_phones(callers: tuple[str, ...]) -> list[RoutedPhone]:
    """The phone from the settings, for a process that never got to know any other."""
    phone = possible_e164(settings().fallback_phone)
    if phone is None or phone in {possible_e164(caller) for caller in callers}:
        return []
    return [RoutedPhone(0, phone, False, FALLBACK_SECONDS)]
