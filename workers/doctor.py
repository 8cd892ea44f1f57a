"""What `ringback doctor` asks Twilio, and itself by way of the public address."""

from collections.abc import Callable, Sequence

import requests
from sqlalchemy.exc import SQLAlchemyError

from leads.phone_number import pretty
from leads.settings import SettingsError, settings
from leads.verdict import Check, Finding
from workers import fallback_document, public_address, twilio_account, twilio_senders
from workers.fallback_document import NotRead
from workers.twilio_numbers import Compared, TwilioSilent, compare

SYNC = "Run `ringback numbers sync`, which shows and sets them."


def _told(name: str, ask: Callable[[], Sequence[Finding]]) -> Check:
    """A check that asks Twilio; when Twilio says nothing, that is the finding."""

    def look() -> Sequence[Finding]:
        try:
            return ask()
        except TwilioSilent as silent:
            return [Finding(name, "failed", str(silent), "See the line on the Twilio account.")]
        except (SQLAlchemyError, SettingsError):
            said = "It cannot be told, because the database does not say which numbers are ours."
            return [Finding(name, "warning", said, "See the line on database.")]
        except requests.RequestException as error:
            told = f"Twilio cannot be reached: {type(error).__name__}."
            cure = "Check this machine's network, and TWILIO_API_BASE."
            return [Finding(name, "failed", told, cure)]

    return Check(name, look)


def _numbers() -> Sequence[Finding]:
    compared = compare()
    if not compared:
        return [Finding("number", "not applicable", "There is no tracking number.")]
    return [found for number in compared for found in _number(number)]


def _number(number: Compared) -> Sequence[Finding]:
    name = f"number {pretty(number.e164)}"
    if number.sid is None:
        if settings().mode == "trial":
            told = "The practice telephone has not met it yet; it takes up a number that is rung."
            return [Finding(name, "not applicable", told)]
        told = "Twilio's account has no such number: calls to it do not come here."
        cure = "Buy or port it at Twilio, or retire it in Settings → Numbers."
        return [Finding(name, "failed", told, cure)]
    if number.elsewhere:
        told = f"Twilio sends its calls or texts elsewhere: {number.elsewhere} is set."
        return [Finding(name, "failed", told, "Clear it on the number's page at Twilio.")]
    if number.differences:
        wrong = ", ".join(each.name for each in number.differences)
        told = f"Not as it should be at Twilio: {wrong}."
        return [Finding(name, "failed", told, SYNC)]
    return [Finding(name, "ok", "Voice, call status and text addresses are ours."),
            _fallback(f"{name}, fallback", number)]  # fmt: skip


def _fallback(name: str, number: Compared) -> Finding:
    told, overflow = settings(), number.mode == "overflow"
    document, setting = "export fallback", "TWILIO_VOICE_FALLBACK_URL"
    if overflow:
        document, setting = f"{document} --voicemail", "TWILIO_OVERFLOW_FALLBACK_URL"
    cure = (
        f"`ringback {document}` writes the document; keep it at Twilio as a TwiML Bin and put its "
        f"address into {setting}."
    )
    if number.fallback.startswith(told.public_url.rstrip("/") + "/"):
        said = "It leads to this same installation, and fails together with it."
        return Finding(name, "failed", said, cure)
    if overflow and number.fallback and number.fallback == told.twilio_voice_fallback_url:
        said = (
            "It is the one for numbers that ring the practice. Where it rings there, your carrier "
            "forwards the call to this number again, in a circle."
        )
        return Finding(name, "failed", said, cure)
    if number.fallback:
        return _document(name, number, document)
    if told.mode == "trial":
        return Finding(name, "not applicable", "A trial needs none.")
    said = "There is none: while this machine is off, callers hear an error."
    return Finding(name, "warning", said, cure)


def _document(name: str, number: Compared, export: str) -> Finding:
    """Static as it is, it knows nothing of a phone that was added or taken away since."""
    said = "Twilio rings by itself when nobody answers here."
    try:
        rung = fallback_document.rung(number.fallback)
    except NotRead:
        return Finding(name, "ok", f"{said} Whom, cannot be read from here.")
    wanted = fallback_document.wanted(number.mode)
    if rung == wanted:
        return Finding(name, "ok", said)
    rings = _in_words(rung - wanted)
    misses = _in_words(wanted - rung)
    wrong = " and ".join(
        words
        for words in (rings and f"still rings {rings}", misses and f"does not ring {misses}")
        if words
    )
    cure = f"Run `ringback {export}`, and paste what it prints into the same TwiML Bin."
    return Finding(name, "failed", f"The document at Twilio {wrong}.", cure)


def _in_words(numbers: set[str]) -> str:
    return ", ".join(pretty(number) for number in sorted(numbers))


CHECKS = [
    _told("public address", public_address.look),
    Check("dashboard address", public_address.dashboard),
    _told("Twilio account", twilio_account.look),
    _told("number", _numbers),
    _told("messaging", twilio_senders.look),
    _told("recordings", twilio_account.recordings),
]
