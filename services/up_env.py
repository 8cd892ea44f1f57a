"""What `ringback up` decides and writes down in `up.env` for every other process."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from dotenv import dotenv_values
from pydantic import ValidationError

from leads.settings import UP_ENV, Settings
from services import ports, postgres, redis
from services.place import Place

HEAD = "# Written by `ringback up`. The environment and .env are stronger; change things there.\n"
# The secrets of the trial; kept while a real account is configured, for the way back.
KEPT = ("SECRET_KEY", "TRIAL_ACCOUNT_SID", "TRIAL_AUTH_TOKEN")
PORTS = ("webhooks_port", "dashboard_port", "sandbox_port")


def configured() -> Settings:
    """What a person has set: the environment, secret files and .env, without our `up.env`.

    Raises ServiceError for a port that is no number.
    """
    try:
        # The keyword is pydantic-settings' own, not a field.
        return Settings(_env_file=".env")  # type: ignore[call-arg]
    except ValidationError as error:
        for problem in error.errors():
            if (name := str(problem["loc"][0]).lower()) in PORTS:
                raise ports.no_port(name.upper(), problem["input"]) from None
        raise


def effective(place: Place) -> Settings:
    """What every other process will read."""
    # As above; the later file is the stronger one.
    return Settings(_env_file=(place.home / UP_ENV, ".env"))  # type: ignore[call-arg]


def is_trial(told: Settings) -> bool:
    """Whoever names an account means the real Twilio, unless TWILIO_API_BASE decides."""
    if "twilio_api_base" in told.model_fields_set:
        return told.mode == "trial"
    return not told.twilio_account_sid


def values(told: Settings, place: Place) -> dict[str, str]:
    """Everything that the processes need and that nobody has set."""
    kept = _kept(place)
    kept.setdefault("SECRET_KEY", secrets.token_hex(32))
    kept.setdefault("TRIAL_ACCOUNT_SID", f"AC{secrets.token_hex(16)}")
    kept.setdefault("TRIAL_AUTH_TOKEN", secrets.token_hex(16))
    found = {
        "DATABASE_URL": postgres.database_url(place),
        "REDIS_URL": redis.redis_url(place),
        "PUBLIC_URL": f"http://127.0.0.1:{told.webhooks_port}",
        "DASHBOARD_URL": f"http://127.0.0.1:{told.dashboard_port}",
        **kept,
    }
    if is_trial(told):
        found |= {
            "TWILIO_ACCOUNT_SID": kept["TRIAL_ACCOUNT_SID"],
            "TWILIO_AUTH_TOKEN": kept["TRIAL_AUTH_TOKEN"],
            "TWILIO_API_BASE": f"http://127.0.0.1:{told.sandbox_port}",
        }
    stronger = {name.upper() for name in told.model_fields_set}
    found = {name: value for name, value in found.items() if name not in stronger}
    # Also when they come from this environment: a command in another terminal needs them.
    return found | {name.upper(): str(getattr(told, name)) for name in PORTS}


def write(found: Mapping[str, str], place: Place) -> None:
    """Whole or not at all, and readable to us alone; left alone where it says so already, because
    a full disk is to keep nobody from starting. Data that had to go elsewhere keeps a copy beside
    it, so that a new clone finds the same secrets with the same data."""
    text = HEAD + "".join(f"{name}={value}\n" for name, value in found.items())
    for folder in {place.home, place.servers}:
        if _says(folder / UP_ENV, text):
            continue
        unfinished = folder / f"{UP_ENV}.new"
        fd = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / UP_ENV)


def _says(path: Path, text: str) -> bool:
    with suppress(OSError):
        return path.read_text() == text and not path.stat().st_mode & 0o077
    return False


def _kept(place: Place) -> dict[str, str]:
    for folder in (place.home, place.servers):
        if (path := Path(folder / UP_ENV)).exists():
            read = dotenv_values(path)
            return {name: value for name in KEPT if (value := read.get(name))}
    return {}
