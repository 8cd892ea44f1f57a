"""`ringback call`: play one missed call through the sandbox and say each step as it happens."""

import json
import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import Call, Lead, Message, Phone, Practice, Reminder, TrackingNumber, clock
from leads.db import transaction
from leads.phone_number import pretty
from leads.settings import settings

SPEED = 10  # ringing for 20 s takes two
PATIENCE = 60.0  # seconds
AREA_CODES = (206, 253, 360, 425, 509)


class NotPlayed(Exception):
    """No call could be played; the text says why and what to do."""


def call(
    first: Annotated[bool, typer.Option(help="the first call of a new installation")] = False,
) -> None:
    """Play a missed call through the sandbox: nobody answers, and a text goes out."""
    refuse_before_the_start()
    if settings().mode != "trial":
        raise NotPlayed("This installation is live: ring the clinic's number with a real phone.")
    with transaction() as session:
        open_the_practice(session)
        caller = somebody_new(session)
        number = called_number(session)
    if first:
        typer.echo("A first call, so that there is something to see:")
    start = time.monotonic()
    sid = ring(caller, number, {"let_ring": True})

    def say(words: str) -> None:
        typer.echo(f"  {time.monotonic() - start:5.1f} s  {words}")

    say(f"{pretty(caller)} rings {pretty(number)}; nobody picks up")
    for words in steps(sid):
        say(words)


def refuse_before_the_start() -> None:
    """Raises NotPlayed where nothing was ever started. Told no account, the settings read like
    those of a live installation, because the real Twilio is their default."""
    if settings().mode != "trial" and not settings().twilio_account_sid:
        raise NotPlayed("Ringback does not run here yet. Start everything with `make run`.")


def open_the_practice(session: Session) -> None:
    """Move practice time to the next open hour when the practice is closed, and say so."""
    practice = Practice.get(session)
    now = clock.now(session)
    opening = practice.hours.next_opening(now)
    if opening is None:
        raise NotPlayed("The practice has no opening hours: add some under Settings first.")
    if opening > now:
        at = opening + timedelta(minutes=30)
        clock.set_to(session, at)
        local = at.astimezone(ZoneInfo(practice.zone))
        typer.echo(
            "The practice is closed at this moment, so practice time was moved to "
            f"{local:%A %H:%M}. `ringback clock reset` moves it back."
        )


def somebody_new(session: Session) -> str:
    """A number that has not called yet, of those that are kept for fiction."""
    known = set(session.scalars(select(Phone.e164)))
    numbers = [f"+1{area}55501{last:02}" for area in AREA_CODES for last in range(100)]
    fresh = [number for number in numbers if number not in known and number != "+14255550100"]
    return random.choice(fresh or numbers)  # noqa: S311 - any will do


def called_number(session: Session) -> str:
    number = session.scalars(
        select(TrackingNumber.e164)
        .where(TrackingNumber.retired_at.is_(None))
        .order_by(TrackingNumber.id)
        .limit(1)
    ).one_or_none()
    if number is None:
        raise NotPlayed("There is no number to ring: `ringback numbers add` adds one.")
    return number


def ring(caller: str, number: str, script: dict[str, Any]) -> str:
    """Have the sandbox place a call that plays itself; its CallSid. Raises NotPlayed."""
    return sandbox("calls", {"from": caller, "to": number, "speed": SPEED, "script": script})


def text(sender: str, number: str, body: str) -> str:
    """Have a phone of the sandbox text us; its MessageSid. Raises NotPlayed."""
    return sandbox("texts", {"from": sender, "to": number, "body": body})


def sandbox(noun: str, fields: dict[str, Any]) -> str:
    """Make one of the sandbox's calls or texts; its SID. Raises NotPlayed when it does not run."""
    request = urllib.request.Request(  # noqa: S310 - our own sandbox, on loopback
        f"{settings().twilio_api_base}/sandbox/api/{noun}",
        json.dumps(fields).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - see above
            return str(json.load(answer)["sid"])
    except urllib.error.HTTPError as error:
        raise NotPlayed(f"The sandbox refused it ({error.code}).") from error
    except OSError as error:
        raise NotPlayed("The sandbox does not run. Start everything with `make run`.") from error


def steps(sid: str) -> Iterator[str]:
    """Each step's sentence, as soon as the database has it. Raises NotPlayed when one is late."""
    for look in (_call, _missed, _due, _handed_over, _delivered):
        yield _wait(sid, look)


def _wait(sid: str, look: Callable[[Session, Call], str | None]) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with transaction() as session:
            call = session.scalars(select(Call).where(Call.sid == sid)).one_or_none()
            words = look(session, call) if call else None
        if words:
            return words
        time.sleep(0.05)
    raise NotPlayed(
        f"Nothing happened for {PATIENCE:.0f} s. The log files of `make run` say more; what was "
        "received is kept."
    )


def texted(session: Session, sid: str) -> bool:
    """Whether our text to the caller of this call has been delivered, or never will be."""
    call = session.scalars(select(Call).where(Call.sid == sid)).one()
    reminder = _reminder(session, call)
    return reminder is None or reminder.state in {"sent", "cancelled", "failed"}


def _call(session: Session, call: Call) -> str | None:
    lead = session.get(Lead, call.lead_id) if call.lead_id else None
    return f"call recorded; lead {lead.id} is on the desk" if lead else None


def _missed(_: Session, call: Call) -> str | None:
    return f"{call.outcome}: the caller hears the prompt" if call.outcome != "ringing" else None


def _reminder(session: Session, call: Call) -> Reminder | None:
    return session.scalars(
        select(Reminder)
        .where(Reminder.lead_id == call.lead_id, Reminder.step == 1)
        .order_by(Reminder.id.desc())
        .limit(1)
    ).one_or_none()


def _due(session: Session, call: Call) -> str | None:
    reminder = _reminder(session, call)
    return "reminder due" if reminder else None


def _handed_over(session: Session, call: Call) -> str | None:
    message = _message(session, call)
    return "text handed over" if message and message.sid else None


def _delivered(session: Session, call: Call) -> str | None:
    message = _message(session, call)
    return f"text {message.state}" if message and message.delivered_at else None


def _message(session: Session, call: Call) -> Message | None:
    reminder = _reminder(session, call)
    if reminder and reminder.state == "cancelled":
        raise NotPlayed(f"No text went out: {reminder.reason}")
    return session.get(Message, reminder.message_id) if reminder and reminder.message_id else None
