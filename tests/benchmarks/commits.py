"""What the database server itself can do: `pgbench`, one INSERT in each transaction."""

import os
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from services.binaries import find_postgres
from tests.benchmarks.installation import NotMeasured

DATABASE = "pgbench"
# About as much as one webhook's body, so that the log has as much to write.
SCRIPT = "INSERT INTO event (body) VALUES (repeat('x', 500));\n"


class Commits:
    """Bare commits on the server of `database_url`, in a database beside Ringback's own.

    We sign in as whoever runs us: that user alone, and root, may.
    """

    def __init__(self, database_url: str, folder: Path) -> None:
        """`folder` gets the script. Raises NotMeasured where there is no pgbench."""
        self._program = find_postgres().path.parent / "pgbench"
        if not self._program.is_file():
            raise NotMeasured(f"There is no pgbench beside {self._program.parent / 'postgres'}.")
        with psycopg.connect(database_url, autocommit=True) as session:
            session.execute(f"create database {DATABASE}")
        self._url = urlunsplit(urlsplit(database_url)._replace(path=f"/{DATABASE}"))
        with psycopg.connect(self._url, autocommit=True) as session:
            session.execute(
                "create table event (id bigint generated always as identity, body text)"
            )
            session.execute("alter table event add primary key (id)")
        self._script = folder / "one-insert.sql"
        self._script.write_text(SCRIPT)

    def per_second(self, clients: int, seconds: int) -> float:
        """Committed transactions a second, the time to connect left out."""
        threads = min(clients, os.cpu_count() or 1)
        done = subprocess.run(  # noqa: S603 (a program that we found, our own words)
            [
                *(str(self._program), "--no-vacuum", "--protocol=prepared"),
                *(f"--client={clients}", f"--jobs={threads}", f"--time={seconds}"),
                *(f"--file={self._script}", self._url),
            ],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds + 60,
        )
        found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
        if done.returncode or not found:
            raise NotMeasured(f"pgbench failed: {done.stderr.strip()}")
        return float(found[1])
