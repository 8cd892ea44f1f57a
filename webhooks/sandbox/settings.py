"""What the sandbox was told: the environment, and the `up.env` that `ringback up` writes."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values


class SettingsError(Exception):
    """The sandbox cannot or must not run; the text says why and what to do."""


@dataclass(frozen=True)
class Settings:
    account_sid: str
    auth_token: str
    public_url: str  # what webhooks are signed for
    target: str  # where webhooks really go: differs from public_url between containers
    api_base: str  # where recordings and media are fetched from
    home: Path  # the sandbox's own folder
    open_to_all: bool = False  # otherwise page and control API answer loopback alone
    clock_command: str = ""
    connect_seconds: float = 5  # Twilio's limits for one webhook
    total_seconds: float = 15


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Raises SettingsError where something is missing or where the real Twilio is configured."""
    home = Path(environ.get("RINGBACK_HOME") or ".ringback")
    up = dotenv_values(home / "up.env", interpolate=False)

    def told(name: str, default: str = "") -> str:
        if value := environ.get(name):
            return value
        if path := environ.get(f"{name}_FILE"):
            return Path(path).read_text(encoding="utf-8").strip()
        return up.get(name) or default

    public_url = told("PUBLIC_URL", "http://127.0.0.1:8001").rstrip("/")
    settings = Settings(
        account_sid=told("TWILIO_ACCOUNT_SID"),
        auth_token=told("TWILIO_AUTH_TOKEN"),
        public_url=public_url,
        target=told("SANDBOX_WEBHOOK_TARGET", public_url).rstrip("/"),
        api_base=told("TWILIO_API_BASE").rstrip("/"),
        home=home / "sandbox",
        open_to_all=told("SANDBOX_OPEN") == "1",
        clock_command=told("SANDBOX_CLOCK_COMMAND"),
    )
    check(settings)
    return settings


def check(settings: Settings) -> None:
    """Refuses to stand beside the real Twilio, and to sign with an empty token."""
    host = (urlsplit(settings.api_base).hostname or "").rstrip(".").lower()
    if not host:
        raise SettingsError(
            "The sandbox does not start, because TWILIO_API_BASE is not set, which means the real "
            "Twilio: set it to the sandbox's own address, such as http://127.0.0.1:8002."
        )
    if host == "twilio.com" or host.endswith(".twilio.com"):
        raise SettingsError(
            f"The sandbox does not start, because TWILIO_API_BASE names the real Twilio ({host}): "
            "leave the sandbox off, or point TWILIO_API_BASE at it."
        )
    for name, value in (
        ("TWILIO_ACCOUNT_SID", settings.account_sid),
        ("TWILIO_AUTH_TOKEN", settings.auth_token),
    ):
        if not value:
            raise SettingsError(
                f"The sandbox does not start, because {name} is empty: `ringback up` writes it to "
                "up.env in RINGBACK_HOME, or set it in the environment."
            )
