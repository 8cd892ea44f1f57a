"""What the documents say exists, does."""

import re
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

import ringback
from leads.settings import Settings
from services import procfile

ROOT = Path(__file__).parent.parent
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
README = (ROOT / "README.md").read_text()
CODE = re.findall(r"(?s)```\w*\n(.*?)```|`([^`\n]+)`", README)
LINES = [line.strip() for block, inline in CODE for line in (block or inline).splitlines()]
# Read by something else than Settings.
ELSEWHERE = {"RINGBACK_HOME", "BACKUP_RECIPIENT", "BACKUP_FOLDER"}
A_PAGE = 60  # lines


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if not re.match(r"[a-z]+:|#", target):
            assert (path.parent / target.partition("#")[0]).exists(), target


def test_every_make_target_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in DOCUMENTS:
        named = set(re.findall(r"(?:^|`)make ([a-z]+)", path.read_text(), re.MULTILINE))
        assert named <= targets, path


def test_every_command_in_the_readme_exists_with_its_options() -> None:
    told = [
        found[1]
        for line in LINES
        if (found := re.search(r"(?:^|[/(]|exec [a-z-]+ )ringback ([^#)]+)", line))
    ]
    assert len(told) > 8
    for words in told:
        _check_command(words.split())


def _check_command(words: list[str]) -> None:
    command = typer.main.get_command(ringback.app)
    while isinstance(command, TyperGroup):
        name = words.pop(0)
        assert name in command.commands, name
        command = command.commands[name]
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_every_setting_in_the_readme_exists() -> None:
    known = {name.upper() for name in Settings.model_fields}
    named = {
        name.removesuffix("_FILE")
        for line in LINES
        for name in re.findall(r"(?:^|export |`)([A-Z][A-Z_]+)(?==|$)", line)
    }
    assert {"PUBLIC_URL", "TWILIO_AUTH_TOKEN"} <= named <= known | ELSEWHERE


def test_every_setting_in_the_example_exists() -> None:
    example = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^# ([A-Z_]+)=", example, re.MULTILINE))
    assert named <= {name.upper() for name in Settings.model_fields} | ELSEWHERE


def test_the_architecture_names_every_process() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    for name in procfile.read(ROOT / "Procfile"):
        assert f"\n| {name} |" in text


def test_the_architecture_names_every_table() -> None:
    from leads.db import Base

    text = (ROOT / "ARCHITECTURE.md").read_text()
    named = set(re.findall(r"`([a-z_]+)`", text.partition("## What is in which table")[2]))
    assert named == set(Base.metadata.tables)


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name.partition("-")[0]) for path in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))
    for number, path in zip(numbers, DECISIONS, strict=True):
        assert path.read_text().startswith(f"# {number}. ")


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_a_page_with_its_alternatives(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= A_PAGE
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "Context",
        "Decision",
        "Alternatives",
        "When to think again",
    ]


def test_the_product_is_never_called_what_nobody_has_checked() -> None:
    for path in DOCUMENTS:
        text = path.read_text()
        assert not re.search(r"(?i)\b(HIPAA|TCPA)\b|\bcompliant\b", text), path
