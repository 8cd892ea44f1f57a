"""Moves the practice's clock by the one command that we were told; it is not ours to know how."""

import asyncio
import re
import shlex
from contextlib import suppress

SECONDS = 30  # that the command may take
MOVES = {
    "set": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)"),
    "advance": re.compile(r"\d{1,5}[smhd]"),
    "reset": re.compile(r""),
}


class ClockRefused(Exception):
    """The clock was not moved; the text says why."""


async def move(command: str, verb: str, to: str) -> str:
    """What the command said. Raises ClockRefused."""
    if not command:
        raise ClockRefused("This sandbox was given no clock to move (SANDBOX_CLOCK_COMMAND).")
    if not MOVES[verb].fullmatch(to):
        wanted = {"set": "a time such as 2026-12-01T10:00-08:00", "advance": "a span such as 26h"}
        raise ClockRefused(f"The clock needs {wanted.get(verb, 'nothing more')}.")
    words = [*shlex.split(command), verb, *([to] if to else [])]
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as error:
        raise ClockRefused(f"The clock command cannot be run: {error}.") from error
    try:
        output, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    except TimeoutError as error:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise ClockRefused(f"The clock command did not finish in {SECONDS} s.") from error
    told = output.decode("utf-8", "replace").strip()
    if process.returncode:
        raise ClockRefused(told or f"The clock command failed with {process.returncode}.")
    return told
