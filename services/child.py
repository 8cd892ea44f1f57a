"""One process under supervision: started, listened to, started again, stopped."""

import asyncio
import contextlib
import time
from asyncio.subprocess import PIPE, Process
from signal import Signals

from services.guard import Guard
from services.logfile import LogFile
from services.program import Program, send
from services.terminal import Terminal

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds between an end and the next start
STABLE = 60.0  # who has run this long starts afresh with the short wait


class Child:
    def __init__(self, program: Program, guard: Guard, log: LogFile, terminal: Terminal) -> None:
        self.program = program
        self.process: Process | None = None
        self.starts = 0
        self.quiet = False  # its warnings are for the log alone
        self._guard, self._log, self._terminal = guard, log, terminal
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    def begin(self) -> None:
        self._task = asyncio.create_task(self._keep(), name=self.name)

    async def stop(self) -> None:
        """Returns when the process is gone and its last words are in the log."""
        self._stopping.set()
        if self._task:
            await self._task
        self._log.close()

    async def _keep(self) -> None:
        wait = FIRST_WAIT
        while not self._stopping.is_set():
            begun = time.monotonic()
            ending = await self._run()
            if self._stopping.is_set():
                return
            if time.monotonic() - begun > STABLE:
                wait = FIRST_WAIT
            self._terminal.step(
                self.name, f"{ending}; starting again in {wait:g} s. Its log: {self._log.path}"
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)
            wait = min(wait * 2, LONGEST_WAIT)

    async def _run(self) -> str:
        """From start to end; says how it ended."""
        self.starts += 1
        try:
            process = await asyncio.create_subprocess_exec(
                *self.program.argv, stdout=PIPE, **self.program.popen
            )
        except OSError as error:
            return f"cannot be started ({error})"
        self._guard.watch(process.pid, self.program.stage, self.program.stop)
        self.process = process
        listening = asyncio.create_task(self._listen(process))
        ended = asyncio.create_task(process.wait())
        told = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            await self._end(process.pid, ended)
        told.cancel()
        self._guard.forget(process.pid)
        # A grandchild may hold the pipe open; the process itself is gone.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(listening, 1)
        code = ended.result() if ended.done() else 0
        return f"was ended by {Signals(-code).name}" if code < 0 else f"ended with code {code}"

    async def _end(self, pid: int, ended: asyncio.Task[int]) -> None:
        for number, seconds in self.program.stop:
            send(pid, number)
            done, _ = await asyncio.wait({ended}, timeout=seconds)
            if done:
                return

    async def _listen(self, process: Process) -> None:
        assert process.stdout is not None  # noqa: S101 (PIPE was asked for)
        rest = b""
        while chunk := await process.stdout.read(65536):
            self._log.write(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            rest = rest[-65536:]
            if not (self.quiet or self._stopping.is_set()):
                for line in lines:
                    self._terminal.overhear(self.name, line, str(self._log.path))
