"""Stops what a dead supervisor left behind. Also a script: standard library alone.

The supervisor holds one end of a pipe and tells the guard of every process that it starts
and of every one that has ended. When the supervisor is gone, however it went, the pipe
closes: the guard stops what is still there, stage by stage, and ends. This needs no
parent-death signal, so it works on macOS too, and it keeps the order.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from signal import SIG_IGN, SIGHUP, SIGINT, SIGKILL, SIGTERM, signal
from typing import IO, cast

Plan = Iterable[tuple[int, float]]


class Guard:
    """The supervisor's end: `watch` right after a start, `forget` after an end."""

    def __init__(self, lock: int | None = None) -> None:
        """`lock` is a file descriptor that stays open until the last process is stopped."""
        self._lock = lock
        self._watched: dict[int, str] = {}
        self._begin()

    def watch(self, pid: int, stage: int, plan: Plan) -> None:
        steps = ",".join(f"{int(number)}:{seconds}" for number, seconds in plan)
        self._watched[pid] = f"watch {pid} {stage} {steps}"
        self._tell(self._watched[pid])

    def forget(self, pid: int) -> None:
        self._watched.pop(pid, None)
        self._tell(f"forget {pid}")

    def close(self) -> None:
        """Let go; the guard stops whatever was not forgotten and ends."""
        with contextlib.suppress(BrokenPipeError):
            self._pipe.close()
        self._guard.wait()

    def ensure(self) -> None:
        """Begin again when somebody has killed the guard."""
        if self._guard.poll() is not None:
            self._begin()

    def _begin(self) -> None:
        self._guard = subprocess.Popen(  # noqa: S603 (this very file)
            # -I -S: no site-packages, so that it is there in 20 ms and needs 9 MB
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            cwd="/",
            start_new_session=True,
            pass_fds=() if self._lock is None else (self._lock,),
        )
        self._pipe = cast("IO[bytes]", self._guard.stdin)
        for line in self._watched.values():
            self._tell(line)

    def _tell(self, line: str) -> None:
        try:
            self._pipe.write(line.encode() + b"\n")
            self._pipe.flush()
        except BrokenPipeError:
            self.ensure()


def main() -> None:
    for number in (SIGINT, SIGTERM, SIGHUP):
        signal(number, SIG_IGN)
    watched: dict[int, tuple[int, str, list[tuple[int, float]]]] = {}
    for line in sys.stdin:
        word, pid, *rest = line.split()
        if word == "forget":
            watched.pop(int(pid), None)
            continue
        steps = [step.split(":") for step in rest[1].split(",")]
        plan = [(int(number), float(seconds)) for number, seconds in steps]
        watched[int(pid)] = (int(rest[0]), born(int(pid)), plan)
    for stage in sorted({stage for stage, _, _ in watched.values()}):
        stop_stage([(pid, birth, plan) for pid, (s, birth, plan) in watched.items() if s == stage])


def stop_stage(members: list[tuple[int, str, list[tuple[int, float]]]]) -> None:
    """Run everyone's plan at the same time; return when all are gone or all plans are over."""
    begun = time.monotonic()
    sent: dict[int, int] = {}
    while members:
        members = [member for member in members if born(member[0]) == member[1] != ""]
        waiting = []
        for pid, birth, plan in members:
            elapsed, step = time.monotonic() - begun, 0
            while step < len(plan) and elapsed >= sum(seconds for _, seconds in plan[:step]):
                step += 1
            if step > sent.get(pid, 0):
                sent[pid] = step
                kill(pid, plan[step - 1][0])
            if elapsed < sum(seconds for _, seconds in plan):
                waiting.append((pid, birth, plan))
        members = waiting
        time.sleep(0.02)


def kill(pid: int, number: int) -> None:
    """As in program.py: SIGKILL goes to the whole process group."""
    with contextlib.suppress(ProcessLookupError):
        (os.killpg if number == SIGKILL else os.kill)(pid, number)


def born(pid: int) -> str:
    """When `pid` started, so that a reused number is not taken for it; "" when it is gone.

    A zombie counts as gone: in a container nobody may be there to collect it.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "" if Path("/proc/self/stat").exists() else _alive_elsewhere(pid)
    return "" if fields[0] in "ZX" else fields[19]


def _alive_elsewhere(pid: int) -> str:
    """macOS and the BSDs have no /proc: only whether the number is in use is known."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "alive"
    return "alive"


if __name__ == "__main__":
    main()
