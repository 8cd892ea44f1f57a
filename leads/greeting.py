"""What callers hear in the practice's own words, around the sentences that are always said.

Own words stand before ours, never in place of what callers must be told: what to do in an
emergency, that texts follow and how to decline them, that a message is recorded.
"""

import re

from sqlalchemy.orm import Session

from leads.practice import Practice
from leads.tracking_number import TrackingNumber
from leads.wording import Finding

LONGEST = 300  # characters; read aloud, about 20 seconds
SPOKEN_PER_SECOND = 12  # characters, at the least
OUR_KEYS = r"\bpress(?:ing)?\b|\bdial(?:ing)? \w+ (?:for|to)\b|\boprim\w*|\bmarque\b"
OUR_TEXTS = r"\btext(?:s|ed|ing)?\b(?! ?-?to-speech)|\bsms\b"
OUR_PROMISES = r"\bcall(?:ing)? you back\b|\breturn your call\b|\bget back to you\b"


def fill(own: str, clinic: str) -> str:
    """The practice's own words with its name in them; empty where there are none."""
    return own.replace("{clinic}", clinic or "us").strip()


def before_ringing(practice: Practice, number: TrackingNumber | None) -> str:
    """What a caller of this number hears before the phones ring; mostly nothing."""
    own = (number.greeting if number is not None else "") or practice.greeting_open
    return fill(own, practice.name)


def seconds(words: str) -> int:
    """How long it takes to say this, at the most."""
    return -(-len(words) // SPOKEN_PER_SECOND)


def longest_spoken(session: Session, practice: Practice) -> int:
    """Seconds that pass before phones ring, whichever number was called."""
    own = TrackingNumber.greetings(session).values()
    return max(seconds(fill(each, practice.name)) for each in (practice.greeting_open, *own))


def one_paragraph(raw: str) -> str:
    """As it is kept: one paragraph without needless blanks."""
    return " ".join(raw.replace("\x00", "").split())


def lint(words: str, clinic: str, *, names_clinic: bool) -> list[Finding]:
    """What is wrong with a spoken text, errors first. Empty words, which are ours, are fine.
    `names_clinic`: it is the first that these callers hear, so it says whom they have reached."""
    if not words:
        return []
    errors = []
    if len(words) > LONGEST:
        errors.append(f"It has {len(words)} characters; {LONGEST} is the most.")
    spoken = fill(words, clinic)
    if names_clinic and clinic and clinic.casefold() not in spoken.casefold():
        errors.append("The clinic's name is missing: write {clinic}.")
    if found := re.search(r"[<>{}\[\]]|https?:|www\.", spoken):
        errors.append(f"{found[0]!r} cannot be read aloud; only {{clinic}} is filled in.")
    if re.search(OUR_KEYS, spoken, re.IGNORECASE):
        errors.append("Leave out keys to press: Ringback says which keys there are, and when.")
    if re.search(OUR_TEXTS, spoken, re.IGNORECASE):
        errors.append("Leave out texts: Ringback says itself whether one will go, and when.")
    warnings = []
    if re.search(OUR_PROMISES, spoken, re.IGNORECASE):
        warnings.append("Ringback says by when you call back; a second promise may differ.")
    return [Finding("error", each) for each in errors] + [
        Finding("warning", each) for each in warnings
    ]
