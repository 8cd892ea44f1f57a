"""Everything that Twilio sent, as it came, the newest first; what failed can be done again.

Requests hold numbers and texts: only admins see them, and each look at one is audited. They are
found by the SID of a call or text, never by a number, which would stand in an address.
"""

from collections.abc import Sequence
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session, load_only

from leads import audit, webhook_event
from leads.call import CallLeg
from leads.dashboard.guard import address
from leads.dashboard.pages.access import Admin, AdminChanger
from leads.dashboard.pages.paging import PER_PAGE, cursor, read_cursor
from leads.dashboard.pages.rendering import frame, render
from leads.dashboard.pages.settings.change import page
from leads.dashboard.pages.settings.received_words import parameters, replayable, told
from leads.dashboard.security import Viewer
from leads.db import changed, transaction
from leads.webhook_event import WebhookEvent

router = APIRouter(prefix="/received")
SHOWN = {"": "All", "failed": "Failed"}
LONGEST_SID = 40
LEFT_WITHIN = timedelta(days=1)  # a call lasts four hours at most, and the rest takes minutes


@router.get("")
def show(
    request: Request,
    known: Admin,  # noqa: ARG001 - lets admins in
    show: str = "",
    sid: str = "",
    after: str = "",
) -> HTMLResponse:
    show = show if show in SHOWN else ""
    sid = sid.strip()[:LONGEST_SID]
    with transaction() as session:
        found = session.scalars(_events(session, show, sid, after)).all()
        more = len(found) > PER_PAGE
        found = found[:PER_PAGE]
        return page(
            request,
            session,
            "received",
            events=[told(event) for event in found],
            show=show,
            shown=SHOWN,
            sid=sid,
            next=cursor(found[-1].received_at, found[-1].id) if more else "",
        )


def _events(session: Session, show: str, sid: str, after: str) -> Select[WebhookEvent]:
    wanted = (
        select(WebhookEvent)
        .options(load_only(*_LISTED))
        .order_by(WebhookEvent.received_at.desc(), WebhookEvent.id.desc())
        .limit(PER_PAGE + 1)
    )
    if show == "failed":
        wanted = wanted.where(WebhookEvent.error.is_not(None))
    if sid:
        wanted = wanted.where(
            WebhookEvent.source == "twilio", WebhookEvent.sid.in_(_of(session, sid))
        )
    if at := read_cursor(after):
        wanted = wanted.where(tuple_(WebhookEvent.received_at, WebhookEvent.id) < at)
    return wanted


_LISTED = (
    WebhookEvent.received_at,
    WebhookEvent.source,
    WebhookEvent.sid,
    WebhookEvent.event,
    WebhookEvent.status,
    WebhookEvent.came_by,
    WebhookEvent.replayed_at,
    WebhookEvent.error,
)


def _of(session: Session, sid: str) -> Sequence[str]:
    """A call's own SID, those of the phones that rang for it, and those of what it left behind."""
    legs = session.scalars(select(CallLeg.sid).where(CallLeg.call_sid == sid))
    return [sid, *legs, *_left_by(session, sid)]


def _left_by(session: Session, call_sid: str) -> Sequence[str]:
    """Recordings and their transcriptions have SIDs of their own, and name the call in their
    bodies alone."""
    if not call_sid.isalnum():
        return []
    began_at = session.scalar(
        select(func.min(WebhookEvent.received_at)).where(
            WebhookEvent.source == "twilio", WebhookEvent.sid == call_sid
        )
    )
    if began_at is None:
        return []
    return session.scalars(
        select(WebhookEvent.sid).where(
            WebhookEvent.received_at.between(began_at, began_at + LEFT_WITHIN),
            WebhookEvent.event.in_(("recording", "transcription")),
            WebhookEvent.body.contains(f"CallSid={call_sid}"),
        )
    ).all()


@router.get("/{event_id}")
def details(request: Request, event_id: int, known: Admin) -> HTMLResponse:
    with transaction() as session:
        event = session.get(WebhookEvent, event_id)
        if event is None:
            return _no_such_event(request, session)
        _audit(session, request, known, "received_viewed", event)
        return page(
            request,
            session,
            "received_event",
            told=told(event),
            body=parameters(event.body),
            query=parameters(event.query),
        )


@router.post("/{event_id}/replay")
def replay(request: Request, event_id: int, known: AdminChanger) -> Response:
    """Ask for it; the process that answers Twilio does it within seconds."""
    with transaction() as session:
        event = session.get(WebhookEvent, event_id, with_for_update=True)
        if event is None:
            return _no_such_event(request, session)
        # Done meanwhile, or asked for by a colleague: the page that follows shows it.
        if replayable(event):
            webhook_event.ask_replay(session, event_id)
            _audit(session, request, known, "received_replayed", event)
            changed(session, "settings")
    return RedirectResponse(f"/settings/received/{event_id}", 303)


@router.get("/{event_id}/replay")
def back(event_id: int, known: Admin) -> Response:  # noqa: ARG001 - lets admins in
    """Somebody came back to the address of a button."""
    return RedirectResponse(f"/settings/received/{event_id}", 303)


def _audit(
    session: Session, request: Request, known: Viewer, action: str, event: WebhookEvent
) -> None:
    audit.record(
        session, action, staff_id=known.staff_id, address=address(request), event_id=event.id
    )


def _no_such_event(request: Request, session: Session) -> HTMLResponse:
    return render(
        request,
        "error.html",
        404,
        frame=frame(session),
        title="There is no such request",
        message="Everything that was received is under Settings, Received.",
    )
