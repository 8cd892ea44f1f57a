"""The memory of everything that one `ringback up` has started, as Linux accounts for it."""

from collections import defaultdict
from pathlib import Path

from tests.benchmarks.figures import Share
from tests.benchmarks.installation import NotMeasured

PROC = Path("/proc")
# A word of the command line, and the name by which people know that process.
NAMES = {
    "webhooks.app:app": "webhooks",
    "leads.dashboard.app:app": "dashboard",
    "webhooks.sandbox.app:app": "sandbox",
    "worker": "worker",
    "beat": "beat",
    "guard.py": "guard",
    "postgres": "PostgreSQL",
    "valkey-server": "Redis",
    "redis-server": "Redis",
    "up": "ringback up",
}


def measure(supervisor: int) -> list[Share]:
    """One share for each kind of process at or below process number `supervisor`.

    Raises NotMeasured where the system has no /proc/*/smaps_rollup.
    """
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    parents = _parents()
    for pid in parents:
        if supervisor in _ancestry(pid, parents):
            try:
                found[_name(pid)].append(_megabytes(pid))
            except OSError as error:
                if (PROC / str(pid)).exists():
                    raise NotMeasured(
                        f"The memory of process {pid} cannot be read: {error}."
                    ) from error
    shares = [
        Share(name, len(each), sum(rss for rss, _ in each), sum(pss for _, pss in each))
        for name, each in found.items()
    ]
    return sorted(shares, key=lambda share: -share.pss_mb)


def _parents() -> dict[int, int]:
    """The parent of every process there is."""
    found = {}
    for entry in PROC.glob("[0-9]*"):
        try:
            found[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has just ended
            continue
    return found


def _ancestry(pid: int, parents: dict[int, int]) -> list[int]:
    line = [pid]
    while parent := parents.get(line[-1]):
        line.append(parent)
    return line


def _name(pid: int) -> str:
    """PostgreSQL's children write words of their own over their command lines."""
    words = (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace")
    known = {Path(word.rstrip(":")).name for word in words.replace("\0", " ").split()}
    return next((name for word, name in NAMES.items() if word in known), "other")


def _megabytes(pid: int) -> tuple[float, float]:
    """RSS and PSS."""
    rows = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {
        name: int(rest.split()[0]) for name, _, rest in (row.partition(":") for row in rows)
    }
    return kilobytes["Rss"] / 1024, kilobytes["Pss"] / 1024
