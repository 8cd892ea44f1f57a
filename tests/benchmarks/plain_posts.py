"""The least that sending can be: post, then one bare UPDATE. No checks, no lease, no opt-out.

`python -m tests.benchmarks.plain_posts` is one such process: it reads a `Share` and then a word to
begin from standard input. Killed between the two, it would text again.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import pairwise

import psycopg
import requests

from leads.settings import settings
from services.program import die_with_parent
from tests.benchmarks.backlog import BODY
from tests.benchmarks.installation import NotMeasured
from tests.benchmarks.sender import Sender
from tests.services.running import ROOT
from workers.twilio_api import TIMEOUT_SECONDS

AT_ONCE = 24  # of one process; each holds a database connection, and the server has a hundred
PATIENCE = 300  # seconds for all of them


@dataclass(frozen=True)
class Share:
    """The texts from `first` to before `last`, so many at once."""

    database_url: str
    address: str
    first: int
    last: int
    at_once: int


def made(sender: Sender, processes: int, texts: int) -> list[tuple[float, str]]:
    """When each was taken, and for whom; with as many processes as the workers."""
    url = settings().database_url
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("CREATE TABLE plain_text (id bigint PRIMARY KEY, state text NOT NULL)")
        session.execute(
            "INSERT INTO plain_text SELECT n, 'queued' FROM generate_series(1, %s) AS n", [texts]
        )
    bounds = [1 + texts * number // processes for number in range(processes + 1)]
    address = f"{sender.provider.address}/2010-04-01/Accounts/AC1/Messages.json"
    shares = [Share(url, address, first, last, AT_ONCE) for first, last in pairwise(bounds)]
    with ExitStack() as stack:
        running = [stack.enter_context(_ready(share)) for share in shares]
        for process in running:
            _tell(process, "go")
        if any(process.wait(PATIENCE) for process in running):
            raise NotMeasured("The plain posts failed.")
    return sender.provider.taken()


def _ready(share: Share) -> "subprocess.Popen[str]":
    """One that has its share, and is past its imports."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.plain_posts"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent,
    )
    _tell(process, json.dumps(asdict(share)))
    assert process.stdout is not None
    if not process.stdout.readline():
        raise NotMeasured("The plain posts did not start.")
    return process


def _tell(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def post_all(share: Share) -> None:
    """Each thread has an HTTP connection and a database connection of its own, kept open."""
    with ThreadPoolExecutor(share.at_once) as pool:
        done = [pool.submit(_post_every, share, start) for start in range(share.at_once)]
        for one in done:
            one.result()


def _post_every(share: Share, start: int) -> None:
    with (
        requests.Session() as http,
        psycopg.connect(share.database_url, autocommit=True) as session,
    ):
        for number in range(share.first + start, share.last, share.at_once):
            fields = {"To": f"+1206{2_000_000 + number}", "From": "+14254379974", "Body": BODY}
            http.post(share.address, fields, timeout=TIMEOUT_SECONDS).raise_for_status()
            session.execute("UPDATE plain_text SET state = 'sent' WHERE id = %s", [number])


def main() -> None:
    share = Share(**json.loads(sys.stdin.readline()))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    post_all(share)


if __name__ == "__main__":
    main()
