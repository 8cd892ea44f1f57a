"""Names and times as Twilio writes them."""

import secrets
from datetime import UTC, datetime
from email.utils import format_datetime


def new_sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


def now() -> datetime:
    return datetime.now(UTC)


def stamp() -> str:
    """Now, as kept in the state: RFC 3339 UTC, sortable as text."""
    return now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_stamp(text: str) -> datetime:
    return datetime.fromisoformat(text)


def rfc2822(text: str | None) -> str | None:
    """A stamp as REST and callbacks show it; empty stays empty."""
    return format_datetime(parse_stamp(text)) if text else None
