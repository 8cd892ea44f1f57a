"""Our tracking numbers as Twilio has them, and as they should be: for doctor and `numbers sync`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from sqlalchemy import select
from twilio.base.exceptions import TwilioException

from leads.db import transaction
from leads.settings import settings
from leads.tracking_number import TrackingNumber
from workers import twilio_api

# Twilio's own name of each address, ours for people, and the path below PUBLIC_URL.
ADDRESSES = {
    "voice_url": ("voice", "/webhooks/twilio/voice"),
    "status_callback": ("call status", "/webhooks/twilio/voice/status"),
    "sms_url": ("text", "/webhooks/twilio/sms"),
}
METHODS = {
    "voice_url": "voice_method",
    "status_callback": "status_callback_method",
    "sms_url": "sms_method",
    "voice_fallback_url": "voice_fallback_method",
}
FALLBACK = "voice_fallback_url"


class TwilioSilent(Exception):
    """Twilio did not say what was asked; the text says what it said instead and what to do."""


@dataclass(frozen=True)
class Difference:
    """One setting of a number: `there` is what Twilio has, `wanted` what it should have."""

    setting: str
    name: str
    there: str
    wanted: str


@dataclass(frozen=True)
class Compared:
    """A tracking number of ours; `sid` is None when the account has no such number."""

    e164: str
    sid: str | None
    differences: Sequence[Difference] = ()
    # Twilio ignores the addresses when one of these is set; we leave that to a person.
    elsewhere: str = ""
    fallback: str = ""
    mode: str = "front"
    others: int = field(default=0, compare=False)  # how many numbers are none of ours


def compare() -> list[Compared]:
    """Every tracking number in use against the account's. Raises TwilioSilent."""
    with transaction() as session:
        ours = session.scalars(
            select(TrackingNumber)
            .where(TrackingNumber.retired_at.is_(None))
            .order_by(TrackingNumber.id)
        ).all()
    with asking():
        there = {
            each.phone_number: each for each in twilio_api.client().incoming_phone_numbers.list()
        }
    others = len(there.keys() - {number.e164 for number in ours})
    return [_compared(number.e164, number.mode, there.get(number.e164), others) for number in ours]


def _compared(e164: str, mode: str, there: Any, others: int) -> Compared:
    if there is None:
        return Compared(e164, None, mode=mode, others=others)
    elsewhere = next(
        (name for name in ("voice_application_sid", "trunk_sid", "sms_application_sid")
         if getattr(there, name, None)),
        "",
    )  # fmt: skip
    return Compared(
        e164,
        str(there.sid),
        [found for name, wanted in wanted_addresses(mode).items()
         for found in _differences(there, name, wanted)],
        elsewhere,
        str(there.voice_fallback_url or ""),
        mode,
        others,
    )  # fmt: skip


def wanted_addresses(mode: str) -> dict[str, str]:
    """What Twilio should call for each number of this mode; the fallback only where one was told.
    One that rings the practice is none for an overflow number: its carrier would forward the call
    to us again."""
    public = settings().public_url.rstrip("/")
    found = {name: public + path for name, (_, path) in ADDRESSES.items()}
    told = settings()
    own = mode == "overflow"
    if document := told.twilio_overflow_fallback_url if own else told.twilio_voice_fallback_url:
        found[FALLBACK] = document
    return found


def _differences(there: Any, name: str, wanted: str) -> list[Difference]:
    """The address, and the method where it is not POST: a GET carries a caller's number in its
    query."""
    shown = ADDRESSES[name][0] if name in ADDRESSES else "fallback"
    address = str(getattr(there, name) or "")
    found = []
    if address != wanted:
        found.append(Difference(name, shown, address, wanted))
    method = str(getattr(there, METHODS[name]) or "POST")
    # A static document answers either.
    if method != "POST" and name != FALLBACK:
        found.append(Difference(METHODS[name], f"{shown} method", method, "POST"))
    return found


def set_addresses(number: Compared) -> None:
    """Give the number what it should have; what does not differ is not touched.

    Raises TwilioSilent.
    """
    assert number.sid  # noqa: S101 - whoever is missing has no differences
    changes = {each.setting: each.wanted for each in number.differences}
    with asking():
        twilio_api.client().incoming_phone_numbers(number.sid).update(**changes)


@contextmanager
def asking() -> Iterator[None]:
    """Turns what goes wrong on the way to Twilio into one sentence. Raises TwilioSilent."""
    try:
        yield
    except (TwilioException, requests.RequestException) as error:
        status = _status(error)
        if status in {401, 403}:
            raise TwilioSilent(
                "Twilio refuses our account or token. Correct TWILIO_ACCOUNT_SID and "
                "TWILIO_AUTH_TOKEN in .env."
            ) from error
        told = f"answered with {status}" if status else f"did not answer ({type(error).__name__})"
        raise TwilioSilent(f"Twilio {told}. Try again, and look at status.twilio.com.") from error


def _status(error: Exception) -> int | None:
    """The library tells it in two ways: a page that it cannot fetch raises with the answer."""
    for told in (error, *error.args):
        for name in ("status", "status_code"):
            if isinstance(found := getattr(told, name, None), int):
                return found
    return None
