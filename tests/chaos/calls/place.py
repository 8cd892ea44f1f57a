"""A Ringback of its own, the other handler and a Twilio, on private servers and free ports."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import httpx

from leads import migrations
from leads.db import engine
from leads.settings import settings
from services import postgres, procfile, redis
from services.guard import Guard
from services.place import Place as Home
from services.place import prepare
from services.program import Program
from tests.chaos import naive
from tests.chaos.calls import fallback, peer, seeds
from tests.chaos.calls.people import PEER
from tests.chaos.calls.piped import Piped
from tests.chaos.installation import (
    ACCOUNT_SID,
    PATIENCE,
    answers,
    environment_of_ours,
    home_folder,
    told_to,
)
from tests.chaos.process import Process
from tests.services.running import ROOT, free_port, wait_until
from webhooks.fallback import export
from workers.numbers_sync import sync

PEER_DATABASE = "peer"
RINGBACK = str(Path(sys.executable).parent / "ringback")


@dataclass(frozen=True)
class Place:
    postgres: Process
    redis: Process
    webhooks: Process
    worker: Process
    beat: Process
    peer: Process
    peer_worker: Process
    redis_socket: Path
    redis_url: str
    webhooks_port: int
    peer_port: int
    sandbox_url: str
    peer_database_url: str
    environment: dict[str, str]
    folder: Path
    home: Home

    @property
    def applications(self) -> list[Process]:
        return [self.webhooks, self.worker, self.beat, self.peer, self.peer_worker]

    @property
    def everything(self) -> list[Process]:
        """But for Twilio."""
        return [self.postgres, self.redis, *self.applications]

    def command(self, *words: str) -> str:
        """What a command of ours printed. Raises CalledProcessError."""
        done = subprocess.run(  # noqa: S603 - our own command
            [RINGBACK, *words],
            env=self.environment,
            cwd=self.folder,
            check=True,
            text=True,
            stdout=subprocess.PIPE,
            timeout=240,
        )
        return done.stdout


@contextmanager
def place(keep_logs: Path | None = None) -> Iterator[Place]:
    """Everything runs, and Twilio has the fallback document; all of it is gone at the end."""
    with ExitStack() as stack:
        folder = stack.enter_context(home_folder(keep_logs))
        home = prepare(folder / "home")
        guard = Guard()
        stack.callback(guard.close)
        document = stack.enter_context(fallback.serving())

        def held(process: Process) -> Process:
            stack.callback(process.stop)
            return process

        database = held(Process(postgres.program(home), guard, home.logs))
        broker = held(Process(redis.program(home), guard, home.logs))
        database.start()
        broker.start()
        postgres.wait_ready(home, lambda: database.alive)
        redis.wait_ready(home, lambda: broker.alive)
        ports = {name: free_port() for name in ("WEBHOOKS_PORT", "SANDBOX_PORT", "PEER_PORT")}
        peer_database_url = postgres.database_url(home, PEER_DATABASE)
        told = told_to(home, ports) | {
            "TWILIO_VOICE_FALLBACK_URL": document.address,
            "PEER_DATABASE_URL": peer_database_url,
            "PEER_BROKER": redis.redis_url(home).replace("virtual_host=0", "virtual_host=1"),
        }
        environment = {**environment_of_ours(), **told}
        commands = procfile.read(ROOT / "Procfile") | {
            "peer": "uvicorn tests.chaos.calls.peer:app --port ${PEER_PORT} --no-access-log "
            "--log-level warning"
        }
        commands["peer-worker"] = (
            commands["worker"]
            .replace("-A workers", "-A tests.chaos.calls.peer_tasks")
            .replace("--concurrency 4", "--concurrency 2")
        )

        def application(name: str, kind: type[Process] = Process) -> Process:
            argv = procfile.argv(commands[name], environment)
            argv[0] = str(Path(sys.executable).parent / argv[0])
            return held(kind(Program(name, argv, environment, folder), guard, home.logs))

        application("sandbox").start()
        os.environ.update(told)
        settings.cache_clear()
        engine.cache_clear()
        migrations.upgrade()
        seeds.seed()
        naive.make_database(postgres.database_url(home), PEER_DATABASE)
        seeds.make_tables(peer_database_url, peer.TABLES)
        running = Place(
            database,
            broker,
            application("webhooks", Piped),
            application("worker"),
            application("beat"),
            application("peer"),
            application("peer-worker"),
            redis.socket_path(home),
            told["REDIS_URL"],
            ports["WEBHOOKS_PORT"],
            ports["PEER_PORT"],
            told["TWILIO_API_BASE"],
            peer_database_url,
            environment,
            folder,
            home,
        )
        for process in running.applications:
            process.start()
        for port in ports.values():
            wait_until(lambda: answers(port), PATIENCE)  # noqa: B023 - used at once
        _tell_twilio(running, document)
        yield running


def _tell_twilio(running: Place, document: fallback.Bin) -> None:
    """By what `ringback export fallback` and `ringback numbers sync` do, without two more starts
    of Python."""
    with redirect_stdout(StringIO()) as printed, redirect_stderr(StringIO()):
        export(voicemail=False)
    document.document = printed.getvalue().encode()
    with redirect_stdout(StringIO()):
        sync(yes=True)
    root = f"{running.sandbox_url}/2010-04-01/Accounts/{ACCOUNT_SID}/IncomingPhoneNumbers"
    handler = f"http://127.0.0.1:{running.peer_port}"
    with httpx.Client(auth=(ACCOUNT_SID, settings().twilio_auth_token.get_secret_value())) as rest:
        bought = rest.post(f"{root}.json", data={"PhoneNumber": PEER}).raise_for_status()
        rest.post(
            f"{root}/{bought.json()['sid']}.json",
            data={
                "VoiceUrl": f"{handler}/voice",
                "StatusCallback": f"{handler}/voice/status",
                "SmsUrl": f"{handler}/sms",
            },
        ).raise_for_status()
