from pathlib import Path

import pytest

from services import ServiceError, procfile
from tests.services.running import ROOT


def test_variables_are_filled_in_and_stay_one_word() -> None:
    words = procfile.argv("run --port ${PORT:-80} '--name' ${NAME}", {"NAME": "a b; c"})
    assert words == ["run", "--port", "80", "--name", "a b; c"]
    assert procfile.argv("run ${PORT:-80}", {"PORT": "81"}) == ["run", "81"]


def test_a_variable_without_value_is_named() -> None:
    with pytest.raises(ServiceError, match="asks for PORT, which is not set"):
        procfile.argv("run ${PORT}", {})


@pytest.mark.parametrize("line", ["no colon", "web:", "a b: c"])
def test_an_unreadable_line_is_named(folder: Path, line: str) -> None:
    (folder / "Procfile").write_text(f"# comment\n\nweb: run\n{line}\n")
    with pytest.raises(ServiceError, match="Line 4 of"):
        procfile.read(folder / "Procfile")


def test_the_procfile_of_the_repository_runs_every_process_quietly() -> None:
    commands = procfile.read(ROOT / "Procfile")
    assert list(commands) == ["webhooks", "dashboard", "worker", "beat", "sandbox"]
    for name in ("webhooks", "dashboard", "sandbox"):
        assert "--no-access-log" in procfile.argv(commands[name], {})
