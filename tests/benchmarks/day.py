"""How long it takes to go through a day's calls at Twilio, most of which are known, and how much
memory: by the command that does it, `ringback reconcile`, in a process of its own."""

import os
import subprocess
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import func, select, text, update

from leads import Call, Installation, db
from tests.benchmarks.figures import DayOfCalls
from tests.benchmarks.installation import RINGBACK, NotMeasured
from tests.benchmarks.lists import DAY, lists
from tests.benchmarks.sender import Sender
from tests.conftest import forget_settings
from tests.services.running import ROOT

CALLERS = 10_000  # of tests/workers/provider.py: the last four digits
OVER = timedelta(hours=1)  # since the last of them, so that no webhook is on its way
# What is known of a call that rang and that nobody took: nothing is left to be asked.
KNOWN = """
SET LOCAL session_replication_role = replica;
SET LOCAL statement_timeout = '5min';
INSERT INTO phone (e164)
    SELECT '+1206555' || to_char(n, 'FM0000') FROM generate_series(0, {callers} - 1) n;
INSERT INTO lead (stage, relation, source, name, created_at, last_activity_at)
    SELECT 'new', 'prospect', '', '', now(), now() FROM generate_series(0, {callers} - 1);
INSERT INTO lead_phone SELECT id, id, true FROM lead;
INSERT INTO call (sid, lead_id, phone_id, tracking_number_id, direction, from_raw, to_raw, outcome,
    "returning", prompt_promises, started_at, dialled_at, dial_status, ended_at,
    follow_up_decided_at)
    SELECT 'CA' || lpad(to_hex(n), 32, '0'), n % {callers} + 1, n % {callers} + 1, 1, 'inbound',
    '+1206555' || to_char(n % {callers}, 'FM0000'), '+14254379974', 'missed', false, false, at, at,
    'no-answer', at + interval '30 s', at
    FROM generate_series(1, {calls}) n, LATERAL (SELECT CAST(:since AS timestamptz)
        + (n - 1) * interval '1 day' / {calls} AS at) began WHERE n % {each} <> 0;
INSERT INTO call_leg (sid, call_sid, practice_phone_id, asks_for_key, status)
    SELECT 'CAFF' || right(sid, 30), sid, 1, false, 'no-answer' FROM call;
ANALYZE
"""


def measure(sender: Sender, calls: int, missing: int) -> DayOfCalls:
    """Raises NotMeasured when not every call is there afterwards."""
    since = datetime.now(UTC).replace(microsecond=0) - DAY - OVER
    with sender.database(), lists(calls, since) as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWILIO_API_BASE", address)
        forget_settings()
        fill(calls, calls // missing, since)
        begun = time.monotonic()
        peak = _peak_of("reconcile", "--since", "26h")
        seconds = time.monotonic() - begun
        with db.transaction() as session:
            found = session.scalar(select(func.count()).select_from(Call))
        if found != calls:
            raise NotMeasured(f"Of {calls} calls, {found} are known after the comparison.")
        pages = httpx.get(f"{address}/asked", timeout=20).raise_for_status().json()
    return DayOfCalls(calls, calls // (calls // missing), seconds, peak, pages)


def fill(calls: int, each: int, since: datetime) -> None:
    """All calls but `each`-th ones are known, in an installation of before."""
    with db.transaction() as session:
        Installation.current(session)
        session.execute(update(Installation).values(created_at=since - DAY))
        told = {"callers": CALLERS, "calls": calls, "each": each}
        for statement in KNOWN.format(**told).split(";\n"):
            session.execute(text(statement), {"since": since} if ":since" in statement else {})


def _peak_of(*words: str) -> float:
    """Runs a command of ours to its end; the most memory that it ever had, in MB."""
    process = subprocess.Popen(  # noqa: S603 - our own command
        [RINGBACK, *words], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise NotMeasured(f"`ringback {' '.join(words)}` failed.")
    return used.ru_maxrss / 1024
