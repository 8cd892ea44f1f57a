"""Which phones the static document at Twilio rings while nobody answers here."""

from collections.abc import Sequence
from dataclasses import dataclass

from leads.practice import PracticePhone


@dataclass(frozen=True)
class Ringing:
    """The phones that the document rings, and those that it cannot."""

    rung: Sequence[str]
    seconds: int
    left_out: int  # mobiles, whose mailbox would take the call


def chosen(phones: Sequence[PracticePhone]) -> Ringing:
    """Desk phones; mobiles only where there is nothing else."""
    desks = [phone for phone in phones if not phone.asks_for_key]
    rung = desks or list(phones)
    seconds = max((phone.ring_seconds for phone in rung), default=0)
    return Ringing([phone.e164 for phone in rung], seconds, len(phones) - len(rung))
