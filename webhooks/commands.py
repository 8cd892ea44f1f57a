"""`ringback replay`: what was kept while the database was away is done now."""

from typing import TYPE_CHECKING, Annotated

import typer

from leads.settings import home
from webhooks.spool import Spool

if TYPE_CHECKING:
    from webhooks.replay import Replayed


def replay(
    *,
    failed: Annotated[
        bool, typer.Option("--failed", help="also the events whose effect has failed")
    ] = False,
) -> None:
    """Do now what waits in this machine's spool. The webhooks do it by themselves, too."""
    from webhooks import replay as replays  # FastAPI and Twilio take a while, and few need them

    spool = Spool(home() / "spool")
    before = spool.waiting()
    result = replays.spooled(spool)
    typer.echo(f"Of {before.count} that waited: {_counts(result)}.")
    if failed:
        typer.echo(f"Of those that had failed: {_counts(replays.owed(due=False))}.")


def _counts(result: "Replayed") -> str:
    counts = f"{result.done} done, {result.known} known already, {result.failed} failed"
    left = f", {result.left} left where they are" if result.left else ""
    return counts + left
