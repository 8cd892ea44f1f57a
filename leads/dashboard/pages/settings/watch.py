"""What was wrong lately, who is told of it, and what Twilio's own lists said."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from leads import outage
from leads.alarm import Alarm
from leads.dashboard.pages.access import Admin
from leads.dashboard.pages.settings.change import page
from leads.db import transaction
from leads.reconciliation import Reconciliation, watermark
from leads.settings import settings
from leads.staff import Staff

router = APIRouter(prefix="/alarms")
SHOWN = 20
# What was found, in the order in which it matters; the other counts are of what was looked at.
FOUND = {
    "failed": "could not be added",
    "set_aside": "set aside after three tries: please look at Twilio",
    "unreadable": "could not be read",
    "to_review": "to review",
    "calls_added": "calls added",
    "voicemails_added": "voicemails added",
    "texts_added": "texts added",
    "calls_settled": "calls brought up to date",
    "reports_added": "reports on texts added",
    "unknowns_settled": "texts without an outcome settled",
    "refusals_learnt": "phones opted out or without texts",
}


@router.get("")
def show(request: Request, known: Admin) -> HTMLResponse:  # noqa: ARG001 - lets admins in
    with transaction() as session:
        newest = select(Alarm).order_by(Alarm.id.desc()).limit(SHOWN)
        compared = select(Reconciliation).order_by(Reconciliation.id.desc()).limit(SHOWN)
        return page(
            request,
            session,
            "alarms",
            alarms=session.scalars(newest).all(),
            comparisons=[(row, found(row)) for row in session.scalars(compared)],
            outages=outage.unreconciled(session),
            known_until=watermark(session),
            ways=_ways(session),
        )


def found(row: Reconciliation) -> str:
    """`2 calls added, 1 to review`; empty when nothing was missing."""
    counts = [(row.found.get(key), words) for key, words in FOUND.items()]
    return ", ".join(f"{count} {words}" for count, words in counts if count)


def _ways(session: Session) -> list[tuple[str, str]]:
    """Each way to tell admins: its name, and how it stands."""
    told = settings()
    wanted = select(func.count()).where(Staff.role == "admin", Staff.disabled_at.is_(None))
    admins = session.scalars(wanted).one()
    mail = f"to {admins} admin{'s' * (admins != 1)}" if told.smtp_url.get_secret_value() else ""
    webhook = "set" if told.alert_webhook_url.get_secret_value() else ""
    switch = (
        "pinged every minute while all is well" if told.dead_mans_url.get_secret_value() else ""
    )
    return [
        ("Mail", mail or "SMTP_URL is not set"),
        ("Webhook", webhook or "ALERT_WEBHOOK_URL is not set"),
        ("Dead man's switch", switch or "DEAD_MANS_URL is not set"),
    ]
