"""Free ports, and a `ringback up` of a test's own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from services.account import Account

ROOT = Path(__file__).parents[2]
FACE = Path(__file__).parent / "face.py"  # a small program that answers and notes its end
UP = "import sys, ringback; sys.argv = ['ringback', 'up']; ringback.main()"
PROCFILE = """
webhooks: python {face} ${{WEBHOOKS_PORT}}
dashboard: python {face} ${{DASHBOARD_PORT}}
worker: sleep 1000
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


def processes(word: str) -> list[int]:
    """Numbers of the living processes whose command line or folder holds `word`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            where = str((entry / "cwd").readlink())
        except OSError:
            continue
        if state not in "ZX" and word in words + where and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


@dataclass
class Up:
    """One `ringback up` in `folder`; its terminal is the file `output`."""

    folder: Path
    procfile: str = PROCFILE
    settings: dict[str, str] = field(default_factory=dict)
    account: Account | None = None
    python: str = sys.executable

    def __post_init__(self) -> None:
        (self.folder / "Procfile").write_text(self.procfile.format(face=f"'{FACE}'"))
        self.ports = {
            name: free_port() for name in ("WEBHOOKS_PORT", "DASHBOARD_PORT", "SANDBOX_PORT")
        }

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "RINGBACK_PROCFILE": str(self.folder / "Procfile"),
            **{name: str(port) for name, port in self.ports.items()},
            **self.settings,
        }

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    def once(self) -> "subprocess.CompletedProcess[str]":
        """For a start that ends by itself."""
        return subprocess.run(  # noqa: S603 (our own words)
            [self.python, "-c", UP],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
            **(self.account.popen if self.account else {}),
        )

    @contextmanager
    def running(self) -> "Iterator[subprocess.Popen[bytes]]":
        """Ready; stopped by Ctrl-C at the end unless it has ended before."""
        with self.begun() as process:
            self.until_ready(process)
            yield process

    def until_ready(self, process: "subprocess.Popen[bytes]") -> None:
        wait_until(lambda: "Ready in" in self.output or process.poll() is not None, 60)
        assert process.poll() is None, self.output

    @contextmanager
    def begun(self) -> "Iterator[subprocess.Popen[bytes]]":
        """As `running`, whether or not everything can start."""
        with (self.folder / "output").open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 (our own words)
                [self.python, "-c", UP],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                **(self.account.popen if self.account else {}),
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.wait(40)
