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
    went = []
    for good, words in tried():
        typer.echo(words)
        went.append(good)
    raise typer.Exit(0 if went and all(went) else 1)


def tried() -> list[tuple[bool, str]]:
    """A test message every way there is: whether it was taken, and that in a sentence."""
    if not notify.ways():
        return [(False, NOBODY)]
    try:
        with lifeline.connection() as opened:
            admins = alert.recipients(opened)
    except psycopg.Error:
        return [(False, NO_DATABASE)]
    return [*(_told(way, admins) for way in notify.ways()), _pinged()]


def _told(way: str, admins: list[str]) -> tuple[bool, str]:
    notice = Notice("test", "test", "This is a test: nothing is wrong.", datetime.now(UTC))
    try:
        notify.tell(way, notice, admins)
    except NotTold as error:
        return False, f"{way.capitalize()}: not taken. {error}"
    whom = f" for {len(admins)} admin{'s' * (len(admins) != 1)}" if way == "mail" else ""
    return True, f"{way.capitalize()}: taken{whom}."


def _pinged() -> tuple[bool, str]:
    address = settings().dead_mans_url.get_secret_value()
    if not address:
        return True, "Dead man's switch: DEAD_MANS_URL is not set."
    try:
        notify.post(address, None, "DEAD_MANS_URL")
    except NotTold as error:
        return False, f"Dead man's switch: not reached. {error}"
    return True, "Dead man's switch: reached."
