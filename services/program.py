"""A program that runs beside us, and how it is asked to stop."""

import ctypes
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGQUIT, SIGTERM, Signals
from typing import IO, Any

from services.account import Account

PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded before any fork

# What is sent, and how many seconds each may take before the next one is sent.
StopPlan = Sequence[tuple[Signals, float]]
STOP_APPLICATION: StopPlan = ((SIGTERM, 8), (SIGKILL, 2))
STOP_REDIS: StopPlan = ((SIGTERM, 10), (SIGKILL, 2))
# SIGINT is PostgreSQL's "fast" stop: sessions are ended, the checkpoint is written. SIGQUIT
# skips the checkpoint and still loses nothing.
STOP_POSTGRES: StopPlan = ((SIGINT, 30), (SIGQUIT, 10), (SIGKILL, 2))

# Stop order: applications, then Redis, then PostgreSQL.
APPLICATION, REDIS, POSTGRES = 0, 1, 2


@dataclass(frozen=True)
class Program:
    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    account: Account | None = None  # None: whoever runs us
    stage: int = APPLICATION  # lower stages are stopped first
    stop: StopPlan = field(default=STOP_APPLICATION)

    @property
    def popen(self) -> dict[str, Any]:
        """The keywords of `subprocess.Popen` and of asyncio's twin.

        A process group of its own keeps Ctrl-C for us alone: the order of stopping stays ours.
        """
        return {
            "env": dict(self.env),
            "cwd": self.cwd,
            "stdin": subprocess.DEVNULL,
            "stderr": subprocess.STDOUT,
            "process_group": 0,
            "preexec_fn": die_with_parent if self.stage == APPLICATION else None,
            **(self.account.popen if self.account else {}),
        }

    def start(self, output: IO[bytes]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(list(self.argv), stdout=output, **self.popen)  # noqa: S603 (no shell; our words or the Procfile's)


def die_with_parent() -> None:
    """In the child, on Linux: SIGTERM when the parent dies, even one that had no time to tell
    the guard. Not for the database servers, who must outlive the applications."""
    if _libc:
        _libc.prctl(PR_SET_PDEATHSIG, SIGTERM)


def stop(process: "subprocess.Popen[bytes]", plan: StopPlan) -> None:
    """Ask, wait, insist. Returns when the process is gone."""
    for number, seconds in plan:
        if process.poll() is not None:
            return
        send(process.pid, number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue


def send(pid: int, number: Signals) -> None:
    """SIGKILL goes to the whole process group: nobody is left to tell its children."""
    try:
        if number == SIGKILL:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
    except ProcessLookupError:
        return
