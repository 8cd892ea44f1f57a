"""`ringback up`: everything on this machine, from nothing to three addresses."""

import asyncio
import os
import shlex
import sys
import time
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

import leads.settings
from leads.settings import UP_ENV, Settings, SettingsError, home
from services import lock, place, ports, procfile, up_env
from services.errors import ServiceError
from services.guard import Guard
from services.lock import Lock, Running
from services.place import Place
from services.program import Program
from services.start import Start, Tasks
from services.supervisor import FACES, Supervisor, port_of
from services.terminal import Terminal

BEGUN = time.time()
FIRST_CALL_PLAYED = "first-call-played"
SANDBOX = "sandbox"
_COMMAND = Path(sys.executable).parent / "ringback"
_RINGBACK = [str(_COMMAND)] if _COMMAND.exists() else [sys.executable, "-m", "ringback"]


def main(tasks: Tasks, *, sandbox: bool = True) -> None:
    """Run until Ctrl-C. Raises SystemExit: 0 when stopped or already running, 1 with one
    sentence on the terminal when something is in the way."""
    terminal = Terminal()
    try:
        _up(tasks, terminal, sandbox=sandbox)
    except (ServiceError, SettingsError) as error:
        terminal.error(str(error))
        raise SystemExit(1) from None
    except ValidationError as error:
        for problem in error.errors():
            setting = str(problem["loc"][0]).upper()
            terminal.error(f"{setting}: {problem['msg']}. Nothing was started; correct it.")
        raise SystemExit(1) from None
    except OSError as error:
        terminal.error(
            f"{error}. The data is kept and nothing runs on; correct it and start again."
        )
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _up(tasks: Tasks, terminal: Terminal, *, sandbox: bool) -> None:
    told = up_env.configured()
    where = place.prepare(home())
    os.environ["RINGBACK_HOME"] = str(where.home)  # absolute, for every process
    taken = lock.take(where.home, terminal.say)
    if isinstance(taken, Running):
        terminal.say(_already(taken))
        return
    try:
        asyncio.run(_run(tasks, told, where, taken, terminal, sandbox=sandbox))
    finally:
        taken.release()


def _already(running: Running) -> str:
    addresses = ", ".join(f"{name} {url}" for name, url in running.addresses.items())
    return (
        f"Ringback is already running since {running.since} (process {running.pid}): "
        f"{addresses or 'it is just starting'}. To stop it: Ctrl-C there, or kill {running.pid}."
    )


async def _run(
    tasks: Tasks,
    told: Settings,
    where: Place,
    taken: Lock,
    terminal: Terminal,
    *,
    sandbox: bool,
) -> None:
    try:
        up_env.write(up_env.values(told, where), where)
    except OSError as error:
        if not (where.home / UP_ENV).exists():
            raise
        terminal.error(
            f"{UP_ENV} cannot be written ({error.strerror}). What stood there before holds; make "
            "room, and start again."
        )
    settings = up_env.effective(where)
    leads.settings.settings.cache_clear()  # the tasks read what was just written
    sandbox = sandbox and up_env.is_trial(told)
    applications = _applications(settings, sandbox=sandbox)
    ports.refuse_taken(
        (FACES[app.name][0], port_of(app.name, settings))
        for app in applications
        if app.name in FACES
    )
    since = f"{datetime.now().astimezone():%Y-%m-%d %H:%M}"
    taken.write(Running(os.getpid(), since, {}))
    guard = Guard(taken.fd)
    by_make = "RINGBACK_MAKE_BEGUN" in os.environ
    supervisor = Supervisor(where, guard, terminal, stops_with_parent=by_make)
    supervisor.listen_to_signals()

    addresses: dict[str, str] = {}

    def reached(found: dict[str, str], link: str) -> None:
        addresses.update(found)
        taken.write(Running(os.getpid(), since, addresses))
        for name, url in addresses.items():
            terminal.step(name, url)
        terminal.step("sign in", f"{link}  (once)")

    async def work() -> None:
        await Start(tasks, told, settings, applications, supervisor).everything(reached)
        terminal.say(f"\nReady {_took()}. Ctrl-C stops everything. Logs: {where.logs}\n")
        if not up_env.is_trial(told) and ports.is_loopback(settings.public_url):
            terminal.error(
                f"PUBLIC_URL is {settings.public_url}, which Twilio cannot reach: its requests "
                "would be refused. Set it in .env to the public address, and start again."
            )
        if SANDBOX in addresses:
            await _first_call(supervisor)

    try:
        await supervisor.until_stopped(asyncio.create_task(work()))
    finally:
        await supervisor.stop()
        guard.close()
        terminal.say("Stopped.")


def _applications(settings: Settings, *, sandbox: bool) -> list[Program]:
    path = Path(os.environ.get("RINGBACK_PROCFILE") or Path(__file__).parent.parent / "Procfile")
    public = {name.upper(): str(value) for name, value in settings if isinstance(value, int | str)}
    variables = {**public, **os.environ}
    return [
        Program(
            name,
            _on_path(procfile.argv(command, variables)),
            {**_environment(), **(_for_the_sandbox(settings) if name == SANDBOX else {})},
            Path.cwd(),
        )
        for name, command in procfile.read(path).items()
        if sandbox or name != SANDBOX
    ]


def _on_path(argv: list[str]) -> list[str]:
    """The program beside our Python first: it is the one with the right libraries."""
    beside = Path(sys.executable).parent / argv[0]
    return [str(beside) if beside.exists() else argv[0], *argv[1:]]


def _environment() -> dict[str, str]:
    """Processes read the rest from up.env, so that no secret is in their environment."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1"}


def _for_the_sandbox(settings: Settings) -> dict[str, str]:
    """The sandbox is a Twilio and imports nothing of ours: it is told what Twilio knows."""
    return {
        "TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
        "TWILIO_AUTH_TOKEN": settings.twilio_auth_token.get_secret_value(),
        "PUBLIC_URL": settings.public_url,
        "SANDBOX_PORT": str(settings.sandbox_port),
        "SANDBOX_CLOCK_COMMAND": shlex.join([*_RINGBACK, "clock"]),
    }


def _ringback(*arguments: str) -> Program:
    return Program(arguments[0], [*_RINGBACK, *arguments], _environment(), Path.cwd())


async def _first_call(supervisor: Supervisor) -> None:
    """Once for each data folder, so that the first look at the desk is not an empty one."""
    played = supervisor.place.home / FIRST_CALL_PLAYED
    if played.exists():
        return
    try:
        await supervisor.run_once(_ringback("call", "--first"), capture=False)
        played.touch()
    except (ServiceError, OSError) as error:  # a nicety: everything else runs
        supervisor.terminal.error(str(error))


def _took() -> str:
    """Since this process began, and since `make` did if it says so."""
    now = time.time()
    text = f"in {now - BEGUN:.1f} s"
    if made := os.environ.get("RINGBACK_MAKE_BEGUN"):
        text += f" ({now - float(made):.0f} s after `make`)"
    return text
