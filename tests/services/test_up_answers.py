"""`ringback up` while something of this machine is broken: the clinic rings all the same, and the
rest comes up by itself once it is mended."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from dotenv import dotenv_values
from twilio.request_validator import RequestValidator

from tests.services.running import PROCFILE, ROOT, Up, free_port, processes, wait_until
from tests.services.test_keeping import ringback
from tests.services.test_postgres import run
from tests.webhooks.caller import DESK_PHONE, call_fields

if TYPE_CHECKING:
    import subprocess

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
REAL = (
    "\nwebhooks: uvicorn webhooks.app:app --port ${{WEBHOOKS_PORT}} --lifespan on"
    " --no-access-log --log-level warning\n"
)
PATIENCE = 60.0  # seconds, on a machine that stands still for many of them
_calls = count(1)


def with_real_webhooks(folder: Path) -> Up:
    others = [line for line in PROCFILE.splitlines() if not line.startswith("webhooks")]
    return Up(folder, REAL + "\n".join(others) + "\n", {"PYTHONPATH": str(ROOT)})


@pytest.fixture
def up(folder: Path) -> Up:
    return with_real_webhooks(folder)


@pytest.fixture(scope="module")
def used() -> Iterator[Path]:
    """The data folder of an installation that has run before and remembers whom to ring, on a
    Tuesday at ten whatever the hour is. To copy: making it takes seconds."""
    path = Path(tempfile.mkdtemp(prefix="ringback-used-"))
    path.chmod(0o755)
    remember(with_real_webhooks(path))
    yield path / ".ringback"
    shutil.rmtree(path)


@pytest.fixture
def known(up: Up, used: Path) -> Up:
    copy(used, up.folder / ".ringback")
    return up


def copy(used: Path, home: Path) -> None:
    assert run(["/bin/cp", "-a", f"{used}/.", str(home)]).returncode == 0  # with its owners


def remember(up: Up) -> None:
    path = up.folder / ".ringback" / "routing.json"
    with up.running():
        ringback(up.folder, "clock", "set", "2026-12-01T10:00-08:00")
        wait_until(lambda: path.exists() and json.loads(path.read_text())["clock_shift"])


def rings(up: Up) -> bool:
    """Whether a call that comes in now rings the desk phone."""
    path = up.folder / ".ringback" / "up.env"
    if not path.exists():
        return False
    told = dotenv_values(path)
    url = f"http://127.0.0.1:{up.ports['WEBHOOKS_PORT']}/webhooks/twilio/voice"
    form = {"AccountSid": told["TWILIO_ACCOUNT_SID"], **call_fields(f"CA{next(_calls)}")}
    signature = RequestValidator(told["TWILIO_AUTH_TOKEN"]).compute_signature(url, form)
    try:
        answer = httpx.post(url, data=form, headers={"X-Twilio-Signature": signature}, timeout=5)
    except httpx.HTTPError:
        return False
    assert answer.status_code == 200
    return "<Dial" in answer.text and DESK_PHONE in answer.text


def answers_and_then_all_is_ready(
    up: Up, process: "subprocess.Popen[bytes]", said: str, mend: Callable[[], object]
) -> None:
    wait_until(lambda: rings(up), PATIENCE)
    wait_until(lambda: said in up.output, PATIENCE)
    assert process.poll() is None, up.output
    assert "Ready in" not in up.output
    assert rings(up)
    mend()
    up.until_ready(process)
    wait_until(lambda: ready(up) == {"status": "ready", "spooled": 0}, PATIENCE)


def ready(up: Up) -> dict[str, object]:
    answer = httpx.get(f"http://127.0.0.1:{up.ports['WEBHOOKS_PORT']}/ready", timeout=5)
    return {name: value for name, value in answer.json().items() if name in {"status", "spooled"}}


def test_while_postgresql_cannot_start_callers_ring_the_clinic(known: Up) -> None:
    control = known.folder / ".ringback" / "postgres" / "global" / "pg_control"
    control.rename(known.folder / "pg_control")
    with known.begun() as process:
        answers_and_then_all_is_ready(
            known,
            process,
            "PostgreSQL ended at once",
            lambda: (known.folder / "pg_control").rename(control),
        )
    assert processes(str(known.folder)) == []


def test_while_the_data_folder_is_refused_callers_ring_the_clinic(known: Up) -> None:
    made = known.folder / ".ringback" / "postgres" / "ringback-complete"
    made.rename(known.folder / "complete")
    with known.begun() as process:
        answers_and_then_all_is_ready(
            known,
            process,
            "was not made to the end",
            lambda: (known.folder / "complete").rename(made),
        )


def test_while_a_database_of_ones_own_is_down_callers_ring_the_clinic(
    known: Up, folder: Path
) -> None:
    """Nor does it matter that it was never heard of."""
    known.settings["DATABASE_URL"] = f"postgresql://x:y@127.0.0.1:{free_port()}/z"
    with known.begun() as process:
        wait_until(lambda: rings(known), PATIENCE)
        wait_until(lambda: "The database cannot be reached" in known.output, PATIENCE)
        assert process.poll() is None
    assert "Stopped." in (folder / "output").read_text()


def test_while_redis_cannot_start_all_else_runs(known: Up) -> None:
    manifest = next((known.folder / ".ringback" / "redis").glob("appendonlydir/*.manifest"))
    kept = manifest.read_bytes()
    manifest.write_bytes(b"what a torn disk left behind\n")
    with known.begun() as process:
        wait_until(lambda: rings(known), PATIENCE)
        wait_until(lambda: "Redis does not answer" in known.output, PATIENCE)
        wait_until(
            lambda: f"http://127.0.0.1:{known.ports['DASHBOARD_PORT']}" in known.output, PATIENCE
        )
        assert sleeping(known) == [], "a worker has nothing to do without it"
        manifest.write_bytes(kept)
        known.until_ready(process)
        wait_until(lambda: len(sleeping(known)) == 1, PATIENCE)


def sleeping(up: Up) -> list[int]:
    """The workers of this test's Procfile."""
    return [pid for pid in processes(str(up.folder)) if pid in processes("sleep")]


def test_an_up_env_that_cannot_be_written_costs_no_caller_their_answer(known: Up) -> None:
    with known.running():
        pass  # its settings are this folder's now
    known.ports["DASHBOARD_PORT"] = free_port()  # so that they change
    in_the_way = known.folder / ".ringback" / "up.env.new"
    in_the_way.mkdir()  # root, too, is refused
    with known.begun() as process:
        wait_until(lambda: rings(known), PATIENCE)
        known.until_ready(process)
        assert "up.env cannot be written" in known.output


def test_a_first_start_that_cannot_write_it_says_so_and_ends(up: Up) -> None:
    (up.folder / ".ringback" / "up.env.new").mkdir(parents=True)
    refused = up.once()
    assert refused.returncode == 1
    assert "up.env" in refused.stdout


def test_on_a_full_disk_callers_ring_the_clinic_and_room_is_enough(up: Up, used: Path) -> None:
    with small_disk(up.folder / ".ringback") as disk:
        copy(used, disk)
        with up.running():
            pass  # its settings are this folder's now
        fill(disk / "filler")
        before = (disk / "up.env").read_text(), (disk / "config" / "pg_hba.conf").read_text()
        with up.begun() as process:
            answers_and_then_all_is_ready(
                up, process, "PostgreSQL ended at once", (disk / "filler").unlink
            )
            after = (disk / "up.env").read_text(), (disk / "config" / "pg_hba.conf").read_text()
            assert before == after


@contextmanager
def small_disk(disk: Path) -> Iterator[Path]:
    """200 MB; only root may mount one."""
    disk.mkdir(mode=0o711)
    mount = ["/bin/mount", "-t", "tmpfs", "-o", "size=200m,mode=711", "tmpfs", str(disk)]
    if os.geteuid() != 0 or run(mount).returncode:
        pytest.skip("needs the right to mount a file system")
    try:
        yield disk
    finally:
        assert run(["/bin/umount", str(disk)]).returncode == 0
        shutil.rmtree(disk)


def fill(path: Path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass


def test_who_has_neither_memory_nor_a_fallback_phone_is_told_and_it_ends(up: Up) -> None:
    up.settings["DATABASE_URL"] = f"postgresql://x:y@127.0.0.1:{free_port()}/z"
    refused = up.once()
    assert refused.returncode == 1
    assert "The database cannot be reached" in refused.stdout + refused.stderr


def test_a_fallback_phone_rings_from_the_first_start_on(up: Up) -> None:
    up.settings |= {
        "DATABASE_URL": f"postgresql://x:y@127.0.0.1:{free_port()}/z",
        "FALLBACK_PHONE": DESK_PHONE,
    }
    with up.begun():
        wait_until(lambda: rings(up), PATIENCE)
