"""A Ringback of its own, the naive sender and a Twilio: private servers, free loopback ports."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from leads import migrations
from leads.settings import settings
from services import postgres, procfile, redis
from services.guard import Guard
from services.place import Place, prepare
from services.program import Program
from tests.chaos import naive
from tests.chaos.process import Process
from tests.services.running import ROOT, free_port, wait_until

ACCOUNT_SID = "AC" + "c" * 32
PATIENCE = 60.0  # seconds for a process to answer, on a machine that is busy with something else
WORKERS = 2
NAIVE_DATABASE = "naive"


@dataclass(frozen=True)
class Installation:
    postgres: Process
    redis: Process
    beat: Process
    workers: list[Process]
    naive_workers: list[Process]
    redis_socket: Path
    redis_url: str
    sandbox_url: str
    naive_told: naive.Told


@contextmanager
def installation(naive_patience: int, keep_logs: Path | None = None) -> Iterator[Installation]:
    """Everything runs but beat and the workers; all of it is gone, data included, at the end.

    `naive_patience`: seconds after which the naive sender's broker hands out again what a
    worker has not acknowledged. `keep_logs`: a folder for the logs of all processes.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(home_folder(keep_logs))
        place = prepare(folder / "home")
        guard = Guard()
        stack.callback(guard.close)

        def held(program: Program) -> Process:
            process = Process(program, guard, place.logs)
            stack.callback(process.stop)
            return process

        database = Process(
            postgres.program(place),
            guard,
            place.logs,
            lambda alive: postgres.wait_ready(place, alive),
        )
        stack.callback(database.stop)
        database.start()
        broker = Process(
            redis.program(place), guard, place.logs, lambda alive: redis.wait_ready(place, alive)
        )
        stack.callback(broker.stop)
        broker.start()

        ports = {name: free_port() for name in ("WEBHOOKS_PORT", "SANDBOX_PORT")}
        told = told_to(place, ports)
        os.environ.update(told)
        settings.cache_clear()
        migrations.upgrade()
        naive_told = naive.Told(
            database_url=postgres.database_url(place, NAIVE_DATABASE),
            broker=redis.redis_url(place).replace("virtual_host=0", "virtual_host=1"),
            patience=naive_patience,
        )
        naive.make_database(postgres.database_url(place), NAIVE_DATABASE)

        commands = procfile.read(ROOT / "Procfile")
        commands["naive"] = commands["worker"].replace("-A workers", "-A tests.chaos.naive")
        environment = {**environment_of_ours(), **told, **naive_told.environment}

        def application(command: str, name: str = "") -> Process:
            argv = procfile.argv(commands[command], environment)
            argv[0] = str(Path(sys.executable).parent / argv[0])
            return held(Program(name or command, argv, environment, folder))

        faces = [application("webhooks"), application("sandbox")]
        for process in faces:
            process.start()
        for port in ports.values():
            wait_until(lambda: answers(port), PATIENCE)  # noqa: B023 - used at once
        numbers = range(1, WORKERS + 1)
        yield Installation(
            database,
            broker,
            application("beat"),
            [application("worker", f"worker-{number}") for number in numbers],
            [application("naive", f"naive-{number}") for number in numbers],
            redis.socket_path(place),
            told["REDIS_URL"],
            told["TWILIO_API_BASE"],
            naive_told,
        )


@contextmanager
def home_folder(keep_logs: Path | None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ringback-chaos-"))
    folder.chmod(0o711)  # as root, the database runs as `nobody`, who must pass through
    try:
        yield folder
    finally:
        if keep_logs:
            shutil.copytree(folder / "home" / "logs", keep_logs, dirs_exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


def told_to(place: Place, ports: dict[str, int]) -> dict[str, str]:
    return {
        "RINGBACK_HOME": str(place.home),
        "DATABASE_URL": postgres.database_url(place),
        "REDIS_URL": redis.redis_url(place),
        "SECRET_KEY": "a key for this run alone",
        "PUBLIC_URL": f"http://127.0.0.1:{ports['WEBHOOKS_PORT']}",
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": "12345",
        "TWILIO_API_BASE": f"http://127.0.0.1:{ports['SANDBOX_PORT']}",
        **{name: str(port) for name, port in ports.items()},
    }


def environment_of_ours() -> dict[str, str]:
    """Nothing of the machine's own settings; our packages are found although the working folder
    is another, where no `.env` lies."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health").is_success
    except httpx.TransportError:
        return False
