"""Commands that speak to Twilio."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from leads.commands import CommandRefused
from leads.db import transaction
from leads.practice import Practice
from leads.reconciliation import Reconciliation
from workers.reconcile import reconcile

# What is counted, in the order in which it is shown, and in words.
FOUND = {
    "calls": "calls listed by Twilio",
    "calls_added": "  never reached us, added",
    "calls_settled": "  of which something was missing, added",
    "answered": "    answered",
    "missed": "    missed",
    "abandoned": "    abandoned",
    "voicemail": "    voicemail",
    "to_review": "    perhaps answered: please check",
    "ringing": "    not over yet",
    "recordings": "recordings listed by Twilio",
    "voicemails_added": "  voicemails added",
    "texts": "texts listed by Twilio",
    "texts_added": "  to us, never reached us, added",
    "reports_added": "  from us, with news of their delivery",
    "unknowns_settled": "  from us, whose outcome was unknown",
    "texts_not_ours": "  not written by Ringback, left alone",
    "refusals_learnt": "    but their phones opted out or take no texts",
    "failed": "could not be added, tried again next time",
    "set_aside": "could not be added three times, set aside: please look at Twilio",
    "unreadable": "listed in a way that cannot be read, left out",
}
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def reconcile_now(since: str | None) -> None:
    """Compare, show how far it is, then what was found. Raises CommandRefused, Busy, and
    typer.Exit when it was not finished."""
    begin = None if since is None else _moment(since)
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task, counts = progress.add_task("Asking Twilio"), dict[str, int]()

        def tell(kind: str, rows: int) -> None:
            counts[kind] = rows
            so_far = ", ".join(f"{count:,} {name}" for name, count in counts.items())
            progress.update(task, description=f"Looked at {so_far}")

        row = reconcile(begin, tell=tell)
    Console().print(_table(row))
    if row.error:
        typer.echo(row.error, err=True)
        raise typer.Exit(1)


def _moment(since: str) -> datetime:
    """`6h` ago, or a time such as 2026-11-22T08:00 on the clinic's clock."""
    if ago := re.fullmatch(r"(\d{1,4})\s*([mhd])", since.strip()):
        return datetime.now(UTC) - int(ago[1]) * UNITS[ago[2]]
    try:
        at = datetime.fromisoformat(since)
    except ValueError:
        raise CommandRefused(
            f"“{since}” is no time. Write 6h, 2d or 2026-11-22T08:00; nothing was changed."
        ) from None
    if at.tzinfo is None:
        with transaction() as session:
            at = at.replace(tzinfo=ZoneInfo(Practice.get(session).zone))
    return at


def _table(row: Reconciliation) -> Table:
    span = f"{row.since:%Y-%m-%d %H:%M} to {row.until:%Y-%m-%d %H:%M} UTC"
    table = Table("", "", title=f"Twilio's lists, {span}", show_header=False)
    table.columns[1].justify = "right"
    for kind, words in FOUND.items():
        count = row.found.get(kind, 0)
        if count or kind in {"calls", "recordings", "texts"}:
            table.add_row(words, f"{count:,}")
    return table
