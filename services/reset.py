"""`make reset`: deletes this installation's data, after a person has typed the word."""

import shutil
from pathlib import Path

from leads.settings import home
from services import lock, place
from services.errors import ServiceError
from services.terminal import Terminal

WORD = "delete"


def main() -> None:
    """Raises SystemExit: 0 when the data is gone or there was none, 1 when it was kept."""
    terminal = Terminal()
    folder = home().absolute()
    if not folder.exists():
        terminal.say(f"There is no data in {folder}.")
        raise SystemExit(0)
    try:
        folders = _deletable(folder)
    except ServiceError as error:
        terminal.error(str(error))
        raise SystemExit(1) from None
    terminal.say("This deletes every call, lead, text and setting in")
    for path in folders:
        terminal.say(f"  {path}")
    if not _confirmed():
        terminal.say("Nothing was deleted.")
        raise SystemExit(1)
    for path in folders:
        shutil.rmtree(path, ignore_errors=not path.exists())  # one may lie in another
    terminal.say("Deleted. `make run` begins anew.")


def _deletable(folder: Path) -> list[Path]:
    """The data folder and, for root, the servers' part of it elsewhere.

    Raises ServiceError while Ringback runs, and for a folder that is not Ringback's.
    """
    if running := lock.holder(folder):
        if running.doing:
            raise ServiceError(
                f"{running.in_words} in {folder}; nothing was deleted. Wait for its end."
            )
        raise ServiceError(
            f"Ringback is running on {folder} (process {running.pid}); nothing was deleted. Stop "
            "it first."
        )
    if not (folder / lock.FILE).exists() or Path.cwd().is_relative_to(folder):
        raise ServiceError(
            f"{folder} is not a data folder of Ringback's alone; nothing was deleted. Set "
            "RINGBACK_HOME to the folder that you mean."
        )
    where = place.prepare(folder)
    return list(dict.fromkeys([where.sockets, where.servers, where.home]))


def _confirmed() -> bool:
    try:
        return input(f"Type {WORD} to go on: ").strip() == WORD
    except EOFError:  # no terminal: nobody was asked
        return False


if __name__ == "__main__":
    main()
