from dataclasses import replace
from pathlib import Path

import pytest

from services import place, up_env
from services.place import Place


@pytest.fixture
def where(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A data folder; a working folder without a .env; no settings in the environment."""
    monkeypatch.chdir(folder)
    for name in (
        *("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL", "DASHBOARD_URL"),
        *("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_BASE"),
    ):
        monkeypatch.delenv(name, raising=False)
    return place.prepare(folder / "home")


def written(where: Place) -> dict[str, str]:
    up_env.write(up_env.values(up_env.configured(), where), where)
    lines = (where.home / "up.env").read_text().splitlines()[1:]
    return dict(line.split("=", 1) for line in lines)


def test_a_trial_gets_an_account_and_the_sandbox_as_its_twilio(where: Place) -> None:
    found = written(where)
    assert up_env.is_trial(up_env.configured())
    assert found["TWILIO_ACCOUNT_SID"][:2] == "AC"
    assert len(found["TWILIO_ACCOUNT_SID"]) == 34
    assert found["TWILIO_API_BASE"] == "http://127.0.0.1:8002"
    settings = up_env.effective(where)
    assert settings.mode == "trial"
    assert settings.database_url.startswith("postgresql://ringback@/ringback?host=")


def test_secrets_stay_the_same_over_restarts(where: Place) -> None:
    assert written(where) == written(where)


def test_a_new_clone_finds_the_secrets_beside_data_that_lies_elsewhere(
    where: Place, folder: Path
) -> None:
    (folder / "shelter").mkdir()
    sheltered = replace(where, servers=folder / "shelter")
    first = written(sheltered)
    (where.home / "up.env").unlink()
    assert written(sheltered) == first


def test_a_real_account_gets_neither_the_sandbox_nor_the_trials_token(
    where: Place, folder: Path
) -> None:
    trial = written(where)
    (folder / ".env").write_text(f"TWILIO_ACCOUNT_SID=AC{'0' * 32}\n")
    found = written(where)
    assert not up_env.is_trial(up_env.configured())
    assert not [name for name in found if name.startswith("TWILIO_")]
    assert up_env.effective(where).mode == "live"
    assert up_env.effective(where).twilio_auth_token.get_secret_value() == ""
    (folder / ".env").unlink()
    assert written(where) == trial  # the way back leads to the same database


def test_servers_of_ones_own_are_not_written_over(
    where: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@db/ringback")
    monkeypatch.setenv("WEBHOOKS_PORT", "9001")
    found = written(where)
    assert "DATABASE_URL" not in found
    assert found["WEBHOOKS_PORT"] == "9001"
    assert found["PUBLIC_URL"] == "http://127.0.0.1:9001"
