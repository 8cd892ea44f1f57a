"""`ringback replay`: what was kept while the database was away is done now."""

import sys
from typing import TYPE_CHECKING, Annotated

import structlog
import typer

from leads.settings import home
from webhooks.spool import Spool

if TYPE_CHECKING:
    from webhooks.replay import Replayed


class ReplayRefused(Exception):
    """A sentence for whoever typed the command."""


def replay(
    *,
    failed: Annotated[
        bool, typer.Option("--failed", help="also the events whose effect has failed")
    ] = False,
) -> None:
    """Do now what waits in this machine's spool. The webhooks do it by themselves, too."""
    from webhooks import replay as replays  # FastAPI and Twilio take a while, and few need them

    if not structlog.is_configured():  # the counts alone are what was asked for
        structlog.configure(logger_factory=lambda *_: structlog.WriteLogger(sys.stderr))
    spool = Spool(home() / "spool")
    before = spool.waiting()
    try:
        result = replays.spooled(spool)
    except OSError as error:
        raise ReplayRefused(
            f"The folder {spool.folder} cannot be read and written here ({error.strerror}). What "
            "waits there was left as it is; run this as the user of the webhooks, who replay it "
            "by themselves, too."
        ) from None
    typer.echo(f"Of {before.count} that waited: {_counts(result)}.")
    if failed:
        typer.echo(f"Of those that had failed: {_counts(replays.owed(due=False))}.")


def _counts(result: "Replayed") -> str:
    counts = f"{result.done} done, {result.known} known already, {result.failed} failed"
    left = f", {result.left} left where they are" if result.left else ""
    return counts + left
