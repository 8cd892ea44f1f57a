"""What this installation was told: the environment, `.env`, and what `ringback up` wrote down.

Strongest first: the environment, a secret's `…_FILE`, `.env` in the working folder, and
`up.env` in the data folder. `ringback up` writes the last one (0600), so that every other
command finds the servers that `up` started without being told.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

UP_ENV = "up.env"


def home() -> Path:
    """The data folder: `RINGBACK_HOME`, else `.ringback` in the working folder."""
    return Path(os.environ.get("RINGBACK_HOME") or ".ringback")


class SecretFiles(PydanticBaseSettingsSource):
    """Reads `NAME_FILE` for every setting, the way container platforms hand over secrets."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - the base class's signature
        path = os.environ.get(f"{field_name.upper()}_FILE")
        return (Path(path).read_text().strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        values = (
            self.get_field_value(field, name)
            for name, field in self.settings_cls.model_fields.items()
        )
        return {name: value for value, name, _ in values if value is not None}


class Settings(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    database_url: str = ""
    redis_url: str = ""
    secret_key: SecretStr = SecretStr("")
    public_url: str = "http://127.0.0.1:8001"
    dashboard_url: str = "http://127.0.0.1:8000"
    webhooks_port: int = 8001
    dashboard_port: int = 8000
    sandbox_port: int = 8002
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_auth_token_secondary: SecretStr = SecretStr("")
    twilio_api_base: str = "https://api.twilio.com"
    twilio_messaging_service_sid: str = ""
    fallback_phone: str = ""  # rings when nothing is known of the practice, not even from before
    # Static documents at Twilio, for when we do not answer: one rings the practice, and the other
    # is for numbers to which its carrier forwards.
    twilio_voice_fallback_url: str = ""
    twilio_overflow_fallback_url: str = ""
    smtp_url: SecretStr = SecretStr("")  # with a password in it
    smtp_from: str = ""
    alert_webhook_url: SecretStr = SecretStr("")  # such an address is all that its holder needs
    dead_mans_url: SecretStr = SecretStr("")

    @property
    def mode(self) -> str:
        """`live` for any twilio.com host, `trial` for everything else: see docs/decisions."""
        host = (urlsplit(self.twilio_api_base).hostname or "").rstrip(".")
        return "live" if host == "twilio.com" or host.endswith(".twilio.com") else "trial"

    @property
    def sqlalchemy_url(self) -> str:
        """`DATABASE_URL` with the driver that we use named, whatever its spelling."""
        scheme, _, rest = self.database_url.partition("://")
        if scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
            return f"postgresql+psycopg://{rest}"
        raise SettingsError(
            f"DATABASE_URL is {'empty' if not self.database_url else 'not a PostgreSQL address'}. "
            "Run `ringback up`, which starts its own database, or set DATABASE_URL to "
            "postgresql://user:password@host/name."
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - see SecretFiles
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, SecretFiles(settings_cls), dotenv_settings


class SettingsError(Exception):
    """A setting is missing or cannot be used; the text says which and what to do."""


@lru_cache(maxsize=1)
def settings() -> Settings:
    # The later file is the stronger one. The keyword is pydantic-settings' own, not a field.
    return Settings(_env_file=(home() / UP_ENV, ".env"))  # type: ignore[call-arg]
