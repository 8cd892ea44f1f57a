"""Play and the real thing never share a database; practice time moves in play only."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from leads import Installation, Practice, clock, first_day, migrations
from leads.clock import ClockIsReal
from leads.db import database_time
from leads.installation import WrongInstallation
from leads.settings import Settings, settings
from tests.conftest import TUESDAY_TEN, forget_settings


@pytest.mark.parametrize(
    ("base", "mode"),
    [
        ("https://api.twilio.com", "live"),
        ("https://API.Twilio.COM.", "live"),
        ("https://lookups.twilio.com/", "live"),
        ("http://127.0.0.1:8002", "trial"),
        ("http://sandbox:8002", "trial"),
        ("https://twilio.com.example.net", "trial"),
    ],
)
def test_any_twilio_host_is_live(base: str, mode: str) -> None:
    assert Settings(twilio_api_base=base).mode == mode


def test_a_database_refuses_another_account(
    session: Session, environment: pytest.MonkeyPatch
) -> None:
    assert Installation.current(session).mode == "trial"
    with environment.context() as patch:
        patch.setenv("TWILIO_ACCOUNT_SID", "AC" + "9" * 32)
        settings.cache_clear()
        with pytest.raises(WrongInstallation, match="Nothing was changed"):
            Installation.current(session)
    settings.cache_clear()


def test_a_trial_database_refuses_to_go_live(
    database: str, environment: pytest.MonkeyPatch
) -> None:
    with environment.context() as patch:
        patch.setenv("DATABASE_URL", database)
        patch.setenv("TWILIO_API_BASE", "https://api.twilio.com")
        forget_settings()
        with pytest.raises(WrongInstallation, match="trial"):
            migrations.upgrade()
    forget_settings()


def test_migrating_twice_changes_nothing(database: str) -> None:
    assert database
    migrations.upgrade()
    migrations.upgrade()


def test_practice_time_moves_goes_on_and_comes_back(session: Session) -> None:
    clock.set_to(session, TUESDAY_TEN)
    assert timedelta() <= clock.now(session) - TUESDAY_TEN < timedelta(seconds=5)
    clock.advance(session, timedelta(hours=26))
    assert clock.now(session) > TUESDAY_TEN + timedelta(hours=26)
    clock.reset(session)
    assert abs(clock.now(session) - database_time(session)) < timedelta(seconds=5)


def test_live_practice_time_is_real_time(session: Session, environment: pytest.MonkeyPatch) -> None:
    clock.reset(session)
    session.execute(update(Installation).values(mode="live"))
    session.expire_all()
    with environment.context() as patch:
        patch.setenv("TWILIO_API_BASE", "https://api.twilio.com")
        settings.cache_clear()
        with pytest.raises(ClockIsReal):
            clock.advance(session, timedelta(hours=1))
    settings.cache_clear()


def test_a_trial_begins_with_the_first_clinic(session: Session) -> None:
    practice = Practice.get(session)
    assert (practice.name, practice.phone) == ("Back In Balance Chiropractic", "+14254379974")
    assert practice.hours.is_open(TUESDAY_TEN)
    practice.name = "Another"
    first_day.begin(session)
    assert practice.name == "Another"


def test_a_secret_can_come_from_a_file(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("from a file\n")
    with environment.context() as patch:
        patch.delenv("TWILIO_AUTH_TOKEN")
        patch.setenv("TWILIO_AUTH_TOKEN_FILE", str(tmp_path / "token"))
        assert Settings().twilio_auth_token.get_secret_value() == "from a file"


def test_a_database_address_of_another_kind_is_refused_in_words() -> None:
    from leads.settings import SettingsError

    with pytest.raises(SettingsError, match="not a PostgreSQL address"):
        assert Settings(database_url="mysql://x").sqlalchemy_url
    with pytest.raises(SettingsError, match="empty"):
        assert Settings(database_url="").sqlalchemy_url
