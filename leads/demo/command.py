"""`ringback demo`: a trial installation full of made-up people."""

import sys
import time
from collections.abc import Callable
from typing import Annotated

import typer
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from leads import clock
from leads.db import engine, transaction
from leads.installation import Installation
from leads.lead import Lead
from leads.opening_hours import zone_info
from leads.practice import Practice
from leads.settings import settings

MOST = 1_200_000
LEAST = 100
LARGE = 10_000  # leads, from which on the tables are tidied at once


class NotFilled(Exception):
    """Nobody was made up; the text says why and what to do."""


def demo(
    leads: Annotated[
        int | None, typer.Option(help="so many people in a year, instead of a month's")
    ] = None,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="delete the leads that are here, without asking")
    ] = False,
) -> None:
    """Fill a trial with made-up people: a month at one clinic, or a year with --leads 1000000."""
    if leads is not None and not LEAST <= leads <= MOST:
        raise NotFilled(f"--leads takes {LEAST} to {MOST:,} people. Nothing was changed.")
    begun = time.monotonic()
    with transaction() as session:
        refuse_the_real(session)
        there = session.scalar(select(func.count()).select_from(Lead)) or 0
    if there:
        _agreed(there, replace=replace)

    def say(words: str) -> None:
        typer.echo(f"  {time.monotonic() - begun:5.1f} s  {words}")

    fill(leads, say)
    typer.echo(_told())


def refuse_the_real(session: Session) -> None:
    """Raises NotFilled unless this is a trial that was started."""
    if settings().mode != "trial" and not settings().twilio_account_sid:
        raise NotFilled("Ringback does not run here yet. Start everything with `make run`.")
    if settings().mode != "trial" or Installation.current(session).live:
        raise NotFilled(
            "This installation is live: made-up people do not go among real ones. "
            "Nothing was changed."
        )


def _agreed(there: int, *, replace: bool) -> None:
    """Raises NotFilled unless the leads that are here may go."""
    people = "1 lead" if there == 1 else f"{there:,} leads"
    if replace:
        return
    if not sys.stdin.isatty():
        raise NotFilled(
            f"There are {people} here already. Nothing was changed. "
            "`ringback demo --replace` deletes them first, with their calls and texts."
        )
    typer.confirm(
        f"There are {people} here. Delete them with their calls and texts, and begin anew?",
        abort=True,
    )


def fill(leads: int | None, say: Callable[[str], None]) -> None:
    """Delete the leads that are here and make up others: all or nothing. Raises NotFilled."""
    from leads.demo import clearing, filling  # much that no other command needs
    from leads.demo.days import NoDays

    try:
        with transaction() as session:
            refuse_the_real(session)
            clearing.clear(session)
            filling.fill(session, leads, say)
    except (NoDays, ValueError) as error:
        raise NotFilled(f"{error} Nothing was changed.") from error
    if (leads or 0) >= LARGE:
        say("Tidying the tables …")
        with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM ANALYZE"))
            connection.execute(text("RESET statement_timeout"))


def _told() -> str:
    with transaction() as session:
        practice = Practice.get(session)
        local = clock.now(session).astimezone(zone_info(practice.zone))
        count = session.scalar(select(func.count()).select_from(Lead))
    return (
        f"{count:,} made-up people. Practice time is {local:%A, %B} {local.day}, {local:%H:%M}; "
        "`ringback clock reset` brings real time back.\n"
        "`ringback staff link rosa@clinic.example` signs in at the front desk, "
        "anna@clinic.example as admin."
    )
