"""Carrier error codes in our words, as data. Source: Twilio's error dictionary."""

from dataclasses import dataclass
from typing import Literal

# number: this phone never gets texts. opt_out: they said no. account: ours to mend, nothing
# else will go either. auth: stop. later / slower: try again. content: never this text again.
Kind = Literal["number", "opt_out", "account", "auth", "later", "slower", "content", "other"]


@dataclass(frozen=True)
class DeliveryError:
    kind: Kind
    words: str


def _each(kind: Kind, words: str, *codes: int) -> dict[int, DeliveryError]:
    return dict.fromkeys(codes, DeliveryError(kind, words))


DELIVERY_ERRORS: dict[int, DeliveryError] = {
    **_each("number", "the number is not a valid one.", 21211),
    **_each("number", "the number cannot receive texts.", 21614, 21635, 30004),
    **_each("number", "the number does not exist any more.", 30005),
    **_each("number", "the number is a landline or its carrier takes no texts.", 30006),
    **_each("opt_out", "they have opted out of texts from this number.", 21610),
    **_each("account", "the account may not text that country.", 21408),
    **_each("account", "the number we send from is not set up for texting.", 21606, 21612),
    **_each("account", "a trial account may text verified numbers only.", 21608),
    **_each("account", "our sender registration is missing or not approved.", 30032, 30034),
    **_each("auth", "the telephone service refused our credentials.", 20003),
    **_each("auth", "the account is suspended.", 30002),
    **_each("later", "the carrier's queue is full.", 21611, 30001),
    **_each("later", "the telephone service asked us to slow down.", 20429),
    **_each("content", "the text is too long.", 21617),
    **_each("content", "the carrier filtered the text.", 30007),
    **_each("later", "the phone could not be reached.", 30003),
    **_each("later", "the carrier gave no reason.", 30008),
    **_each("slower", "the carrier's limit for our sender is reached.", 30022, 30027, 63038, 30454),
    **_each("other", "it waited too long at the carrier and was dropped.", 30036),
}


def in_words(code: int | None) -> str:
    if code is None:
        return "no reason was given."
    known = DELIVERY_ERRORS.get(code)
    return known.words if known else f"the carrier's error {code}."
