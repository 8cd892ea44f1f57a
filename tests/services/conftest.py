"""A folder that the servers' user can enter."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """Below /tmp and open to all: pytest's own folders are closed to root's `nobody`."""
    path = Path(tempfile.mkdtemp(prefix="ringback test "))  # a space, as people have them
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)
