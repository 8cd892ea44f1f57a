"""Everything, as `ringback up` starts it: real processes, real sockets, nothing of ours imported
by the tests but the command."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
RINGBACK = Path(sys.executable).parent / "ringback"
CLINIC = "+14254379974"
DESK_PHONE = "+14255550100"
SPEED = 20


@dataclass
class Clinic:
    """The running service, seen from outside: its API, its telephone, its command."""

    api: httpx.Client
    sandbox: httpx.Client
    environment: dict[str, str]

    def command(self, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 - our own command
            [RINGBACK, *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def at(self, moment: str) -> None:
        self.command("clock", "set", moment)

    def call(self, caller: str, **how: Any) -> str:
        """Place a call that plays itself; its CallSid, once it is over."""
        script = how.pop("script", {})
        body = {"from": caller, "to": CLINIC, "speed": SPEED, "script": script, **how}
        sid = self.sandbox.post("/calls", json=body).raise_for_status().json()["sid"]
        self.sandbox.get(f"/calls/{sid}", params={"wait": 30}).raise_for_status()
        return str(sid)

    def text(self, caller: str, body: str) -> None:
        fields = {"from": caller, "to": CLINIC, "body": body}
        self.sandbox.post("/texts", json=fields).raise_for_status()

    def texts_at(self, phone: str) -> list[str]:
        """Texts of ours that have arrived at this phone."""
        answer = self.sandbox.get(f"/phones/{phone}/texts").raise_for_status().json()
        return [text["body"] for text in answer if text["to"] == phone]

    def lead(self, phone: str) -> dict[str, Any]:
        """The one lead of this phone, with everything about it; empty when there is none."""
        items = self.items("leads", phone=phone)
        assert len(items) <= 1, "one number makes one lead"
        if not items:
            return {}
        found: dict[str, Any] = self.api.get(f"/leads/{items[0]['id']}").raise_for_status().json()
        return found

    def items(self, noun: str, **query: str) -> list[dict[str, Any]]:
        answer = self.api.get(f"/{noun}", params=query).raise_for_status().json()
        items: list[dict[str, Any]] = answer["items"]
        return items

    def find_call(self, sid: str) -> dict[str, Any]:
        return next((call for call in self.items("calls") if call["sid"] == sid), {})


def eventually(holds: Callable[[], Any], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def clinic() -> Iterator[Clinic]:
    """`ringback up` in a folder of its own, on a Tuesday at ten."""
    # As root, the database runs as `nobody`, who cannot enter pytest's own folders.
    folder = Path(tempfile.mkdtemp(prefix="ringback-e2e-"))
    folder.chmod(0o755)
    ports = {name: str(free_port()) for name in ("WEBHOOKS", "DASHBOARD", "SANDBOX")}
    environment = {
        "PATH": os.environ["PATH"],
        "RINGBACK_HOME": str(folder),
        **{f"{name}_PORT": port for name, port in ports.items()},
    }
    (folder / "first-call-played").touch()
    with (folder / "terminal").open("w") as terminal:
        up = subprocess.Popen(  # noqa: S603 - our own command
            [RINGBACK, "up"], env=environment, cwd=ROOT, stdout=terminal, stderr=subprocess.STDOUT
        )
    try:
        eventually(lambda: "Ready" in (folder / "terminal").read_text() or up.poll(), 90)
        assert up.poll() is None, (folder / "terminal").read_text()
        with (
            httpx.Client(base_url=f"http://127.0.0.1:{ports['DASHBOARD']}/api/v1") as api,
            httpx.Client(
                base_url=f"http://127.0.0.1:{ports['SANDBOX']}/sandbox/api", timeout=40
            ) as sandbox,
        ):
            service = Clinic(api, sandbox, environment)
            token = service.command("token", "create", "tests", "--scope", "write")
            api.headers["Authorization"] = f"Bearer {token}"
            service.at("2026-12-01T10:00-08:00")
            # A process just started may need more than a caller's second for its first answer,
            # and a caller who hears the short prompt gets one text alone.
            service.call("+12065550100")
            yield service
    finally:
        up.send_signal(signal.SIGINT)
        try:
            up.wait(30)
        finally:
            up.kill()
            shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
