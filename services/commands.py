"""`ringback backup`, `backup-key` and `restore`: what a person types and reads."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from services.errors import ServiceError
from services.restore import Tasks
from services.sealed import Key

Passphrase = Annotated[
    Path | None, typer.Option(help="a file whose first line is the passphrase", dir_okay=False)
]
NOUNS = {"lead": "lead", "call": "call", "message": "text", "recording_audio": "recording"}


def add(app: typer.Typer, tasks: Tasks) -> None:
    """Add the commands to `app`."""

    @app.command("backup-key")
    def backup_key(
        file: Annotated[
            Path, typer.Argument(help="where the secret key is written; - prints it, alone")
        ],
    ) -> None:
        """Make the pair of keys for backups: write the secret one, print the public one."""
        from services import backup, sealed

        printed = str(file) == "-"
        if printed:
            secret, public = sealed.new_key()
            typer.echo(backup.key_text(secret, public), nl=False)
        else:
            public = backup.make_key(file)
        typer.echo(
            f"{public}\n\nThis is the public key: `ringback backup --recipient {public}` needs it, "
            f"and it is no secret.\n{'What was printed' if printed else file.absolute()} is the "
            "secret key, which only restoring needs. Move it off this machine, to two places that "
            "you will still have after a fire, such as a password manager and a drawer. Without it "
            "nobody can open the backups, and with it everybody can.",
            err=printed,
        )

    @app.command()
    def backup(
        place: Annotated[
            Path, typer.Argument(help="a folder, or a file whose name ends in .backup")
        ] = Path("backups"),
        recipient: Annotated[
            list[str] | None, typer.Option(help="a public key, age1…; may be given several times")
        ] = None,
        passphrase_file: Passphrase = None,
        keep: Annotated[
            int | None, typer.Option(min=1, help="remove all but the newest so many of the folder")
        ] = None,
    ) -> None:
        """Back up everything, with recordings, to one file that only its key opens."""
        from services import at_rest
        from services import backup as backups

        key = _sealing(recipient or [], passphrase_file, place)
        os.nice(10)  # calls come first
        with at_rest.database(new=False) as url:
            made = backups.make(url, place, key, keep)
            tasks.noted()
        how = "--identity FILE_OF_THE_SECRET_KEY" if recipient else "--passphrase-file FILE"
        removed = f" {made.removed} older ones were removed." if made.removed else ""
        typer.echo(
            f"{made.path}: {_size(made.size)}, {_rows(made.rows)}.{removed}\n"
            f"To restore it in an empty place: ringback restore {made.path.name} {how}"
        )

    @app.command()
    def restore(
        file: Annotated[Path, typer.Argument(help="the backup")],
        identity: Annotated[
            Path | None,
            typer.Option(help="the file with the secret key; - reads it", dir_okay=False),
        ] = None,
        passphrase_file: Passphrase = None,
        check: Annotated[
            bool, typer.Option("--check", help="only see whether it could be restored")
        ] = False,
    ) -> None:
        """Restore a backup into an empty place; nothing that has data is ever overwritten."""
        from services import at_rest, restore

        key = _opening(file, identity, passphrase_file)
        found = restore.check(file, key, tasks)
        told = f"{found.contents.made_at:%Y-%m-%d %H:%M} UTC, {_rows(found.rows)}"
        if check:
            typer.echo(f"{file} is whole, and of {told}. Nothing was changed.")
            return
        restore.refuse_stranger(found)
        with at_rest.database(new=True):
            held = restore.put_back(file, key, found, tasks)
        typer.echo(
            f"Restored: the backup of {told}.\n{held}\nAutomated texts wait until Twilio's own "
            "lists have been gone through, which happens by itself within minutes of the start. "
            "What was done at the desk or with a key on the phone since the backup is lost: enter "
            "again what you know, opt-outs first. "
            "Everybody has to sign in again; look through `ringback staff list`, too."
        )


def _sealing(recipients: list[str], passphrase_file: Path | None, place: Path) -> Key:
    """Raises ServiceError when the key would lie beside the backup, or there is none."""
    if recipients and passphrase_file:
        raise ServiceError("Give --recipient or --passphrase-file, not both; nothing was written.")
    if recipients:
        return Key(recipients=tuple(recipients))
    if passphrase_file:
        beside = place.resolve() if place.is_dir() else place.resolve().parent
        if passphrase_file.resolve().parent in (beside, place.resolve()):
            raise ServiceError(
                f"{passphrase_file} lies beside the backups, and whoever takes them would take it "
                "as well; nothing was written. Keep it elsewhere."
            )
        return Key(passphrase=_first_line(passphrase_file))
    if not sys.stdin.isatty():
        raise ServiceError(
            "A backup is always encrypted, and no key was given; nothing was written. "
            "`ringback backup-key` makes one for --recipient."
        )
    return Key(passphrase=typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True))


def _opening(file: Path, identity: Path | None, passphrase_file: Path | None) -> Key:
    from services import sealed

    if identity:
        lines = [line.strip() for line in _text(identity).splitlines()]
        return Key(secret=next((line for line in lines if line and line[0] != "#"), ""))
    if passphrase_file:
        return Key(passphrase=_first_line(passphrase_file))
    if sys.stdin.isatty() and sealed.asks_passphrase(file):
        return Key(passphrase=typer.prompt("Passphrase", hide_input=True))
    return Key()  # which key is missing is said when the file is opened


def _first_line(path: Path) -> str:
    return (_text(path).splitlines() or [""])[0].strip()


def _text(path: Path) -> str:
    if str(path) == "-":
        return sys.stdin.read()
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", "") or "it is no text"
        raise ServiceError(f"{path} cannot be read ({why}); nothing was changed.") from None


def _rows(rows: Mapping[str, int]) -> str:
    counted = ((rows.get(table, 0), noun) for table, noun in NOUNS.items())
    return ", ".join(f"{count:,} {noun}{'' if count == 1 else 's'}" for count, noun in counted)


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
