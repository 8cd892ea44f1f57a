"""Reads the Procfile: one `name: command` a line, `${NAME}` and `${NAME:-default}` filled in.

No shell is involved, so the process that we start is the one that we stop.
"""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from services.errors import ServiceError

VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


def read(path: Path) -> dict[str, str]:
    """Command lines by name, in the file's order. Raises ServiceError for an unreadable line."""
    try:
        text = path.read_text()
    except OSError as error:
        raise ServiceError(
            f"{path} cannot be read ({error.strerror}), and it says which processes to start; "
            "nothing was started. Restore the file from the repository."
        ) from error
    commands = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, colon, command = line.partition(":")
        if not colon or not re.fullmatch(r"[\w-]+", name.strip()) or not command.strip():
            raise ServiceError(
                f"Line {number} of {path} is not `name: command`; nothing was started. Correct it."
            )
        commands[name.strip()] = command.strip()
    return commands


def argv(command: str, values: Mapping[str, str]) -> list[str]:
    """The words of `command`, each with its variables filled in (a value stays one word)."""

    def fill(found: re.Match[str]) -> str:
        value = values.get(found[1]) or found[2]
        if value is None:
            raise ServiceError(
                f"The Procfile asks for {found[1]}, which is not set; nothing was started."
            )
        return value

    return [VARIABLE.sub(fill, word) for word in shlex.split(command)]
