"""A process's whole output, in a file that cannot fill the disk."""

from pathlib import Path

LIMIT = 5_000_000  # bytes; one older file of the same size is kept


class LogFile:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab", buffering=0)

    def write(self, chunk: bytes) -> None:
        """A full disk loses log lines and nothing else."""
        try:
            if self._file.tell() + len(chunk) > LIMIT:
                self._file.close()
                self.path.replace(self.path.with_suffix(".log.1"))
                self._file = self.path.open("ab", buffering=0)
            self._file.write(chunk)
        except (OSError, ValueError):
            return

    def close(self) -> None:
        self._file.close()
