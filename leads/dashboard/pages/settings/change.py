"""What the settings pages share: what was typed, what is wrong with it, and the audit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from leads import audit
from leads.dashboard.guard import address
from leads.dashboard.pages.rendering import frame, render
from leads.dashboard.security import Viewer
from leads.db import changed


@dataclass
class Entry:
    """A form's values and, by field, one sentence on each that cannot be kept."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def before(self, was: Mapping[str, str | None]) -> "Entry":
        """With what the form said when the page was made, if it did (see meanwhile.py). An empty
        field comes as None."""
        if any(was.values()):
            self.values |= {f"was_{name}": value or "" for name, value in was.items()}
        return self

    def number(self, name: str, least: int, most: int, unit: str) -> int:
        """A whole number of `unit`; out of bounds is an error of the field, and gives `least`."""
        text = self.values.get(name, "").strip()
        if text.isascii() and text.isdigit() and least <= int(text[:9]) <= most:
            return int(text)
        self.errors[name] = f"Give a whole number of {unit} from {least} to {most}."
        return least

    def choice(self, name: str, choices: Any) -> str:
        value = self.values.get(name, "")
        if value not in choices:
            self.errors[name] = "Choose one of these."
        return value

    def line(self, name: str, what: str, most: int = 100) -> str:
        value = " ".join(self.values.get(name, "").split())
        if not value or len(value) > most:
            self.errors[name] = f"Give {what}, at most {most} characters."
        return value


def page(
    request: Request,
    session: Session,
    name: str,
    entry: Entry | None = None,
    **context: Any,
) -> HTMLResponse:
    entry = entry or Entry()
    return render(
        request,
        f"settings/{name}.html",
        422 if entry.errors else 200,
        frame=frame(session),
        entry=entry,
        **context,
    )


def record(session: Session, request: Request, known: Viewer, page: str, **facts: Any) -> None:
    """Audit the change and tell the desks; `facts` are ids and names of settings, no values."""
    audit.record(
        session,
        "settings_changed",
        staff_id=known.staff_id,
        address=address(request),
        page=page,
        **facts,
    )
    changed(session, "settings")
