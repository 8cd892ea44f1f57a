"""What staff do in the inbox: answer, try again, mark, settle. Forms post here, and go back."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from leads import audit, claim, clock, desk, inbox
from leads.dashboard.guard import address
from leads.dashboard.pages import lead as lead_pages
from leads.dashboard.pages.access import Changer, Reader
from leads.dashboard.pages.inbox import query_of, view
from leads.dashboard.pages.lead import Typed, find, no_such_lead, same
from leads.dashboard.pages.rendering import frame
from leads.db import transaction
from leads.lead import Lead
from leads.message import Message

router = APIRouter()
Text = Annotated[str, Form()]


@router.post("/inbox/{lead_id}/texts")
def answered(
    request: Request, lead_id: int, known: Changer, show: str = "", body: Text = ""
) -> Response:
    # Forms send line ends as two characters; each would be paid for.
    written = body.replace("\r\n", "\n")
    try:
        with transaction() as session:
            lead = find(session, lead_id)
            if lead is None:
                return no_such_lead(request, frame(session))
            same(lead, lead_id)
            claim.take(session, lead, known.staff_id)  # a colleague may be on the phone with them
            desk.reply(session, lead, known.staff_id, clock.now(session), written)
            inbox.read(session, lead)
    except desk.Refused as refusal:
        return _refused(request, lead_id, show, str(refusal), body)
    return RedirectResponse(f"/inbox/{lead_id}{query_of(show)}", 303)


def _refused(request: Request, lead_id: int, show: str, why: str, body: str) -> Response:
    """The thread as it is now, with what was written and why it did not go."""
    with transaction() as session:
        lead = find(session, lead_id)
        if lead is None:
            return no_such_lead(request, frame(session))
        typed = Typed("text", why, {"body": body})
        return view(request, session, lead, show, typed=typed, status_code=422)


@router.post("/texts/{message_id}/again")
def send_again(request: Request, message_id: int, known: Changer, back: Text = "") -> Response:
    """Send words that did not arrive once more."""
    with transaction() as session:
        text = session.get(Message, message_id)
        lead = find(session, text.lead_id) if text else None
        if text is None or lead is None:
            return no_such_lead(request, frame(session))
        lead_id, body = lead.id, text.body
    try:
        with transaction() as session:
            lead, text = session.get_one(Lead, lead_id), session.get_one(Message, message_id)
            claim.take(session, lead, known.staff_id)
            inbox.try_again(session, text, lead, known.staff_id, clock.now(session))
    except desk.Refused as refusal:
        if back == "inbox":
            return _refused(request, lead_id, "", str(refusal), body)
        with transaction() as session:
            lead = find(session, lead_id)
            if lead is None:
                return no_such_lead(request, frame(session))
            typed = Typed("text", str(refusal), {"body": body})
            return lead_pages.show(request, session, lead, typed=typed, status_code=422)
    return RedirectResponse(f"/inbox/{lead_id}" if back == "inbox" else f"/leads/{lead_id}", 303)


@router.post("/inbox/all/read")
def mark_all_read(request: Request, known: Changer, show: str = "") -> Response:
    with transaction() as session:
        marked = inbox.read_all(session)
        if marked:
            audit.record(
                session,
                "texts_read",
                staff_id=known.staff_id,
                address=address(request),
                leads=marked,
            )
    return RedirectResponse(f"/inbox{query_of(show)}", 303)


@router.get("/inbox/all/read")
def back_to_list(known: Reader) -> Response:  # noqa: ARG001 - lets staff in
    """Somebody came back to the address of a form."""
    return RedirectResponse("/inbox", 303)


@router.post("/inbox/{lead_id}/read")
def mark_read(request: Request, lead_id: int, known: Changer, show: str = "") -> Response:  # noqa: ARG001 - lets staff in
    return _marked(request, lead_id, f"/inbox/{lead_id}{query_of(show)}", inbox.read)


@router.post("/inbox/{lead_id}/unread")
def mark_unread(request: Request, lead_id: int, known: Changer, show: str = "") -> Response:  # noqa: ARG001 - lets staff in
    """Back to the list: to look at it again would be to read it."""
    return _marked(request, lead_id, f"/inbox{query_of(show)}", inbox.unread_again)


@router.post("/inbox/{lead_id}/settlement")
def settled(request: Request, lead_id: int, known: Changer, show: str = "") -> Response:
    """What they wrote needs no answer, such as a thank-you."""

    def what(session: Session, lead: Lead) -> None:
        desk.contacted(session, lead, known.staff_id, clock.now(session))

    return _marked(request, lead_id, f"/inbox/{lead_id}{query_of(show)}", what)


def _marked(request: Request, lead_id: int, onward: str, what: Any) -> Response:
    with transaction() as session:
        lead = find(session, lead_id)
        if lead is None:
            return no_such_lead(request, frame(session))
        same(lead, lead_id)
        what(session, lead)
    return RedirectResponse(onward, 303)


@router.get("/inbox/{lead_id}/{action}")
def back_to_thread(lead_id: int, action: str, known: Reader) -> Response:  # noqa: ARG001 - lets staff in
    """Somebody came back to the address of a form."""
    return RedirectResponse(f"/inbox/{lead_id}", 303)


@router.get("/texts/{message_id}/again")
def back_to_inbox(message_id: int, known: Reader) -> Response:  # noqa: ARG001 - lets staff in
    return RedirectResponse("/inbox", 303)
