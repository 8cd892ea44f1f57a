"""Runs every process of Ringback on this machine, in order, and stops them in order."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from pathlib import Path

from leads.settings import Settings
from services import health, postgres, redis
from services.child import Child
from services.errors import ServiceError
from services.guard import Guard
from services.logfile import LogFile
from services.place import Place
from services.program import APPLICATION, POSTGRES, REDIS, Program, send
from services.terminal import Terminal

# Where a process says that it can serve: its port's setting, and the path to ask.
FACES = {
    "webhooks": ("WEBHOOKS_PORT", "/ready"),
    "dashboard": ("DASHBOARD_PORT", "/ready"),
    "sandbox": ("SANDBOX_PORT", "/health"),
}
FAILED_STARTS = 3  # who ended this often before being ready is not waited for


def port_of(name: str, settings: Settings) -> int:
    """The port of a process in FACES."""
    port: int = getattr(settings, FACES[name][0].lower())
    return port


class Supervisor:
    def __init__(
        self, place: Place, guard: Guard, terminal: Terminal, *, stops_with_parent: bool = False
    ) -> None:
        self.place = place
        self.terminal = terminal
        self._guard = guard
        self._children: list[Child] = []
        self._stop = asyncio.Event()
        self._parent, self._stops_with_parent = os.getppid(), stops_with_parent

    def listen_to_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue  # nohup: closing the terminal is to change nothing
            asyncio.get_running_loop().add_signal_handler(number, self._told_to_stop)

    def _told_to_stop(self) -> None:
        if not self._stop.is_set():
            self.terminal.say("\nStopping …")
        self._stop.set()

    async def until_stopped(self, work: asyncio.Task[None]) -> None:
        """Run `work`, then watch until somebody says stop; a stop also ends `work`.

        Raises what `work` raises.
        """
        stop = asyncio.create_task(self._stop.wait())
        while not stop.done():
            waited_for = {stop} if work.done() else {stop, work}
            await asyncio.wait(waited_for, timeout=1, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
            self._guard.ensure()
            # Whoever kills `make` means us; make cannot tell us then.
            if self._stops_with_parent and os.getppid() != self._parent:
                self._told_to_stop()
        if not work.done():
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await work

    def start(self, program: Program) -> Child:
        """Begin with it, unless it was begun with before."""
        for child in self._children:
            if child.name == program.name:
                return child
        log = LogFile(self.place.logs / f"{program.name}.log")
        child = Child(program, self._guard, log, self.terminal)
        self._children.append(child)
        child.begin()
        return child

    async def server_ready(self, program: Program) -> None:
        """Start a server and return when it serves. Raises ServiceError when it does not come up;
        it is started again and again all the same."""
        child = self.start(program)
        begun = child.starts

        def alive() -> bool:
            # After a crash of everything, PostgreSQL does not start while a process of the one
            # before still holds its memory: the next try, a moment later, does.
            return child.starts - begun <= FAILED_STARTS and not self._stop.is_set()

        child.quiet = True  # "the database system is starting up" is no news
        server = postgres if program.stage == POSTGRES else redis
        await asyncio.to_thread(server.wait_ready, self.place, alive)
        if program.stage == POSTGRES:
            await asyncio.to_thread(postgres.refuse_unsafe, self.place)
        child.quiet = False

    async def start_faces(self, programs: Sequence[Program], settings: Settings) -> dict[str, str]:
        """The addresses of those who answer; a warning for each who does not."""
        faces = [self.start(program) for program in programs if program.name in FACES]
        answers = await asyncio.gather(*(self._face_ready(child, settings) for child in faces))
        for child, ready in zip(faces, answers, strict=True):
            if not ready:
                self.terminal.error(
                    f"{child.name} does not become ready; the others run on, and it is started "
                    f"again and again. Its log says why: {self.place.logs / child.name}.log"
                )
        return {
            child.name: f"http://127.0.0.1:{port_of(child.name, settings)}"
            for child, ready in zip(faces, answers, strict=True)
            if ready
        }

    async def _face_ready(self, child: Child, settings: Settings) -> bool:
        port, path, begun = port_of(child.name, settings), FACES[child.name][1], child.starts
        return await health.wait_for(port, path, lambda: child.starts - begun > FAILED_STARTS)

    async def run_once(self, program: Program, *, capture: bool = True) -> str:
        """Run a command to its end; its standard output, or "" when that goes to the terminal.

        Raises ServiceError when it fails. It is stopped when we are.
        """
        path = self.place.logs / f"{program.name}.log"
        with path.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *program.argv,
                stdout=asyncio.subprocess.PIPE if capture else None,
                **{**program.popen, "stderr": log},
            )
        self._guard.watch(process.pid, program.stage, program.stop)
        try:
            output, _ = await process.communicate()
        except asyncio.CancelledError:
            send(process.pid, signal.SIGKILL)
            await process.wait()
            raise
        finally:
            self._guard.forget(process.pid)
        if process.returncode:
            raise ServiceError(
                f"`{' '.join([Path(program.argv[0]).name, *program.argv[1:]])}` failed: "
                f"{_last_line(path)}. The data is kept; the whole text is in {path}."
            )
        return output.decode() if output else ""

    async def stop(self) -> None:
        """Applications first, PostgreSQL last."""
        self._stop.set()  # also for whoever waits in a thread for a server
        for stage in (APPLICATION, REDIS, POSTGRES):
            members = [child for child in self._children if child.program.stage == stage]
            await asyncio.gather(*(child.stop() for child in members))


def _last_line(path: Path) -> str:
    lines = [line.strip() for line in path.read_text(errors="replace").splitlines()]
    return next((line.rstrip(".") for line in reversed(lines) if line), "it said nothing")
