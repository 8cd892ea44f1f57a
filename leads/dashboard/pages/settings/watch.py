"""Who is told when something is wrong, a test of it, what was wrong lately, and what Twilio's own
lists said. No address or password of a way to tell is shown."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from leads import errand, outage
from leads.alarm import Alarm
from leads.dashboard.pages.access import Admin, AdminChanger
from leads.dashboard.pages.settings.change import page, record
from leads.db import database_time, transaction
from leads.first_admin import FIRST_ADMIN
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
            ways=_ways(),
            admins=_people(session, Staff.role == "admin"),
            readers=_people(session, Staff.digest.is_(True)),
            test=errand.latest(session, "alert_test"),
            real=database_time(session),
        )


@router.post("/test")
def test(request: Request, known: AdminChanger) -> RedirectResponse:
    """A worker sends it, which alone speaks to mail servers; what came of it appears here."""
    with transaction() as session:
        errand.ask(session, "alert_test", known.staff_id)
        record(session, request, known, "alarms", tested=True)
    return RedirectResponse("/settings/alarms", 303)


@router.get("/test")
def back(known: Admin) -> RedirectResponse:  # noqa: ARG001 - lets admins in
    """The address of a button, opened as a page."""
    return RedirectResponse("/settings/alarms", 303)


def found(row: Reconciliation) -> str:
    """`2 calls added, 1 to review`; empty when nothing was missing."""
    counts = [(row.found.get(key), words) for key, words in FOUND.items()]
    return ", ".join(f"{count} {words}" for count, words in counts if count)


def _ways() -> list[tuple[str, str, str]]:
    """Each way to tell admins: its name, how it stands, and the setting that is missing."""
    told = settings()
    ways = (
        ("Mail", told.smtp_url, "SMTP_URL", "to every admin with an address of their own"),
        ("Webhook", told.alert_webhook_url, "ALERT_WEBHOOK_URL", "set: a chat or a pager"),
        (
            "Dead man's switch",
            told.dead_mans_url,
            "DEAD_MANS_URL",
            "pinged every minute while all is well",
        ),
    )
    return [
        (name, words if address.get_secret_value() else f"{setting} is not set",
         "" if address.get_secret_value() else setting)
        for name, address, setting, words in ways
    ]  # fmt: skip


def _people(session: Session, which: ColumnElement[bool]) -> list[str]:
    """Their e-mail addresses, but for the one of the first start, which is nobody's."""
    wanted = select(Staff.email).where(
        which, Staff.disabled_at.is_(None), Staff.email != FIRST_ADMIN
    )
    return list(session.scalars(wanted.order_by(Staff.id)))
