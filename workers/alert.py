"""`ringback alert test`: does anybody hear of an alarm?"""

from datetime import UTC, datetime

import psycopg
import typer

from leads import alert, lifeline
from leads.settings import settings
from workers import notify
from workers.mail import NotTold
from workers.notify import Notice

NOBODY = (
    "Nobody would be told: set SMTP_URL (mail to every admin), ALERT_WEBHOOK_URL, or both. "
    "Nothing was sent."
)
NO_DATABASE = (
    "The database cannot be reached, so the admins are not known; nothing was sent. Start "
    "everything with `make run`, or set DATABASE_URL."
)


def test() -> None:
    """Send a test message every way there is, and say what happened; exit code 1 when nobody or
    not everybody took it."""
    if not notify.ways():
        typer.echo(NOBODY)
        raise typer.Exit(1)
    try:
        with lifeline.connection() as opened:
            admins = alert.recipients(opened)
    except psycopg.Error:
        typer.echo(NO_DATABASE)
        raise typer.Exit(1) from None
    took = [_told(way, admins) for way in notify.ways()]
    raise typer.Exit(0 if all([*took, _pinged()]) else 1)


def _told(way: str, admins: list[str]) -> bool:
    notice = Notice("test", "test", "This is a test: nothing is wrong.", datetime.now(UTC))
    try:
        notify.tell(way, notice, admins)
    except NotTold as error:
        typer.echo(f"{way.capitalize()}: not taken. {error}")
        return False
    whom = f" for {len(admins)} admin{'s' * (len(admins) != 1)}" if way == "mail" else ""
    typer.echo(f"{way.capitalize()}: taken{whom}.")
    return True


def _pinged() -> bool:
    address = settings().dead_mans_url.get_secret_value()
    if not address:
        typer.echo("Dead man's switch: DEAD_MANS_URL is not set.")
        return True
    try:
        notify.post(address, None, "DEAD_MANS_URL")
    except NotTold as error:
        typer.echo(f"Dead man's switch: not reached. {error}")
        return False
    typer.echo("Dead man's switch: reached.")
    return True
