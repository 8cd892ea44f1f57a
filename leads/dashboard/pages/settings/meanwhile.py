"""Two admins on one page of the settings: neither undoes in silence what the other has saved.

Each form carries what it said when the page was made (`was_…`). What somebody did not touch stays
as it is by now; what both changed is asked for once more, with who changed it and to what.
"""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads.audit import Audit
from leads.dashboard.pages.settings.change import Entry
from leads.practice import Practice
from leads.staff import Staff

TICK = {"on": "on", "": "off"}


def held(session: Session) -> Practice:
    """The practice, until commit: of two who save at once, the second sees what the first did."""
    practice = Practice.get(session)
    session.refresh(practice, with_for_update={"key_share": True})
    return practice


def meet(
    session: Session,
    entry: Entry,
    page: str,
    now: Mapping[str, str],
    *,
    stored: Mapping[str, str] | None = None,
    said: Mapping[str, Mapping[str, str]] | None = None,
    edited: int | None = None,
) -> None:
    """Before the fields are read. `now`: what the form would say by now, by field; `stored`: as
    what the audit knows a field, where it is called otherwise; `said`: the values in words;
    `edited`: the id of the row, where the page has several."""
    for name, value in now.items():
        was = entry.values.get(f"was_{name}")
        if was is None or _same(was, value):
            continue
        typed = entry.values.get(name, "")
        if _same(typed, was):
            entry.values[name] = value
        elif not _same(typed, value):
            column = (stored or {}).get(name, name)
            who = _who(session, page, column, edited)
            words = (said or {}).get(name, {}).get(value, "; ".join(value.splitlines()))
            to = f" to “{words}”" if words else ": it is empty now"
            entry.errors[name] = (
                f"{who} changed this meanwhile{to}. What you typed is kept here and not saved yet: "
                "save again to replace it."
            )


def _same(one: str, other: str) -> bool:
    """A browser ends lines in its own way."""
    return one.split() == other.split()


def _who(session: Session, page: str, column: str, edited: int | None) -> str:
    facts = {"page": page, "changed": [column], **({"edited": edited} if edited else {})}
    found = session.execute(
        select(Staff.name, Staff.email)
        .join(Audit, Audit.staff_id == Staff.id)
        .where(Audit.action == "settings_changed", Audit.facts.contains(facts))
        .order_by(Audit.id.desc())
        .limit(1)
    ).one_or_none()
    return (found.name or found.email) if found else "Somebody"
