"""docs/install.md and deploy/, as far as they can be judged without systemd, Docker or a domain."""

import re
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from leads.settings import Settings
from tests.test_documents import ELSEWHERE, _check_command
from webhooks.app import app
from workers.twilio_numbers import ADDRESSES

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
GUIDE = (ROOT / "docs/install.md").read_text()
BACKUPS = (ROOT / "docs/backup.md").read_text()
BLOCKS = re.findall(r"(?s)```\w*\n(.*?)```", GUIDE + BACKUPS)
CODE = [line.strip() for block in BLOCKS for line in block.splitlines()]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
UNITS = sorted(path.name for path in DEPLOY.glob("*.service"))


def unit(name: str) -> RawConfigParser:
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # as systemd reads them
    parser.read(DEPLOY / name)
    return parser


def test_every_command_in_the_guide_exists_with_its_options() -> None:
    typed = r"(?:^|&& |/)ringback ([a-z][^#<>]+)"
    told = [found[1] for line in CODE if (found := re.search(typed, line))]
    told += re.findall(r"`ringback ([a-z][^`…]*)`", GUIDE + BACKUPS)
    assert len(told) > 20
    for words in told:
        _check_command(words.split())


def test_every_container_in_the_guide_exists_and_runs_commands_that_do() -> None:
    typed = r"docker compose (?:--profile live )?(run|exec|up)((?: -\S+)*)((?: [a-z][a-z-]*)+)"
    told = re.findall(typed, "\n".join(CODE) + "".join(re.findall(r"`[^`\n]+`", GUIDE + BACKUPS)))
    assert {verb for verb, _, _ in told} == {"run", "exec", "up"}
    for verb, _, rest in told:
        service, *words = rest.split()
        names = [service, *words] if verb == "up" else [service]
        assert set(names) <= set(COMPOSE), rest
        if verb != "up" and words:
            assert words[0] == "ringback"
            if words[1:]:
                _check_command(words[1:2])
    backups = {rest.split()[0] for verb, _, rest in told if verb == "run"}
    assert backups == {"live-backup"}, "no other container may write a backup or read one"


def test_no_command_on_the_service_goes_past_its_user_and_folder() -> None:
    """In a clone's folder `.venv/bin/ringback` would take `.ringback`, where there is no data."""
    assert ".venv/bin/ringback" not in GUIDE
    for line in CODE:
        if ".venv/bin/ringback" in line:
            assert line.startswith(("RINGBACK_HOME=/tmp/try ", "30 2 * * * cd /home/you/ringback"))


def test_the_key_of_the_backups_is_made_away_from_them() -> None:
    made = [line for line in CODE if "backup-key" in line]
    assert len(made) == 2
    for line in made:
        assert re.search(r"ringback backup-key - > ~/ringback\.key\)", line), line


def test_every_setting_in_the_guide_exists() -> None:
    named = {found[1] for line in CODE if (found := re.match(r"([A-Z][A-Z_]+)=", line))}
    named |= set(re.findall(r"`((?:TWILIO|SMTP|ALERT|DEAD|PUBLIC|DASHBOARD)_[A-Z_]+)`", GUIDE))
    assert named <= {name.upper() for name in Settings.model_fields} | ELSEWHERE
    assert "DEAD_MANS_URL" in named


def test_every_file_that_the_guide_copies_is_there() -> None:
    copied = re.findall(r"\b(?:cp|install -m 755) ((?:[\w./-]+ )+)/(?:etc|usr)", GUIDE)
    names = {Path(word).name for words in copied for word in words.split()}
    assert {"Caddyfile", "ringback.service", "ringback", "cloudflared.yml"} <= names
    for name in names:
        assert (DEPLOY / name).exists(), name


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_runs_a_command_that_exists_as_the_service_user(name: str) -> None:
    service = unit(name)["Service"]
    program, *words = service["ExecStart"].split()
    assert program == "/opt/ringback/app/.venv/bin/ringback"
    _check_command([word.replace("--no-", "--") for word in words if not word.startswith("$")])
    assert service["User"] == "ringback"
    assert service["WorkingDirectory"] == "/opt/ringback/app"
    assert service["Environment"] == "RINGBACK_HOME=/var/lib/ringback"
    assert service["NoNewPrivileges"] == "yes"


def test_the_service_never_gives_up() -> None:
    whole = unit("ringback.service")
    assert whole["Service"]["Restart"] == "always"
    assert whole["Unit"]["StartLimitIntervalSec"] == "0"
    assert whole["Service"]["KillMode"] == "mixed"


def test_systemd_would_take_the_units(tmp_path: Path) -> None:
    """Where its own checker is installed; the program and the user are not there to be found."""
    analyze = shutil.which("systemd-analyze")
    for path in [*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")]:
        text = path.read_text().replace("/opt/ringback/app/.venv/bin/ringback", "/bin/true")
        (tmp_path / path.name).write_text(text.replace("=ringback\n", "=nobody\n", 1))
    if analyze:
        words = [analyze, "verify", *map(str, tmp_path.iterdir())]
        done = subprocess.run(words, check=False, capture_output=True, text=True)  # noqa: S603
        complaints = [line for line in done.stderr.splitlines() if "Special user" not in line]
        assert (done.returncode, complaints) == (0, [])


def test_the_wrapper_is_a_shell_script_that_passes_its_words_on() -> None:
    wrapper = DEPLOY / "ringback"
    subprocess.run(["/bin/sh", "-n", str(wrapper)], check=True)  # noqa: S603 (our own words)
    assert wrapper.stat().st_mode & 0o111
    assert '"$@"' in wrapper.read_text()


def test_the_tunnel_shows_what_the_proxy_shows() -> None:
    rules = yaml.safe_load((DEPLOY / "cloudflared.yml").read_text())["ingress"]
    assert rules[-1] == {"service": "http_status:404"}
    public = re.compile(rules[0]["path"])
    for path in ("/webhooks/twilio/voice", "/webhooks/twilio/sms/status", "/health"):
        assert public.search(path), path
    for path in ("/metrics", "/ready", "/", "/healthy", "/x/webhooks/"):
        assert not public.search(path), path


def test_every_address_that_twilio_is_told_exists() -> None:
    paths = {route.path for route in _routes(app)}
    for _, path in ADDRESSES.values():
        assert path in paths, path
    assert "/webhooks/twilio/check" in paths


def _routes(application: Any) -> list[Any]:
    found: list[Any] = []
    for route in application.routes:
        inner = getattr(getattr(route, "original_router", None), "routes", None)
        found += inner or ([route] if hasattr(route, "path") else [])
    return found
