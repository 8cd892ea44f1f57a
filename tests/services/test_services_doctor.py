"""What doctor says of Redis, the disk and the files with secrets."""

import shutil
import socket
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from leads.verdict import Finding
from services import Servers, backup, sealed
from services.doctor import CHECKS
from services.sealed import Key
from tests.conftest import forget_settings

Usage = namedtuple("Usage", "total used free")


def looked(name: str) -> list[Finding]:
    (check,) = [check for check in CHECKS if check.name == name]
    return list(check.look())


@contextmanager
def told(environment: pytest.MonkeyPatch, **names: str) -> Iterator[None]:
    with environment.context() as patch:
        for name, value in names.items():
            patch.setenv(name, value)
        forget_settings()
        yield
    forget_settings()


def test_our_own_redis_forgets_nothing() -> None:
    (finding,) = looked("redis")
    assert finding.verdict == "ok", finding


@pytest.mark.parametrize(
    ("setting", "loose", "safe"),
    [("maxmemory-policy", "allkeys-lru", "noeviction"), ("appendonly", "no", "yes")],
)
def test_a_redis_that_forgets_is_said(
    servers: Servers, setting: str, loose: str, safe: str
) -> None:
    with redis.Redis(unix_socket_path=str(servers.redis_socket)) as client:
        client.config_set(setting, loose)
        try:
            (finding,) = looked("redis")
        finally:
            client.config_set(setting, safe)
    assert (finding.verdict, loose in finding.text) == ("failed", True), finding


def test_a_redis_that_is_away_is_said(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for url in ("redis://127.0.0.1:9/0", f"redis+socket://{tmp_path}/none.sock?virtual_host=0"):
        with told(environment, REDIS_URL=url):
            (finding,) = looked("redis")
        assert (finding.verdict, "does not answer" in finding.text) == ("failed", True), finding


def test_a_redis_that_says_nothing_is_left_in_time(
    environment: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.doctor.REDIS_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        with told(environment, REDIS_URL=url):
            (finding,) = looked("redis")
    assert finding.verdict == "failed"


@pytest.mark.parametrize(("free", "verdict"), [(100, "failed"), (1500, "warning"), (9000, "ok")])
def test_a_disk_that_fills_up_is_said(
    monkeypatch: pytest.MonkeyPatch, free: int, verdict: str
) -> None:
    usage = Usage(0, 0, free * 1024 * 1024)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    (finding,) = looked("disk")
    assert finding.verdict == verdict


@pytest.mark.parametrize(("key", "verdict"), [("short", "failed"), ("0123456789abcdef" * 4, "ok")])
def test_a_key_that_can_be_guessed_is_said(
    environment: pytest.MonkeyPatch, key: str, verdict: str
) -> None:
    with told(environment, SECRET_KEY=key):
        (finding,) = looked("secret key")
    assert finding.verdict == verdict
    assert key not in finding.text + finding.cure


def test_a_secret_that_others_can_read_is_said(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tmp_path.chmod(0o755)
    token = tmp_path / "token"
    token.write_text("a token")
    with told(environment, TWILIO_AUTH_TOKEN_FILE=str(token), RINGBACK_HOME=str(tmp_path)):
        environment.chdir(tmp_path)
        try:
            for mode, verdict in ((0o644, "failed"), (0o640, "failed"), (0o600, "ok")):
                token.chmod(mode)
                (finding,) = looked("file modes")
                assert finding.verdict == verdict, oct(mode)
            token.chmod(0o644)
            tmp_path.chmod(0o700)  # as docker/secrets.sh keeps them: the folder is closed
            assert looked("file modes")[0].verdict == "ok"
        finally:
            environment.chdir(Path(__file__).parent.parent.parent)


def test_the_address_of_a_socket_keeps_its_database(servers: Servers) -> None:
    assert servers.redis_url.startswith("redis+socket://")
    assert looked("redis")[0].verdict == "ok"


def test_a_key_that_lies_with_the_backups_is_said(
    database: str, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret, public = sealed.new_key()
    folder = tmp_path / "safe"
    (tmp_path / "home").mkdir()
    with told(environment, RINGBACK_HOME=str(tmp_path / "home"), DATABASE_URL=database):
        assert looked("backup key") == []  # none was ever made here
        backup.make(database, folder, Key(recipients=[public]))
        assert [finding.verdict for finding in looked("backup key")] == ["ok"]
        (folder / "ringback.key").write_text(f"{secret}\n")
        (finding,) = looked("backup key")
    assert finding.verdict == "failed"
    assert str(folder / "ringback.key") in finding.text
    assert secret not in finding.text + finding.cure
