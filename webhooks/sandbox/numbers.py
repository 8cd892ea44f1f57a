"""Phone numbers: which are ours, where they seem to be, and how they are written."""

import hashlib
import re

import phonenumbers

from webhooks.sandbox.state import Document, State

TRIAL_NUMBER = "+14254379974"
E164 = re.compile(r"\+[1-9]\d{6,14}")
# Callers without a number arrive as words or as keypad spellings of them.
WITHHELD = {
    "anonymous", "unknown", "restricted", "unavailable", "private", "blocked", "withheld",
    "+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253", "+7748283",
}  # fmt: skip
# Enough places for the page and for tests of geography; every other number has a country alone.
PLACES = {
    "206": ("SEATTLE", "WA", "98101"),
    "253": ("TACOMA", "WA", "98402"),
    "360": ("BELLINGHAM", "WA", "98225"),
    "425": ("BELLEVUE", "WA", "98004"),
    "509": ("SPOKANE", "WA", "99201"),
    "212": ("NEW YORK", "NY", "10001"),
    "917": ("NEW YORK", "NY", "10001"),
    "310": ("LOS ANGELES", "CA", "90045"),
    "503": ("PORTLAND", "OR", "97204"),
}
# What may be set at a number, with the path at PUBLIC_URL that every number begins with.
CONFIGURATION = {
    "voice_url": "/webhooks/twilio/voice",
    "voice_fallback_url": "",
    "status_callback": "/webhooks/twilio/voice/status",
    "sms_url": "/webhooks/twilio/sms",
    "sms_fallback_url": "",
    # Stronger than the addresses at Twilio; kept here and not played.
    "voice_application_sid": "",
    "sms_application_sid": "",
    "trunk_sid": "",
    "friendly_name": "",
}


def normal(text: str) -> str | None:
    """E.164, from what people write; ten digits are taken as US American. None if it is neither."""
    digits = re.sub(r"[\s().-]", "", text)
    if re.fullmatch(r"[2-9]\d{9}", digits):
        digits = "+1" + digits
    elif re.fullmatch(r"1[2-9]\d{9}", digits):
        digits = "+" + digits
    return digits if E164.fullmatch(digits) else None


def is_textable(number: str) -> bool:
    """Whether Twilio would take it as `To`: E.164, of possible length, and no withheld caller."""
    if number in WITHHELD or not E164.fullmatch(number):
        return False
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def geography(prefix: str, number: str) -> dict[str, str]:
    """`FromCity` and its siblings; withheld and unknown places are empty, never absent."""
    city, state, code, country = "", "", "", ""
    if number not in WITHHELD and E164.fullmatch(number):
        try:
            country = phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
        except phonenumbers.NumberParseException:
            country = ""
        if country == "US":
            city, state, code = PLACES.get(number[2:5], ("", "", ""))
    return {
        f"{prefix}City": city,
        f"{prefix}State": state,
        f"{prefix}Zip": code,
        f"{prefix}Country": country,
    }


def formatted(number: str) -> str:
    if number.startswith("+1") and len(number) == 12:
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number


class OwnedNumbers:
    """The account's numbers. Every number that is rung or texted becomes one of them."""

    def __init__(self, state: State, public_url: str) -> None:
        self._state = state
        self._public_url = public_url
        self.own(TRIAL_NUMBER)

    def own(self, number: str) -> Document:
        return self._state.get("numbers", number_sid(number)) or self._add(number)

    def _add(self, number: str) -> Document:
        sid = number_sid(number)
        kept: Document = {"sid": sid, "number": number, "changed": {}}
        self._state.put("numbers", sid, kept)
        return kept

    def owns(self, number: str) -> bool:
        return self._state.get("numbers", number_sid(number)) is not None

    def all(self) -> list[Document]:
        return self._state.all("numbers")

    def by_sid(self, sid: str) -> Document | None:
        return self._state.get("numbers", sid)

    def configure(self, sid: str, changes: dict[str, str]) -> Document | None:
        kept = self._state.get("numbers", sid)
        if kept is not None:
            kept["changed"] |= changes
            self._state.put("numbers", sid, kept)
        return kept

    def setting(self, number: Document, name: str) -> str:
        """What is configured at that number; unchanged, it follows PUBLIC_URL."""
        if name in number["changed"]:
            return str(number["changed"][name])
        path = CONFIGURATION[name]
        return self._public_url + path if path else ""


def number_sid(number: str) -> str:
    """The same number has the same SID in every sandbox, so that a reset does not change it."""
    return "PN" + hashlib.sha256(number.encode()).hexdigest()[:32]
