"""`ringback numbers sync`: the numbers' addresses at Twilio, shown and set after a yes."""

from collections.abc import Sequence

import typer
from rich.console import Console
from rich.table import Table

from leads.commands import CommandRefused
from leads.phone_number import pretty
from leads.settings import settings
from workers import public_address
from workers.twilio_numbers import Compared, TwilioSilent, compare, set_addresses


def sync(*, yes: bool) -> None:
    """Show the differences and set them; without `yes` a person is asked first.

    Raises CommandRefused. Ends with exit code 1 where something is left for a person to do.
    """
    told = settings()
    # A live number that is led to nowhere loses every caller; the practice telephone is at home.
    if told.mode == "live" and (wrong := public_address.cannot_be(told.public_url)):
        raise CommandRefused(f"{' '.join(wrong)} No number was changed.")
    try:
        compared = compare()
    except TwilioSilent as silent:
        raise CommandRefused(f"{silent} No number was changed.") from silent
    _tell(compared)
    changes = [number for number in compared if number.differences and not number.elsewhere]
    if changes:
        Console().print(_table(changes))
        if not yes and not typer.confirm("Set these at Twilio?", default=False):
            typer.echo("Nothing was changed.")
            raise typer.Exit(1)
        _set(changes)
    elif any(number.sid and not number.elsewhere for number in compared):
        typer.echo("Nothing to do: every address is as it should be.")
    if any(number.sid is None or number.elsewhere for number in compared):
        raise typer.Exit(1)


def _tell(compared: Sequence[Compared]) -> None:
    """What a person has to see to; nothing of it is changed here."""
    if not compared:
        raise CommandRefused("There is no tracking number. `ringback numbers add` adds one.")
    for number in compared:
        if number.sid is None:
            typer.echo(_missing(number))
        elif number.elsewhere:
            typer.echo(
                f"{pretty(number.e164)} is left alone, because {number.elsewhere} is set at Twilio "
                "and is stronger than its addresses: clear it on the number's page first."
            )
        elif number.mode == "overflow" and not settings().twilio_overflow_fallback_url:
            typer.echo(
                f"{pretty(number.e164)} is forwarded to by your carrier, so that its fallback is "
                "left alone: `ringback export fallback --voicemail` writes the one that it needs, "
                "and TWILIO_OVERFLOW_FALLBACK_URL names it."
            )
    if others := compared[0].others:
        what = "other number is" if others == 1 else "other numbers are"
        typer.echo(f"{others} {what} in the account and no tracking number here: left alone.")


def _missing(number: Compared) -> str:
    if settings().mode == "trial":
        return (
            f"{pretty(number.e164)} is not known to the practice telephone yet, which takes up a "
            "number when it is rung."
        )
    return (
        f"{pretty(number.e164)} is not in this Twilio account: buy or port it, or retire it in "
        "Settings → Numbers."
    )


def _table(changes: Sequence[Compared]) -> Table:
    table = Table("number", "what", "at Twilio now", "should be")
    for number in changes:
        for place, each in enumerate(number.differences):
            shown = "" if place else pretty(number.e164)
            table.add_row(shown, each.name, each.there or "(nothing)", each.wanted)
    return table


def _set(changes: Sequence[Compared]) -> None:
    for done, number in enumerate(changes):
        try:
            set_addresses(number)
        except TwilioSilent as silent:
            raise CommandRefused(
                f"{silent} {done} of {len(changes)} numbers were set before; run it again."
            ) from silent
        typer.echo(f"{pretty(number.e164)} is set.")
