"""Starting, refusing to start, restarting, and who is let in."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.webhooks.sandbox.sandbox_harness import (
    ACCOUNT,
    DESK,
    MARIA,
    OURS,
    STATUS,
    TOKEN,
    VOICE,
    World,
    twiml,
)
from webhooks.sandbox import settings
from webhooks.sandbox.settings import SettingsError

GOOD = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "TWILIO_API_BASE": "http://127.0.0.1:8002",
}
ROOT = Path(__file__).parents[3]


def test_settings_come_from_up_env_and_the_environment_is_stronger(tmp_path: Path) -> None:
    lines = [f"{name}={value}" for name, value in GOOD.items()]
    (tmp_path / "up.env").write_text("\n".join([*lines, "PUBLIC_URL=http://127.0.0.1:8001/"]))
    told = settings.load({"RINGBACK_HOME": str(tmp_path), "SANDBOX_OPEN": "1"})
    assert (told.account_sid, told.auth_token) == (ACCOUNT, TOKEN)
    assert told.public_url == told.target == "http://127.0.0.1:8001"
    assert told.open_to_all
    other = settings.load({"RINGBACK_HOME": str(tmp_path), "PUBLIC_URL": "https://a.example"})
    assert other.public_url == "https://a.example"


def test_secrets_may_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret\n")
    told = settings.load(
        {
            "RINGBACK_HOME": str(tmp_path),
            **GOOD,
            "TWILIO_AUTH_TOKEN": "",
            "TWILIO_AUTH_TOKEN_FILE": str(tmp_path / "token"),
        }
    )
    assert told.auth_token == "secret"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TWILIO_API_BASE", "https://api.twilio.com"),
        ("TWILIO_API_BASE", "https://API.TWILIO.COM."),
        ("TWILIO_API_BASE", "https://twilio.com"),
        ("TWILIO_API_BASE", ""),
        ("TWILIO_ACCOUNT_SID", ""),
        ("TWILIO_AUTH_TOKEN", ""),
    ],
)
def test_it_refuses_the_real_twilio_and_missing_settings(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(SettingsError, match=name):
        settings.load({"RINGBACK_HOME": str(tmp_path), **GOOD, name: value})


def _process(home: Path, port: int, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "uvicorn", "webhooks.sandbox.app:app", "--port", str(port)],
        env={"PATH": os.environ["PATH"], "RINGBACK_HOME": str(home), **GOOD, **environment},
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_with_the_real_twilio_the_process_ends_with_one_sentence(tmp_path: Path) -> None:
    process = _process(tmp_path, 0, TWILIO_API_BASE="https://api.twilio.com")
    _, words = process.communicate(timeout=20)
    assert process.returncode != 0
    assert "names the real Twilio (api.twilio.com)" in words
    assert "Traceback" not in words
    assert not (tmp_path / "sandbox").exists()


def test_a_killed_sandbox_keeps_its_log_and_ends_the_call_when_it_is_back(tmp_path: Path) -> None:
    with World(tmp_path / "unused") as world, socket.socket() as probe:
        world.answer(VOICE, twiml(f"<Dial><Number>{DESK}</Number></Dial>"))
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        base = f"http://127.0.0.1:{port}/sandbox/api"
        public_url = world.receiver.public_url
        process = _process(tmp_path, port, PUBLIC_URL=public_url)
        _until_up(base)
        sid = httpx.post(f"{base}/calls", json={"from": MARIA, "to": OURS}).json()["sid"]
        world.until(lambda: bool(httpx.get(f"{base}/calls/{sid}").json()["legs"]))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        process = _process(tmp_path, port, PUBLIC_URL=public_url)
        _until_up(base)
        world.until(lambda: bool(world.receiver.at(STATUS)))
        (final,) = world.receiver.at(STATUS)
        assert (final["CallSid"], final["CallStatus"]) == (sid, "completed")
        kept = httpx.get(f"{base}/log").json()
        assert [e for e in kept if e["kind"] == "webhook" and e["event"] == "voice"]
        process.terminate()
        process.communicate(timeout=20)


def _until_up(base: str) -> None:
    for _ in range(200):
        try:
            httpx.get(f"{base}/log")
        except httpx.ConnectError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the sandbox did not start")


def test_a_restart_ends_legs_and_delivers_texts_that_were_under_way(world: World) -> None:
    number = (
        f'<Number statusCallback="/leg" statusCallbackEvent="answered completed">{DESK}</Number>'
    )
    world.answer(VOICE, twiml(f"<Dial>{number}</Dial>"))
    sid = world.begin(speed=1)
    world.until(lambda: bool(world.call(sid)["legs"]))
    world.api("POST", f"/calls/{sid}/answer", leg=0)
    world.until(lambda: world.call(sid)["listening"] == "talk")
    world.twilio.messages.create(to=MARIA, from_=OURS, body="Hello")
    world.api("PUT", "/faults", delay={"probability": 1, "seconds": 0})
    world.stop()
    world.start()
    world.until(lambda: len(world.receiver.at("/leg")) == 2)
    assert [leg["CallStatus"] for leg in world.receiver.at("/leg")] == ["in-progress", "completed"]
    world.until(lambda: len(world.receiver.at(STATUS)) == 1)
    assert world.call(sid)["hung_up_by"] == "restart"
    world.until(lambda: len(world.api("GET", f"/phones/{MARIA}/texts")) == 1)
    assert list(world.api("GET", "/faults")) == ["delay"]


def test_a_reset_forgets_everything(world: World) -> None:
    world.begin(speed=1)
    world.text("Hello")
    world.api("PUT", "/faults", delay={})
    world.api("DELETE", "/state")
    assert world.api("GET", "/calls") == world.log() == []
    assert world.api("GET", "/faults") == {}
    assert world.api("GET", f"/phones/{MARIA}/texts") == []
    assert world.ring()["settled"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "sandbox.attacker.example"},
        {"X-Forwarded-For": "203.0.113.7"},  # uvicorn believes a proxy on this machine
        {"Origin": "https://attacker.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_only_this_machine_and_the_page_itself_are_let_in(
    world: World, headers: dict[str, str]
) -> None:
    refused = world.http.get("/sandbox/api/log", headers=headers)
    assert refused.status_code == 403
    assert "answer" in refused.json()["error"]
    assert world.http.get("/health", headers=headers).status_code == 200


def test_it_can_be_opened_to_a_closed_network(tmp_path: Path) -> None:
    with World(tmp_path, open_to_all=True) as world:
        headers = {"Host": "sandbox:8002", "X-Forwarded-For": "172.18.0.3"}
        assert world.http.get("/sandbox/api/log", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/calls", {"from": "someone", "to": OURS}, 422),
        ("POST", "/calls", {"from": MARIA, "to": OURS, "speed": 0}, 422),
        ("POST", "/calls", {"from": MARIA, "to": OURS, "script": {"dance": True}}, 422),
        (
            "POST",
            "/calls",
            {"from": MARIA, "to": OURS, "script": {"let_ring": True, "answer": DESK}},
            422,
        ),
        ("POST", "/texts", {"from": MARIA, "to": OURS}, 422),
        ("GET", "/calls/CA0", None, 404),
        ("POST", "/calls/CA0/hangup", {}, 409),
        ("POST", "/calls/CA0/keys", {"digits": "x"}, 422),
    ],
)
def test_bad_input_is_one_clear_error(
    world: World, method: str, path: str, body: dict[str, object] | None, status: int
) -> None:
    assert world.http.request(method, f"/sandbox/api{path}", json=body).status_code == status
    assert world.log("sandbox_error") == []


def test_it_imports_nothing_of_ours() -> None:
    script = (
        "import sys, webhooks.sandbox.app\n"
        "print(*(n for n in sys.modules if n.split('.')[0] in ('leads', 'workers', 'services')"
        " or (n.startswith('webhooks.') and not n.startswith('webhooks.sandbox'))))"
    )
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
