import os
import shutil
import stat
import sys
from pathlib import Path

import psycopg
import pytest

from services import ServiceError, binaries, local_servers, place, postgres
from services.account import servers_account

root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as another user")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_path_too_long_for_a_socket_gets_a_short_private_folder(folder: Path) -> None:
    home = folder / ("long" * 25) / "home"
    with local_servers(home, fsync=False) as servers:
        assert len(str(servers.place.sockets)) < 80
        assert mode(servers.place.sockets) == 0o700
        with psycopg.connect(servers.database_url()) as session:
            assert session.execute("select 1").fetchone() == (1,)
        assert place.prepare(home).sockets == servers.place.sockets
    shutil.rmtree(servers.place.sockets)


@root
def test_where_nobody_cannot_enter_the_data_lies_in_var_lib(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with local_servers(closed / ".ringback", fsync=False) as servers:
        where = servers.place
        assert where.servers.parent == place.SHELTER
        assert (where.servers / "postgres").stat().st_uid == servers_account().uid
        assert (where.servers / "home").read_text().strip() == str(closed / ".ringback")
        with psycopg.connect(servers.database_url()) as session:
            assert session.execute("select current_user").fetchone() == ("ringback",)
    assert mode(closed) == 0o700
    assert not (closed / ".ringback" / "postgres").exists()
    assert place.prepare(folder / "open").servers == folder / "open"
    shutil.rmtree(where.servers)


@root
def test_programs_that_nobody_cannot_reach_are_copied_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = binaries.find_postgres()
    if not found.layout:
        pytest.skip("PostgreSQL is the machine's own here")
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    for part in found.layout:
        shutil.copytree(part, closed / part.relative_to(found.origin), symlinks=True)
    moved = binaries.Binary(
        closed / found.path.relative_to(found.origin),
        closed,
        tuple(closed / part.relative_to(found.origin) for part in found.layout),
    )
    monkeypatch.setattr(postgres, "find_postgres", lambda: moved)
    monkeypatch.setattr(place, "SHELTER", folder / "shelter")
    with (
        local_servers(folder / "home", fsync=False) as servers,
        psycopg.connect(servers.database_url()) as session,
    ):
        session.execute("create extension pg_trgm")
    assert mode(closed) == 0o700
    copies = list((folder / "shelter" / "programs").rglob("bin/postgres"))
    assert len(copies) == 1
    assert all(path.stat().st_uid == 0 for path in copies)


@root
def test_a_shelter_that_others_can_write_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "SHELTER", folder / "shelter")
    (folder / "shelter").mkdir()
    (folder / "shelter").chmod(0o777)
    with pytest.raises(ServiceError, match="is not root's alone"):
        place.shelter()
    assert mode(folder / "shelter") == 0o777


@root
def test_another_users_data_is_not_passed_over(folder: Path) -> None:
    (folder / "home" / "postgres").mkdir(parents=True)
    os.chown(folder / "home" / "postgres", 1, 1)
    with pytest.raises(ServiceError, match="Start Ringback as the user who started it first"):
        place.prepare(folder / "home")
    assert [path.name for path in (folder / "home").iterdir()] == ["postgres"]


def test_a_file_in_the_way_is_named(folder: Path) -> None:
    (folder / "home").write_text("")
    with pytest.raises(ServiceError, match=r"home is in the way"):
        place.prepare(folder / "home")


def test_a_sockets_folder_that_others_can_enter_is_refused(folder: Path) -> None:
    (folder / "home").mkdir(mode=0o711)
    (folder / "home").chmod(0o711)
    (folder / "home" / "sockets").mkdir()
    (folder / "home" / "sockets").chmod(0o755)
    with pytest.raises(ServiceError, match="must belong to"):
        place.prepare(folder / "home")


@pytest.mark.skipif(sys.platform != "linux", reason="even root cannot write in /proc")
def test_a_folder_that_cannot_be_made_is_named() -> None:
    with pytest.raises(ServiceError, match=r"/proc/ringback cannot be made .* set RINGBACK_HOME"):
        place.prepare(Path("/proc/ringback"))
