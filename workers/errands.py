"""What staff asked for on a page, done: a test alarm, or their numbers at Twilio."""

import structlog

from leads import errand
from leads.commands import CommandRefused
from leads.db import transaction
from leads.log import what_failed
from leads.phone_number import pretty
from leads.settings import settings
from workers import alert, public_address
from workers.twilio_numbers import Compared, TwilioSilent, compare, set_addresses

log = structlog.get_logger()
BROKEN = "This failed in a way that is not foreseen. Nothing more was done; look at the log."


def do_next() -> None:
    """One errand, if there is one. What it raises is told to whoever asked."""
    with transaction() as session:
        taken = errand.take(session)
    if taken is None:
        return
    try:
        said = DO[taken.kind]()
    except (TwilioSilent, CommandRefused) as refusal:
        said = [["bad", str(refusal)]]
    except Exception as error:
        log.warning("errand_failed", kind=taken.kind, **what_failed(error))
        said = [["bad", BROKEN]]
    with transaction() as session:
        errand.end(session, taken.id, said)
    log.info("errand_done", errand_id=taken.id, kind=taken.kind)


def try_alarm() -> list[list[str]]:
    return [["good" if went else "bad", words] for went, words in alert.tried()]


def check_numbers() -> list[list[str]]:
    """How the numbers stand at Twilio. Raises TwilioSilent."""
    return [_state(number) for number in compare()] or [["", "There is no number here yet."]]


def set_numbers() -> list[list[str]]:
    """Give every number of ours its addresses. Raises TwilioSilent, CommandRefused."""
    told = settings()
    if told.mode == "live" and (wrong := public_address.cannot_be(told.public_url)):
        raise CommandRefused(f"{' '.join(wrong)} No number was changed.")
    for number in compare():
        if number.differences and not number.elsewhere:
            set_addresses(number)
    return check_numbers()


def _state(number: Compared) -> list[str]:
    shown = pretty(number.e164)
    if number.sid is None:
        if settings().mode == "trial":
            return ["", f"{shown}: the practice telephone takes it up when it is first rung."]
        return ["bad", f"{shown} is not in this Twilio account: buy or port it there first."]
    if number.elsewhere:
        stronger = (
            f"{shown}: {number.elsewhere} is set at Twilio and is stronger than its addresses."
        )
        return ["bad", f"{stronger} Clear it on the number's page in the Twilio console."]
    if number.differences:
        names = ", ".join(each.name for each in number.differences)
        return ["bad", f"{shown} does not lead here yet ({names})."]
    return ["good", f"{shown} leads here."]


DO = {"alert_test": try_alarm, "numbers_check": check_numbers, "numbers_set": set_numbers}
