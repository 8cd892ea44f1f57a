"""The embedded PostgreSQL: made once, started, asked whether it is safe."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from signal import SIGINT
from urllib.parse import quote

import psycopg
from psycopg import sql

from services.account import user_name
from services.binaries import find_postgres, postgres_version, reachable
from services.errors import ServiceError, StillStarting
from services.place import Place, make_folder
from services.process_table import command_line
from services.program import POSTGRES, STOP_POSTGRES, Program, die_with_parent

ROLE = "ringback"
DATABASE = "ringback"
COMPLETE = "ringback-complete"  # beside PG_VERSION: initdb got to its end
PORT = 5432  # only names the socket
BUILTIN_LOCALE_SINCE = 17
IO_METHOD_SINCE = 18

SETTINGS: Mapping[str, str] = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "shared_buffers": "64MB",
    "max_connections": "60",
    "max_worker_processes": "4",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_max_workers": "2",
    "max_logical_replication_workers": "0",  # nor a process that would start them
    "max_wal_size": "256MB",
    "jit": "off",
    "TimeZone": "UTC",
    "log_timezone": "UTC",
    # Our rows hold phone numbers and texts: neither statements nor the rows of a failed
    # one (DETAIL) go into a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}


def program(place: Place, *, fsync: bool = True) -> Program:
    """What starts the server; makes its data folder first when there is none.

    `fsync=False` is for tests alone. Raises ServiceError when the data folder is not whole
    or cannot be made.
    """
    postgres = reachable(find_postgres(), place.account)
    data = _initialised(place, postgres, sync=fsync)
    _write_access(place)
    told = dict(SETTINGS) | {
        "unix_socket_directories": '"' + str(place.sockets).replace('"', '""') + '"',
        "hba_file": str(place.config / "pg_hba.conf"),
        "ident_file": str(place.config / "pg_ident.conf"),
    }
    if postgres_version(postgres) >= IO_METHOD_SINCE:
        told["io_method"] = "sync"  # no processes of its own for reading
    if not fsync:
        told |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    # On the command line a setting wins over every file, ALTER SYSTEM included.
    argv = [str(postgres), "-D", str(data)]
    for name, value in told.items():
        argv += ["-c", f"{name}={value}"]
    return Program("postgres", argv, _env(), data, place.account, POSTGRES, STOP_POSTGRES)


def database_url(place: Place, name: str = DATABASE) -> str:
    return f"postgresql://{ROLE}@/{name}?host={quote(str(place.sockets), safe='')}"


def wait_ready(place: Place, alive: Callable[[], bool], seconds: float = 60) -> None:
    """Return when the server answers and `ringback` exists.

    `alive` says whether the process is still there. Raises ServiceError when it is not, and
    StillStarting when it is and does not serve after `seconds`.
    """
    began = time.monotonic()
    while True:
        try:
            with psycopg.connect(database_url(place, "postgres"), autocommit=True) as session:
                if not session.execute(
                    "select 1 from pg_database where datname = %s", [DATABASE]
                ).fetchone():
                    create_database(session, DATABASE)
                return
        except psycopg.OperationalError as error:
            if not alive():
                raise ServiceError(
                    f"PostgreSQL ended at once; the data in {place.servers} is kept. Its reason is "
                    f"at the end of {place.logs / 'postgres.log'}."
                ) from error
            waited = time.monotonic() - began
            if waited > seconds:
                raise StillStarting(
                    f"PostgreSQL does not serve yet after {seconds:.0f} s: after a crash it may be "
                    f"replaying a long log. The data is kept, and it is waited for; "
                    f"{place.logs / 'postgres.log'} says how far it is."
                ) from error
            time.sleep(max(0.02, waited / 50))


def refuse_unsafe(place: Place) -> None:
    """Raises ServiceError unless what is committed survives a power cut."""
    with psycopg.connect(database_url(place)) as session:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            value = session.execute("select current_setting(%s)", [setting]).fetchone()
            if value != ("on",):
                raise ServiceError(
                    f"PostgreSQL runs with {setting}={value[0] if value else ''}, which loses "
                    "calls in a power cut; the data is kept. Undo it (ALTER ROLE ringback RESET "
                    f"{setting}; ALTER DATABASE ringback RESET {setting}) and start again."
                )


def stop_orphan(place: Place, seconds: float = 30) -> None:
    """Stop a server on our data that has lost its supervisor and its guard.

    Only the holder of the lock calls this, so nobody else can be using it. Raises
    ServiceError when it is still there after `seconds`.
    """
    data = place.servers / "postgres"
    deadline = time.monotonic() + seconds
    while pid := _running_on(data):
        if time.monotonic() > deadline:
            raise ServiceError(
                f"A PostgreSQL from an earlier start (process {pid}) still runs on {data}; its "
                f"data is kept. Stop it with `kill -INT {pid}` and start again."
            )
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, SIGINT)
        time.sleep(0.1)


def _running_on(data: Path) -> int | None:
    """The number in the data folder's pid file, if that process is a PostgreSQL on it."""
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if str(data) in command_line(pid) else None


def create_database(
    session: psycopg.Connection[tuple[object, ...]], name: str, template: str | None = None
) -> None:
    statement = sql.SQL("create database {}").format(sql.Identifier(name))
    if template:
        statement += sql.SQL(" template {}").format(sql.Identifier(template))
    session.execute(statement)


def drop_database(session: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    """Also while others are connected to it."""
    session.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _initialised(place: Place, postgres: Path, *, sync: bool) -> Path:
    data = place.servers / "postgres"
    if data.exists():
        _refuse_unfinished(data)
        _refuse_other_version(data, postgres_version(postgres))
        return data
    # Made beside and renamed when complete, so that `postgres` is whole or absent. No server
    # ever runs in `postgres.new`: what an interrupted start left there holds nothing.
    unfinished = data.with_name("postgres.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    make_folder(unfinished, 0o700, place.account)
    _initdb(place, postgres, unfinished, sync=sync)
    (unfinished / COMPLETE).write_text("Made by `ringback up`.\n")
    unfinished.rename(data)
    return data


def _refuse_unfinished(data: Path) -> None:
    if (data / COMPLETE).exists():
        return
    raise ServiceError(
        f"The data folder {data} was not made to the end (or not by `ringback up`), so PostgreSQL "
        f"was not started and nothing in it was changed. Move it away, for example with "
        f"`mv '{data}' '{data}.old'`, and start again: a new one is made."
    )


def _refuse_other_version(data: Path, version: int) -> None:
    made_by = (data / "PG_VERSION").read_text().strip()
    if made_by != str(version):
        raise ServiceError(
            f"The data in {data} was made by PostgreSQL {made_by} and this is {version}; nothing "
            f"was changed. Install PostgreSQL {made_by}, take a `ringback backup` with it, and "
            "`ringback restore` it into an empty data folder."
        )


def _initdb(place: Place, postgres: Path, folder: Path, *, sync: bool) -> None:
    """Raises ServiceError in one sentence; `folder` is then removed again."""
    argv = [str(postgres.parent / "initdb"), "-D", str(folder), "-U", ROLE, "--auth=peer"]
    argv += ["--encoding=UTF8", "--locale=C"]
    if postgres_version(postgres) >= BUILTIN_LOCALE_SINCE:
        # Letters of all alphabets compare without case, the same on every machine.
        argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if not sync:
        argv += ["--no-sync"]
    done = subprocess.run(  # noqa: S603 (a program that we found)
        argv,
        env=_env(),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        process_group=0,
        preexec_fn=die_with_parent,
        **place.account.popen,
    )
    if done.returncode == 0:
        return
    shutil.rmtree(folder, ignore_errors=True)
    (place.logs / "initdb.log").write_text(done.stdout)
    if "No space left on device" in done.stdout or "Disk quota exceeded" in done.stdout:
        raise ServiceError(
            f"The disk of {place.servers} is full: the database needs 60 MB to begin with. "
            "Nothing was kept of the attempt; make room, or set RINGBACK_HOME to another disk."
        )
    raise ServiceError(
        f"PostgreSQL could not make its data folder ({_reason(done.stdout)}); nothing was kept of "
        f"the attempt. The whole text is in {place.logs / 'initdb.log'}."
    )


def _write_access(place: Place) -> None:
    """Who may sign in: whoever runs us, and root, over the socket, as the kernel says."""
    _put(place.config / "pg_hba.conf", "local all all peer map=ringback\n")
    names = dict.fromkeys(user_name(uid) for uid in (os.geteuid(), 0))
    lines = [f'ringback "{name}" {ROLE}\n' for name in names]
    _put(place.config / "pg_ident.conf", "".join(lines))


def _put(path: Path, text: str) -> None:
    """Whole or not at all: on a full disk, nobody could sign in by an empty one."""
    if path.exists() and path.read_text() == text:
        return
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.write_text(text)
    unfinished.replace(path)


def _env() -> Mapping[str, str]:
    """Nothing of ours: secrets in our environment are not the server's business."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _reason(text: str) -> str:
    lines = [line for line in text.splitlines() if "error" in line.lower() or "FATAL" in line]
    return (lines or text.splitlines() or ["it said nothing"])[-1].strip()
