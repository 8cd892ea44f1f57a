"""Telephone numbers as text: reading, judging, showing and hiding them.

A number is a plain `str` in E.164 (`+14254379974`) everywhere else in the code; these
functions are the only place that knows how one is written.
"""

from functools import lru_cache

import phonenumbers
from phonenumbers import timezone

HOME_REGION = "US"

WITHHELD_WORDS = {
    *("anonymous", "anonym", "unknown", "unavailable"),
    *("restricted", "private", "blocked", "withheld"),
}
# The same words spelled on a keypad, as Twilio sends them (twilio.md): ANONYMOUS, RESTRICTED,
# BLOCKED, UNKNOWN, UNAVAILABLE and PRIVATE. Only with the plus: without it, +7378742833 is
# somebody's number in Austin.
WITHHELD_SPELLINGS = {
    *("+266696687", "+7378742833", "+2562533"),
    *("+8656696", "+86282452253", "+7748283"),
}
TOLL_FREE_AREAS = {"800", "833", "844", "855", "866", "877", "888"}


def is_withheld(raw: str) -> bool:
    """Whether the caller's number was kept back; two withheld callers are never one person."""
    text = raw.strip().casefold().removeprefix("sip:").partition("@")[0]
    return not text or text in WITHHELD_WORDS or text in WITHHELD_SPELLINGS


def parse_e164(raw: str) -> str | None:
    """The E.164 form of a number that exists by its country's plan, else None.

    A number without a country code is read as a US one. Withheld callers give None.
    """
    number = _parse(raw)
    if number is None or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def possible_e164(raw: str) -> str | None:
    """The E.164 form of a number of the right length: for the practice's own phones.

    Staff know their own numbers, and an exchange may be newer than the library's data.
    """
    number = _parse(raw)
    # is_possible_number would also take seven digits that lack their area code.
    possible = phonenumbers.ValidationResult.IS_POSSIBLE
    if number is None or phonenumbers.is_possible_number_with_reason(number) != possible:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=4096)
def _parse(raw: str) -> phonenumbers.PhoneNumber | None:
    if is_withheld(raw):
        return None
    try:
        return phonenumbers.parse(raw, HOME_REGION)
    except phonenumbers.NumberParseException:
        return None


@lru_cache(maxsize=4096)
def zones(e164: str) -> frozenset[str]:
    """Every IANA zone in which this number may be living; empty when nothing is known."""
    number = _parse(e164)
    if number is None:
        return frozenset()
    return frozenset(timezone.time_zones_for_number(number)) - {timezone.UNKNOWN_TIMEZONE}


@lru_cache(maxsize=4096)
def is_toll_free(e164: str) -> bool:
    """Whether this is a toll-free number, which is never texted."""
    number = _parse(e164)
    if number is None:
        return False
    if phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.TOLL_FREE:
        return True
    # Toll-free ranges that are not yet in the library's data have no type there.
    return number.country_code == 1 and area_code(e164) in TOLL_FREE_AREAS


def area_code(e164: str) -> str:
    """The three digits after +1; empty for numbers outside the North American plan."""
    return e164[2:5] if e164.startswith("+1") and len(e164) == 12 else ""


@lru_cache(maxsize=4096)
def pretty(e164: str) -> str:
    """As people write it: `425-437-9974` for a US number, international otherwise."""
    number = _parse(e164)
    if number is None:
        return e164
    # A number that is possible but not valid has no region: +1 is then read as the US.
    if number.country_code == 1 and phonenumbers.region_code_for_number(number) in {"US", None}:
        digits = phonenumbers.national_significant_number(number)
        return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def mask(e164: str) -> str:
    """For logs: enough to tell two lines apart (`•••9974`), too little to call anyone."""
    digits = "".join(character for character in e164 if character.isdigit())
    kept = 4 if len(digits) >= 10 else 2 if len(digits) >= 6 else 0
    return "•••" + digits[len(digits) - kept :]
