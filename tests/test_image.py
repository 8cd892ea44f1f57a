"""The Dockerfile, as far as it can be judged without a Docker engine: its install steps are run."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
# How this machine reaches package indexes, and where it keeps what it has fetched.
NETWORK = re.compile(r"(?i)HOME|(HTTPS?|NO|ALL)_PROXY|SSL_CERT_.*|(PIP|UV)_.*")


@pytest.fixture
def clean() -> Iterator[Path]:
    """A folder that is removed at once: 300 MB that no later look needs."""
    with TemporaryDirectory(prefix="ringback-image-") as folder:
        yield Path(folder)


def test_the_install_steps_make_a_command_that_runs(clean: Path) -> None:
    tools, app = clean / "tools", clean / "app"
    app.mkdir()
    run([sys.executable, "-m", "venv", tools], clean, os.environ)
    kept = {name: value for name, value in os.environ.items() if NETWORK.fullmatch(name)}
    path = {"PATH": os.pathsep.join([str(tools / "bin"), os.environ["PATH"]])}
    environment = {**kept, **path, "RINGBACK_HOME": str(clean)}
    for instruction, words in stage("app"):
        if instruction == "COPY":
            copy(words, app)
        elif instruction == "ENV":
            environment |= dict(pair.split("=", 1) for pair in shlex.split(words))
            # Half of the time, for files that are thrown away.
            environment["UV_COMPILE_BYTECODE"] = "0"
        elif instruction == "RUN":
            run(["/bin/sh", "-ec", words], app, environment)
    assert "migrate" in run([app / ".venv/bin/ringback", "--help"], clean, environment)


def test_everything_that_is_copied_reaches_the_build(clean: Path) -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    let_through = [Path(line[1:]) for line in ignored if line.startswith("!")]
    for words in re.findall(r"^COPY (?!--)(.*)", DOCKERFILE, re.MULTILINE):
        for source in copy(words, clean):
            assert any(source.is_relative_to(path) for path in let_through), source


def test_neither_data_nor_secrets_reach_the_build() -> None:
    first, *rest = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if not line.startswith("#")
    ]
    assert first == "*"
    assert not {"!.env", "!secrets", "!.ringback", "!.git"} & set(rest)


def test_the_image_fetches_the_same_uv_as_make() -> None:
    (version,) = re.findall(r"UV_VERSION=(\S+)", (ROOT / "tools/setup.sh").read_text())
    assert f"uv=={version}\n" in DOCKERFILE


def test_what_runs_is_not_root() -> None:
    assert "\nUSER ringback\n" in DOCKERFILE.split("\nFROM ")[-1]


def stage(name: str) -> list[tuple[str, str]]:
    """The instructions of one stage of the Dockerfile, each as (word, rest)."""
    text = re.sub(r"\\\n\s*", "", DOCKERFILE)
    (body,) = re.findall(rf"(?ms)^FROM \S+ AS {name}\n(.*?)(?=^FROM |\Z)", text)
    lines = [line for line in body.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def copy(words: str, app: Path) -> list[Path]:
    """What a clone has of COPY's sources, put below `app`; every source must be there."""
    *sources, target = words.split()
    assert target in {"./", *sources}, "the files keep their places"
    listed = run(["git", "ls-files", "-co", "--exclude-standard", "--", *sources], ROOT, os.environ)
    found = [Path(name) for name in listed.splitlines() if (ROOT / name).is_file()]
    for source in sources:
        assert any(path.is_relative_to(source) for path in found), f"{source} is in no clone"
    for path in found:
        (app / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, app / path)
    return found


def run(words: Sequence[str | Path], folder: Path, environment: Mapping[str, str]) -> str:
    """Its standard output; a failure shows what it said."""
    done = subprocess.run(  # noqa: S603 (our own words)
        words, cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout
