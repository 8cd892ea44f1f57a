"""Voice webhooks beside bare commits: the same server, the same clients, by turns."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict

from tests.benchmarks.commits import Commits
from tests.benchmarks.figures import Round, percentile
from tests.benchmarks.installation import Installation, NotMeasured
from tests.benchmarks.voice_load import Load, Plan
from tests.services.running import ROOT


def measure(
    place: Installation, connections: Sequence[int], rounds: int, seconds: int
) -> dict[int, list[Round]]:
    """Rounds by number of connections. They alternate, so that a slow minute of the machine
    falls on webhooks and commits alike. Raises NotMeasured when a call was not rung."""
    commits = Commits(place.told["DATABASE_URL"], place.folder)
    found: dict[int, list[Round]] = {count: [] for count in connections}
    first = 0
    for _ in range(rounds):
        for count in connections:
            load = _ring(place, count, seconds, first)
            first += 10_000
            found[count].append(
                Round(
                    requests_per_second=len(load.latencies_ms) / load.seconds,
                    p50_ms=percentile(load.latencies_ms, 0.5),
                    p99_ms=percentile(load.latencies_ms, 0.99),
                    commits_per_second=commits.per_second(count, seconds),
                )
            )
    return found


def _ring(place: Installation, connections: int, seconds: float, first: int) -> Load:
    plan = Plan(
        address=f"http://127.0.0.1:{place.ports['WEBHOOKS']}",
        public_url=place.told["PUBLIC_URL"],
        account_sid=place.told["TWILIO_ACCOUNT_SID"],
        token=place.told["TWILIO_AUTH_TOKEN"],
        connections=connections,
        seconds=seconds,
        first=first,
    )
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.voice_load"],
        input=json.dumps(asdict(plan)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + 60,
    )
    if done.returncode:
        raise NotMeasured(f"The load could not be sent: {done.stderr.strip().splitlines()[-1]}.")
    load = Load(**json.loads(done.stdout))
    if load.failures:
        raise NotMeasured(
            f"{len(load.failures)} of {len(load.latencies_ms)} calls did not ring the practice. "
            f"The first answer was: {load.failures[0]}"
        )
    return load
