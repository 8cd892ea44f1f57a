"""What the system says about processes that are not our children."""

import subprocess
from pathlib import Path


def command_line(pid: int) -> str:
    """The words of a living process, or "" when there is none."""
    try:
        return (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        )
    except OSError:
        if Path("/proc/self").exists():
            return ""
    # macOS and the BSDs
    words = ["/bin/ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout  # noqa: S603 (a number)


def who_listens(port: int) -> str:
    """Name and number of the process that listens on a TCP port, where Linux tells; else ""."""
    inodes = {
        f"socket:[{row[9]}]"
        for row in _tcp_rows()
        if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port  # 0A: it listens
    }
    for folder in Path("/proc").glob("[0-9]*/fd"):
        try:
            if any(str(entry.readlink()) in inodes for entry in folder.iterdir()):
                name = (folder.parent / "comm").read_text().strip()
                return f"{name} (process {folder.parent.name})"
        except OSError:  # another user's process, or one that has just ended
            continue
    return ""


def _tcp_rows() -> list[list[str]]:
    rows = []
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        try:
            rows += [line.split() for line in table.read_text().splitlines()[1:]]
        except OSError:
            continue
    return rows
