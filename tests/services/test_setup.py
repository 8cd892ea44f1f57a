"""What a newcomer reads when the machine is not ready: tools/setup.sh in an empty clone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.running import ROOT

TOOLS = ("sh", "cat", "tail", "sed", "dirname", "rm", "mv", "touch")


@pytest.fixture
def clone(folder: Path) -> Path:
    """The files that setup reads, and a PATH with nothing but the shell's own tools."""
    for name in ("pyproject.toml", "uv.lock", "ringback.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "tools", folder / "tools")
    (folder / "path").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (folder / "path" / tool).symlink_to(found)
    return folder


def setup(clone: Path, **environment: str) -> str:
    """The one sentence of a setup that must fail."""
    done = subprocess.run(  # noqa: S603 (our own words)
        ["/bin/sh", str(clone / "tools" / "setup.sh"), "run"],
        env={"PATH": str(clone / "path"), "HOME": str(clone), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def python3(clone: Path, script: str) -> None:
    program = clone / "path" / "python3"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_no_python_is_one_sentence(clone: Path) -> None:
    assert "There is no python3 here" in setup(clone)
    assert not (clone / ".venv").exists()


def test_an_old_python_is_one_sentence_with_its_version(clone: Path) -> None:
    python3(clone, 'case "$1" in --version) echo Python 3.9.2 ;; *) exit 1 ;; esac')
    assert "needs Python 3.11 or later and python3 is 3.9.2" in setup(clone)


def test_a_python_without_ensurepip_is_one_sentence(clone: Path) -> None:
    python3(
        clone,
        f'case "$*" in *ensurepip*) exit 1 ;; *) exec "{sys.executable}" "$@" ;; esac',
    )
    assert "cannot make virtual environments" in setup(clone)
    assert not (clone / ".venv").exists()


def test_no_network_is_one_sentence(clone: Path) -> None:
    python3(clone, f'exec "{sys.executable}" "$@"')
    told = setup(clone, PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_CONFIG_FILE=os.devnull)
    assert "uv could not be fetched" in told
    assert "Check the network" in told
