"""Delete every lead of a trial with all that hangs on it; settings and staff stay."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from leads.audit import Audit
from leads.call import CallLeg
from leads.db import Base, changed
from leads.lead import Lead
from leads.phone import Phone
from leads.webhook_event import WebhookEvent

# What tells of them without referring to them.
ALSO = (CallLeg, WebhookEvent)


def clear(session: Session) -> None:
    """Truncates: deleting a million rows one by one would take hours. The audit keeps its lines
    that name no lead."""
    tables = sorted(f'"{name}"' for name in [*told_of_people(), Audit.__tablename__])
    session.execute(text("SET LOCAL statement_timeout = 0"))
    session.execute(
        text("CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM audit WHERE lead_id IS NULL")
    )
    session.execute(text(f"TRUNCATE {', '.join(tables)}"))
    session.execute(text("INSERT INTO audit OVERRIDING SYSTEM VALUE SELECT * FROM kept"))
    session.execute(text("DROP TABLE kept"))
    changed(session, "all")


def told_of_people() -> set[str]:
    """The tables that refer to leads or phones, however indirectly; not the audit."""
    found = {model.__tablename__ for model in (Lead, Phone, *ALSO)}
    while True:
        more = {
            table.name
            for table in Base.metadata.sorted_tables
            if table.name not in {*found, Audit.__tablename__}
            and any(key.column.table.name in found for key in table.foreign_keys)
        }
        if not more:
            return found
        found |= more
