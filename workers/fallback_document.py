"""What stands at Twilio's fallback address, beside the phones that ring today."""

import re

import requests
from twilio.request_validator import RequestValidator

from leads.db import transaction
from leads.fallback import chosen
from leads.phone_number import possible_e164
from leads.practice import PracticePhone
from leads.settings import settings

SECONDS = 5.0
LONGEST = 64 * 1024  # bytes of TwiML that Twilio takes
NUMBER = re.compile(r"<Number\b[^>]*>([^<]*)</Number>")


class NotRead(Exception):
    """The document cannot be had from here; whether Twilio has it is not known by that."""


def rung(url: str) -> set[str]:
    """The phones that the document rings. Raises NotRead."""
    token = settings().twilio_auth_token.get_secret_value()
    signed = {"X-Twilio-Signature": RequestValidator(token).compute_signature(url, {})}
    try:
        with requests.get(url, headers=signed, timeout=SECONDS, stream=True) as answer:
            text = answer.raw.read(LONGEST, decode_content=True).decode(errors="replace")
            if answer.status_code != requests.codes.ok or "<Response" not in text:
                raise NotRead
    except (requests.RequestException, OSError, ValueError) as error:
        raise NotRead from error
    return {possible_e164(number) or number.strip() for number in NUMBER.findall(text)}


def wanted(mode: str) -> set[str]:
    """The phones that `ringback export fallback` would let it ring now."""
    if mode == "overflow":
        return set()
    with transaction() as session:
        return set(chosen(PracticePhone.ringing(session)).rung)
