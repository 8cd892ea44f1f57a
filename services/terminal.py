"""What a person sees while Ringback runs: the steps and the warnings. The rest is in the logs."""

import contextlib
import re
import time
from collections import defaultdict

from rich.console import Console
from rich.text import Text

LOUD = re.compile(rb"\b(warn|warning|error|critical|fatal|panic|traceback)\b", re.IGNORECASE)
COLOURS = ("cyan", "magenta", "blue", "yellow", "green", "bright_cyan", "bright_magenta")
# A process that fails in a loop must not push the addresses off the screen.
MANY, SECONDS = 5, 60.0


class Terminal:
    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._colours: dict[str, str] = {}
        self._shown: dict[str, list[float]] = defaultdict(list)

    def say(self, text: str, style: str = "") -> None:
        # A terminal that was closed must not stop the processes from being stopped.
        with contextlib.suppress(OSError, ValueError):
            self._console.print(Text(text, style=style))

    def step(self, name: str, text: str) -> None:
        line = Text(f"  {name:<11}", style=self._colour(name))
        line.append(text, style="default")
        with contextlib.suppress(OSError, ValueError):
            self._console.print(line)

    def error(self, text: str) -> None:
        self.say(text, "bold red")

    def overhear(self, name: str, line: bytes, log: str) -> None:
        """Show a line of a process's output if it is a warning, and not too many of them."""
        if not LOUD.search(line):
            return
        now = time.monotonic()
        recent = [at for at in self._shown[name] if now - at < SECONDS]
        self._shown[name] = [*recent, now]
        if len(recent) < MANY:
            self.step(name, line.decode(errors="replace").strip()[:300])
        elif len(recent) == MANY:
            self.step(name, f"… and more of that kind: {log}")

    def _colour(self, name: str) -> str:
        return self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
