"""The command `ringback`: the one place that puts the folders together."""

import sys
from typing import Annotated

import typer

from leads import commands, heartbeat, migrations, registration, restored, verdict
from leads.db import engine, transaction
from leads.demo import command as made_up
from leads.installation import WrongInstallation
from leads.reconciliation import Busy
from leads.settings import SettingsError
from services import commands as backups
from services.errors import ServiceError
from services.restore import Tasks as BackupTasks
from webhooks import busy_hour, fallback, play
from webhooks import commands as kept

app = typer.Typer(
    help="Call tracking and lead follow-up for one clinic.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.command()
def up(
    sandbox: Annotated[bool, typer.Option(help="the telephone to play with, in trial mode")] = True,
) -> None:
    """Start everything on this machine, and keep it running until Ctrl-C."""
    from services.start import Tasks  # they import much that no other command needs
    from services.up import main

    def first_link() -> str:
        link = commands.first_link()
        engine().dispose()  # the supervisor needs the database no more
        return link

    main(Tasks(commands.migrate, first_link, (WrongInstallation, SettingsError)), sandbox=sandbox)


@app.command()
def doctor(
    *, as_json: Annotated[bool, typer.Option("--json", help="for a program that reads it")] = False
) -> None:
    """Look at everything that must be right, and say what to do where it is not."""
    import leads.doctor  # Twilio's library alone takes a tenth of a second
    import services.doctor
    import workers.doctor

    checks = [*leads.doctor.CHECKS, *services.doctor.CHECKS, *workers.doctor.CHECKS]
    findings = verdict.examine(checks)
    typer.echo(verdict.as_json(findings) if as_json else verdict.as_text(findings))
    if not verdict.is_well(findings):
        raise typer.Exit(1)


@app.command()
def reconcile(
    since: Annotated[
        str | None, typer.Option(help="6h, 2d or 2026-11-22T08:00: further back than last time")
    ] = None,
) -> None:
    """Go through Twilio's own lists now, and add what never reached us."""
    from workers.commands import reconcile_now  # as above

    reconcile_now(since)


@commands.numbers.command("sync")
def numbers_sync(
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="set them without asking, for scripts")
    ] = False,
) -> None:
    """Show what Twilio calls for each tracking number, and set it right after a yes."""
    from workers.numbers_sync import sync  # as above

    sync(yes=yes)


alert = typer.Typer(help="Who is told when something is wrong.", no_args_is_help=True)


@alert.command("test")
def alert_test() -> None:
    """Send a test message every way there is, and say what happened."""
    from workers.alert import test  # Celery takes as long as all the rest together

    test()


@alert.callback()
def _alert() -> None:
    """Who is told when something is wrong."""


def backup_noted() -> None:
    with transaction() as session:
        heartbeat.beat(session, "backup", "backup")


backups.add(app, BackupTasks(backup_noted, migrations.knows, restored.begin))

export = typer.Typer(help="Documents for Twilio, carriers and patients.", no_args_is_help=True)
export.command("fallback")(fallback.export)
export.command("registration")(registration.export)

app.command()(commands.migrate)
app.command("sign-in-link")(commands.sign_in_link)
app.command()(play.call)
app.command("play")(busy_hour.busy_hour)
app.command()(made_up.demo)
app.command()(kept.replay)
app.add_typer(commands.staff, name="staff")
app.add_typer(commands.token, name="token")
app.add_typer(commands.numbers, name="numbers")
app.add_typer(commands.phones, name="phones")
app.add_typer(commands.practice_time, name="clock")
app.add_typer(export, name="export")
app.add_typer(alert, name="alert")

REFUSALS = (
    *commands.REFUSALS,
    Busy,
    kept.ReplayRefused,
    made_up.NotFilled,
    play.NotPlayed,
    ServiceError,
    SettingsError,
    WrongInstallation,
)


def main() -> None:
    """Run a command; what it refuses is one sentence on the terminal, and exit code 1."""
    from sqlalchemy.exc import OperationalError, ProgrammingError

    try:
        app()
    except REFUSALS as refusal:
        sys.exit(str(refusal))
    except OperationalError:
        sys.exit(
            "The database cannot be reached; nothing was changed. Start everything with "
            "`make run`, or set DATABASE_URL."
        )
    except ProgrammingError:
        sys.exit("The database's tables are not this version's. Run `ringback migrate` first.")


if __name__ == "__main__":
    main()
