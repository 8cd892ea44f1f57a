"""Carrier error codes in our words, and what each kind means for the text, as data.

Source: Twilio's error dictionary.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "number",  # this phone never gets texts
    "opt_out",  # they said no, at the carrier
    "account",  # ours to mend; nothing else of this sort will go either
    "auth",  # nothing is taken until it is mended
    "suspended",  # nothing is delivered until it is mended
    "busy",  # never processed, or not now
    "unreachable",  # the phone was off, or nobody knows
    "slower",  # a rate or a daily limit of our sender
    "filtered",  # never these words again
    "too_long",
    "expired",  # it waited too long: perhaps it is not wanted any more
    "other",
]
# never: it failed. soon: again after a pause. next_day. now: look at it again at once.
Retry = Literal["never", "soon", "next_day", "now"]


@dataclass(frozen=True)
class Behaviour:
    """What follows from a failure. `alarm`: what to tell everybody at the desk."""

    retry: Retry = "never"
    alarm: str = ""
    stops_sending: bool = False


BEHAVIOUR: dict[Kind, Behaviour] = {
    "number": Behaviour(),
    "opt_out": Behaviour(),
    "account": Behaviour(
        alarm="A text was refused: {words} It was not sent, and others like it will not be. "
        "An admin can mend this in the Twilio console."
    ),
    "auth": Behaviour(
        retry="now",
        stops_sending=True,
        alarm="No text goes out: {words} Every text is kept and waits, one that you wrote "
        "yourself for an hour at most. An admin has to look at the account and its token; one text "
        "is tried every few minutes, and sending then goes on by itself.",
    ),
    "suspended": Behaviour(
        retry="now",
        stops_sending=True,
        alarm="No text goes out: {words} Every text is kept and waits, one that you wrote "
        "yourself for an hour at most. An admin has to speak with Twilio; one text is tried every "
        "few minutes, and when one is delivered, sending goes on by itself.",
    ),
    "busy": Behaviour(retry="soon"),
    "unreachable": Behaviour(retry="soon"),
    "slower": Behaviour(
        retry="next_day",
        alarm="Texts wait for the next morning: {words} An admin can ask Twilio for a higher "
        "limit.",
    ),
    "filtered": Behaviour(
        alarm="A carrier filtered a text: these very words will not be sent again. "
        "An admin can change them under Settings, Plans."
    ),
    "too_long": Behaviour(
        alarm="A text is too long for the carrier and was not sent. "
        "An admin can shorten it under Settings, Plans."
    ),
    "expired": Behaviour(retry="now"),
    "other": Behaviour(),
}


@dataclass(frozen=True)
class DeliveryError:
    kind: Kind
    words: str

    @property
    def behaviour(self) -> Behaviour:
        return BEHAVIOUR[self.kind]

    @property
    def alarm(self) -> str:
        return self.behaviour.alarm.format(words=self.words)


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
    **_each("auth", "the telephone service refused our credentials.", 20003, 20006, 20008),
    **_each("suspended", "the account is suspended.", 20005, 30002),
    **_each("busy", "the carrier's queue is full.", 21611, 30001),
    **_each("busy", "the telephone service asked us to slow down.", 20429),
    **_each("too_long", "the text is too long.", 21617),
    **_each("filtered", "the carrier filtered the text.", 30007),
    **_each("unreachable", "the phone could not be reached.", 30003),
    **_each("unreachable", "the carrier gave no reason.", 30008),
    **_each("slower", "the carrier's limit for our sender is reached.", 30022, 30027, 63038, 30454),
    **_each("expired", "it waited too long at the carrier and was dropped.", 30036),
}
NOT_CONNECTED = DeliveryError("busy", "the telephone service could not be reached.")


def error_of(code: int | None, status: int | None = None) -> DeliveryError:
    """What a failure means, by its code, else by the HTTP status of the refusal.

    A 403 with a code that we do not know is about this one text. Without any code it does not come
    from where texts are taken: nothing else would get past it either.
    """
    if code in DELIVERY_ERRORS:
        return DELIVERY_ERRORS[code]
    by_status = {401: 20003, 429: 20429} | ({403: 20003} if code is None else {})
    if (known := by_status.get(status or 0)) is not None:
        return DELIVERY_ERRORS[known]
    words = "no reason was given." if code is None else f"the carrier's error {code}."
    return DeliveryError("other", words)


def in_words(code: int | None) -> str:
    return error_of(code).words
