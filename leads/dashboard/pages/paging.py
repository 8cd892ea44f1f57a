"""Keyset paging: a page goes on after the last row of the one before, however many there are."""

import base64
from datetime import datetime

PER_PAGE = 50


def cursor(at: datetime, row_id: int) -> str:
    """Opaque, for the query string."""
    return base64.urlsafe_b64encode(f"{at.isoformat()} {row_id}".encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[datetime, int] | None:
    """The reverse; None for an empty or broken one, which shows the first page."""
    try:
        at, row_id = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split()
        parsed = datetime.fromisoformat(at)
        return (parsed, int(row_id)) if parsed.tzinfo else None
    except ValueError:
        return None
