"""The servers that tests and benchmarks get, and what the product's own are like."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from services import Servers, ServiceError, local_servers, postgres, redis
from tests.services.running import ROOT, processes, wait_until

HOLD = """
from pathlib import Path
from services import local_servers
with local_servers(Path("held"), fsync=False):
    print("ready", flush=True)
    input()
"""


def ask(servers: Servers, statement: str, database: str = "ringback") -> object:
    with psycopg.connect(servers.database_url(database)) as session:
        row = session.execute(statement).fetchone()
        assert row is not None
        return row[0]


def test_postgresql_is_durable_private_and_speaks_utc(folder: Path) -> None:
    with local_servers(folder) as servers:
        postgres.refuse_unsafe(servers.place)
        assert ask(servers, "show fsync") == "on"
        assert ask(servers, "show listen_addresses") == ""
        assert ask(servers, "show timezone") == "UTC"
        assert ask(servers, "show server_encoding") == "UTF8"
        assert ask(servers, "select lower('MÜLLER')") == "müller"
        assert (
            ask(servers, "select count(*) from pg_hba_file_rules where auth_method <> 'peer'") == 0
        )
        assert ask(servers, "select count(*) from pg_hba_file_rules where type <> 'local'") == 0
        with psycopg.connect(servers.database_url(), autocommit=True) as session:
            session.execute("alter database ringback set synchronous_commit = off")
        with pytest.raises(ServiceError, match="synchronous_commit=off, which loses calls"):
            postgres.refuse_unsafe(servers.place)


def test_neither_rows_nor_statements_reach_the_log(servers: Servers) -> None:
    with psycopg.connect(servers.database_url(), autocommit=True) as session:
        session.execute("create table caller (phone text primary key)")
        session.execute("insert into caller values ('+14255550111')")
        with pytest.raises(psycopg.errors.UniqueViolation, match="4255550111"):
            session.execute("insert into caller values ('+14255550111')")
        session.execute("drop table caller")
    log = (servers.place.logs / "postgres.log").read_text()
    assert "duplicate key value" in log
    assert "4255550111" not in log


def test_redis_forgets_nothing_and_listens_on_its_socket_alone(servers: Servers) -> None:
    assert redis._ask(servers.place, "CONFIG", "GET", "appendonly")[-1] == "yes"
    assert redis._ask(servers.place, "CONFIG", "GET", "maxmemory-policy")[-1] == "noeviction"
    assert redis._ask(servers.place, "CONFIG", "GET", "port")[-1] == "0"
    assert redis._ask(servers.place, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru") == ["+OK"]
    try:
        with pytest.raises(ServiceError, match="maxmemory-policy allkeys-lru"):
            redis.wait_ready(servers.place, lambda: True)
    finally:
        redis._ask(servers.place, "CONFIG", "SET", "maxmemory-policy", "noeviction")


def test_a_database_is_copied_from_a_template_and_dropped_under_its_users(
    servers: Servers,
) -> None:
    servers.create_database("pattern")
    with psycopg.connect(servers.database_url("pattern")) as session:
        session.execute("create table told as select 7 as number")
    servers.create_database("copied", template="pattern")
    assert ask(servers, "select number from told", "copied") == 7
    with psycopg.connect(servers.database_url("copied")):
        servers.drop_database("copied")
        servers.drop_database("copied")
    servers.drop_database("pattern")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_killing_the_holder_stops_both_servers(folder: Path) -> None:
    with subprocess.Popen(  # noqa: S603 (our own words)
        [sys.executable, "-c", HOLD],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"ready\n"
        assert len(processes(str(folder))) >= 3
        holder.send_signal(signal.SIGKILL)
    wait_until(lambda: processes(str(folder)) == [])
