"""docker-compose.yml, as far as it can be judged without a Docker engine: nothing is started."""

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from leads.settings import Settings
from services import procfile
from tests.test_documents import _check_command

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PROCFILE = procfile.read(ROOT / "Procfile")
LIVE = {name for name, service in SERVICES.items() if service.get("profiles") == ["live"]}
TRIAL = {name for name, service in SERVICES.items() if "profiles" not in service}
OURS = {name for name, service in SERVICES.items() if service["image"] == "ringback"}
CADDYFILE = (ROOT / "deploy/Caddyfile").read_text()
SECRET = re.compile(r"PASSWORD|TOKEN|SECRET_KEY|DATABASE_URL|REDIS_URL|SMTP_URL|ACCOUNT_SID")
NOT_SECRET = {"TWILIO_ACCOUNT_SID", "TWILIO_MESSAGING_SERVICE_SID"}


def test_the_file_is_what_the_compose_specification_asks_for() -> None:
    schema = json.loads((ROOT / "tests/compose_spec/compose-spec.json").read_text())
    jsonschema.Draft7Validator(schema).validate(COMPOSE)


def test_every_service_is_of_the_trial_or_of_the_live_profile() -> None:
    assert set(SERVICES) == LIVE | TRIAL
    assert {name for name in SERVICES if name.split("-")[0] == "live"} == LIVE


@pytest.mark.parametrize("name", PROCFILE)
def test_a_service_runs_the_same_command_as_the_procfile(name: str) -> None:
    wanted = procfile.argv(PROCFILE[name], {})
    assert shlex.split(SERVICES[name]["command"]) == wanted
    if name != "sandbox":
        assert shlex.split(SERVICES[f"live-{name}"]["command"]) == wanted


def test_there_is_no_sandbox_beside_the_real_twilio() -> None:
    assert not any("sandbox" in json.dumps(SERVICES[name]) for name in LIVE)
    assert SERVICES["live-worker"]["environment"]["TWILIO_API_BASE"] == "https://api.twilio.com"
    assert SERVICES["worker"]["environment"]["TWILIO_API_BASE"] == "http://sandbox:8002"


def test_only_https_can_be_reached_from_outside() -> None:
    published = {name: port for name, s in SERVICES.items() for port in s.get("ports", [])}
    public = {name for name, port in published.items() if not port.startswith("127.0.0.1:")}
    assert public == {"live-https"}
    assert set(published) == {
        "webhooks",
        "dashboard",
        "sandbox",
        "live-webhooks",
        "live-dashboard",
        "live-https",
    }


def test_https_is_only_there_where_it_is_named() -> None:
    """Whoever has a proxy or a tunnel has the ports 80 and 443 taken."""
    assert not any("live-https" in s.get("depends_on", {}) for s in SERVICES.values())


def test_the_proxy_leads_to_our_services() -> None:
    https = SERVICES["live-https"]["environment"]
    for name, place in (("live-webhooks", "WEBHOOKS_AT"), ("live-dashboard", "DASHBOARD_AT")):
        port = SERVICES[name]["ports"][0].rpartition(":")[2]
        assert https[place] == f"{name}:{port}"
        assert SERVICES[name]["networks"] == ["live-inside", "live"]
    assert set(re.findall(r"\{\$([A-Z_]+):", CADDYFILE)) == set(https)
    assert "./deploy/Caddyfile:/etc/caddy/Caddyfile:ro" in SERVICES["live-https"]["volumes"]


def test_of_the_public_name_only_what_twilio_needs_exists() -> None:
    assert re.findall(r"@public path (.*)", CADDYFILE) == ["/webhooks/* /health"]
    assert "respond 404" in CADDYFILE


def test_every_setting_reaches_the_real_twilios_services() -> None:
    told = {name.removesuffix("_FILE") for name in SERVICES["live-worker"]["environment"]}
    ports = {"WEBHOOKS_PORT", "DASHBOARD_PORT", "SANDBOX_PORT"}  # of this machine, not in there
    assert {name.upper() for name in Settings.model_fields} - told == ports


def test_a_backup_goes_to_a_folder_of_the_host_and_waits_for_no_migration() -> None:
    """What a migration writes by itself would stand in a restore's way."""
    service = SERVICES["live-backup"]
    *_, script = service["command"]
    words = shlex.split(script.replace("$$", "$"))
    assert words[:3] == ["exec", "ringback", "backup"]
    _check_command(words[2:])
    (volume,) = service["volumes"]
    assert words[-1] == volume["target"] == "/backups"
    assert volume["bind"] == {"create_host_path": False}
    assert set(service["depends_on"]) == {"live-postgres"}
    for name in OURS - {"live-backup"}:
        assert "/backups" not in json.dumps(SERVICES[name]), name


def test_a_backup_without_a_key_says_what_is_missing() -> None:
    script = SERVICES["live-backup"]["command"][-1].replace("$$", "$")
    done = subprocess.run(["/bin/sh", "-c", script], env={}, capture_output=True, text=True)  # noqa: S603 (our own words; it fails)
    assert done.returncode != 0
    assert "BACKUP_RECIPIENT: is not set in .env" in done.stderr


@pytest.mark.parametrize("prefix", ["", "live-"])
def test_calls_that_are_kept_during_an_outage_outlive_the_container(prefix: str) -> None:
    kept = f"{prefix or 'trial-'}spool"
    assert f"{kept}:/var/lib/ringback" in SERVICES[f"{prefix}webhooks"]["volumes"]
    assert kept in COMPOSE["volumes"]


def test_the_trial_and_the_real_twilio_share_nothing() -> None:
    assert not used(TRIAL, "networks") & used(LIVE, "networks")
    assert not volumes(TRIAL) & volumes(LIVE)
    assert not any("secrets" in SERVICES[name] for name in TRIAL)
    for mine in (TRIAL, LIVE):
        assert {needed for name in mine for needed in SERVICES[name].get("depends_on", {})} <= mine


def test_databases_have_no_way_out() -> None:
    for name in ("postgres", "redis", "live-postgres", "live-redis"):
        (network,) = SERVICES[name]["networks"]
        assert COMPOSE["networks"][network] == {"internal": True}


@pytest.mark.parametrize("name", SERVICES)
def test_a_secret_is_a_file_and_never_in_the_environment(name: str) -> None:
    environment = SERVICES[name].get("environment", {})
    told = {key for key in environment if SECRET.search(key)} - NOT_SECRET
    assert all(key.endswith("_FILE") for key in told)
    files = {environment[key].removeprefix("/run/secrets/") for key in told}
    if name in LIVE:
        assert files <= {*SERVICES[name].get("secrets", []), *(files if name == "live" else ())}
        assert all("file" in COMPOSE["secrets"][secret] for secret in files)
    elif files:
        assert "trial-secrets:/run/secrets:ro" in SERVICES[name]["volumes"]


def test_every_process_waits_for_the_tables() -> None:
    for prefix in ("", "live-"):
        for name in PROCFILE:
            service = SERVICES.get(prefix + name)
            if service:
                assert service["depends_on"][f"{prefix}migrate"] == {
                    "condition": "service_completed_successfully"
                }


def test_what_can_be_asked_for_its_health_is() -> None:
    for name, service in SERVICES.items():
        lasting = service["restart"] != "no" and not name.endswith("beat")
        assert ("healthcheck" in service) == lasting, name


def test_our_processes_have_no_rights_that_they_do_not_need() -> None:
    for name in OURS:
        assert SERVICES[name]["read_only"], name
        assert SERVICES[name]["cap_drop"] == ["ALL"], name


def test_redis_forgets_nothing() -> None:
    words = shlex.split(SERVICES["redis"]["command"])
    assert words[words.index("--appendonly") + 1] == "yes"
    assert words[words.index("--maxmemory-policy") + 1] == "noeviction"


@pytest.mark.parametrize("mode", ["trial", "live"])
def test_the_secrets_that_are_made_are_those_that_are_read(mode: str, tmp_path: Path) -> None:
    names = LIVE if mode == "live" else TRIAL
    make_secrets(tmp_path, mode)
    read = {
        value.removeprefix("/run/secrets/")
        for name in names
        for key, value in SERVICES[name].get("environment", {}).items()
        if key.endswith("_FILE")
    }
    by_hand = {"twilio_auth_token"} if mode == "live" else set()
    assert read - by_hand <= {path.name for path in tmp_path.iterdir()}
    host = (tmp_path / "database_url").read_text().partition("@")[2].partition("/")[0]
    assert host in names


def test_making_the_secrets_again_changes_none(tmp_path: Path) -> None:
    make_secrets(tmp_path, "trial")
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}
    make_secrets(tmp_path, "trial")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == before
    assert (tmp_path / "redis_password").read_text() in (tmp_path / "redis.conf").read_text()


def test_the_folder_of_the_live_secrets_is_closed_to_others(tmp_path: Path) -> None:
    make_secrets(tmp_path / "secrets", "live")
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def make_secrets(folder: Path, mode: str) -> None:
    words = ["/bin/sh", str(ROOT / "docker/secrets.sh"), str(folder), mode]
    subprocess.run(words, check=True, capture_output=True)  # noqa: S603 (our own words)


def used(names: set[str], key: str) -> set[str]:
    return {value for name in names for value in SERVICES[name].get(key, [])}


def volumes(names: set[str]) -> set[str]:
    return {
        volume.partition(":")[0]
        for name in names
        for volume in SERVICES[name].get("volumes", [])
        if isinstance(volume, str)
    }


def test_neither_mail_nor_a_second_token_is_needed(tmp_path: Path) -> None:
    """Compose does not start when a file that it names is missing."""
    make_secrets(tmp_path / "secrets", "live")
    for name in ("smtp_url", "twilio_auth_token_secondary"):
        assert (tmp_path / "secrets" / name).read_text() == ""
