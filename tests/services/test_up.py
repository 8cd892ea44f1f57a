"""`ringback up` as people use it: real servers, real signals, real processes."""

import os
import pwd
import shutil
import signal
import socket
import stat
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from services.account import Account
from tests.services.running import FACE, PROCFILE, Up, processes, wait_until

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def up(folder: Path) -> Up:
    return Up(folder)


@linux
def test_ctrl_c_stops_the_applications_before_postgresql_and_leaves_nothing(up: Up) -> None:
    with up.running() as process:
        assert stat.S_IMODE((up.folder / ".ringback" / "up.env").stat().st_mode) == 0o600
        again = up.once()
        assert again.returncode == 0
        assert "already running since 2" in again.stdout
        assert f"process {process.pid}" in again.stdout
        assert f"http://127.0.0.1:{up.ports['DASHBOARD_PORT']}" in again.stdout
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    for setting in ("WEBHOOKS_PORT", "DASHBOARD_PORT"):
        ended = up.folder / f"ended-{up.ports[setting]}"
        assert ended.read_text() == "PostgreSQL listens"
    assert processes(str(up.folder)) == []
    assert "Stopped." in up.output


@linux
def test_killing_the_supervisor_stops_everything_and_it_starts_again(up: Up) -> None:
    with up.running() as process:
        assert len(processes(str(up.folder))) > 5
        process.kill()
        process.wait()
        secrets = (up.folder / ".ringback" / "up.env").read_text()
        with up.running() as again:  # at once: it waits for the guard of the first
            assert again.pid != process.pid
            assert (up.folder / ".ringback" / "up.env").read_text() == secrets
            again.kill()
            again.wait()
    wait_until(lambda: processes(str(up.folder)) == [])


@linux
def test_killing_the_supervisor_and_its_guard_leaves_nothing_in_the_next_starts_way(
    up: Up,
) -> None:
    with up.running() as process:
        guards = [pid for pid in processes("guard.py") if _parent(pid) == process.pid]
        assert len(guards) == 1
        os.kill(process.pid, signal.SIGSTOP)  # or it would begin another guard
        for pid in guards:
            os.kill(pid, signal.SIGKILL)
        process.kill()
        process.wait()
        wait_until(lambda: processes(str(FACE)) == [])
        with up.running():
            pass
    wait_until(lambda: processes(str(up.folder)) == [])


@linux
def test_what_dies_is_started_again_ever_more_slowly(folder: Path) -> None:
    up = Up(folder, PROCFILE + "brief: sh -c 'exit 3'\n")
    with up.running():
        wait_until(lambda: "brief      ended with code 3; starting again in 1 s" in up.output)
        (worker,) = [pid for pid in processes("sleep") if "1000" in _words(pid)]
        os.kill(worker, signal.SIGKILL)
        wait_until(lambda: "worker     was ended by SIGKILL" in up.output)
        wait_until(lambda: [p for p in processes("sleep") if "1000" in _words(p)] != [])
        (postgres,) = [pid for pid in processes("bin/postgres") if str(folder) in _words(pid)]
        os.kill(postgres, signal.SIGKILL)
        wait_until(lambda: "postgres   was ended by SIGKILL" in up.output)
        wait_until(lambda: [p for p in processes("bin/postgres") if str(folder) in _words(p)] != [])


@linux
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_runs_it_too(up: Up) -> None:
    nobody = pwd.getpwnam("nobody")
    user = Account("nobody", nobody.pw_uid, nobody.pw_gid, switch=True)
    up.python = _python_for(user)
    up.settings["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    os.chown(up.folder, user.uid, user.gid)
    up.account = user
    with up.running():
        data = up.folder / ".ringback" / "postgres"
        assert data.stat().st_uid == user.uid
        assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_with_a_real_account_the_sandbox_does_not_run(folder: Path) -> None:
    up = Up(folder, PROCFILE + "sandbox: python {face} ${{SANDBOX_PORT}}\n")
    up.settings = {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "t" * 32}
    with up.running():
        assert f"http://127.0.0.1:{up.ports['WEBHOOKS_PORT']}" in up.output
        assert "sandbox" not in up.output
        assert "TWILIO_" not in (folder / ".ringback" / "up.env").read_text()


def test_a_taken_port_is_named_before_anything_starts(up: Up) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", up.ports["DASHBOARD_PORT"]))
        holder.listen()
        refused = up.once()
    assert refused.returncode == 1
    assert f"Port {up.ports['DASHBOARD_PORT']} is taken" in refused.stdout
    assert f"process {os.getpid()}" in refused.stdout
    assert "DASHBOARD_PORT=" in refused.stdout
    assert not (up.folder / ".ringback" / "postgres").exists()


def test_a_half_made_data_folder_is_kept_and_its_cure_is_named(up: Up) -> None:
    data = up.folder / ".ringback" / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("18\n")
    if os.geteuid() == 0:
        os.chown(data, 65534, 65534)
    refused = up.once()
    assert refused.returncode == 1
    assert f"mv '{data}' '{data}.old'" in refused.stdout
    assert (data / "PG_VERSION").read_text() == "18\n"


def test_a_wrong_setting_is_named(up: Up) -> None:
    up.settings["SANDBOX_PORT"] = "many"
    refused = up.once()
    assert refused.returncode == 1
    assert "SANDBOX_PORT=many is not a port" in refused.stdout


def _python_for(user: Account) -> str:
    """This Python, or the machine's own of the same version where ours is closed to `user`."""
    if not user.can_enter(Path(__file__)) and not user.can_read(Path(__file__)):
        pytest.skip("this clone lies where no ordinary user can enter")
    if user.can_enter(Path(sys.executable)):
        return sys.executable
    other = shutil.which(f"python3.{sys.version_info.minor}", path="/usr/local/bin:/usr/bin")
    return other or pytest.skip("no Python that an ordinary user can start")


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _words(pid: int) -> str:
    """Empty of a process that has just ended: others come and go on this machine."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""
