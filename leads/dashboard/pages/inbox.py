"""Two-way texts as conversations: the list, one thread beside it, and the answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from leads import inbox
from leads.dashboard.pages import needs, texting, words
from leads.dashboard.pages.access import Reader
from leads.dashboard.pages.lead import Typed, find, no_such_lead, viewed
from leads.dashboard.pages.needs import Needs
from leads.dashboard.pages.paging import PER_PAGE, cursor, read_cursor
from leads.dashboard.pages.rendering import frame, render
from leads.dashboard.pages.times import Times
from leads.dashboard.pages.words import State
from leads.dashboard.security import LIVE_HEADER
from leads.db import transaction
from leads.inbox import Conversation, Show
from leads.lead import Lead
from leads.message import FAILED, Message
from leads.picture import Picture
from leads.staff import Staff

router = APIRouter()
BACK = "inbox"  # what a form says of where it came from; after a dash, which conversations it shows
TEXTS = 100  # of one conversation on a page
SNIPPET = 120  # characters


@dataclass(frozen=True)
class Row:
    lead: Lead
    at: datetime
    unread: bool
    snippet: str
    badges: list[State]


@dataclass(frozen=True)
class Open:
    lead: Lead
    unread: bool
    waits: bool
    needs: Needs


@dataclass(frozen=True)
class Line:
    message: Message
    state: State
    by: str
    pictures: list[Picture]
    new: bool
    may_try_again: bool


@router.get("/inbox")
def inbox_page(
    request: Request,
    known: Reader,  # noqa: ARG001 - lets staff in
    show: str = "",
    after: str = "",
) -> HTMLResponse:
    with transaction() as session:
        return view(request, session, None, show, after)


@router.get("/inbox/{lead_id}")
def thread_page(
    request: Request, lead_id: int, known: Reader, show: str = "", before: str = ""
) -> Response:
    """Opening it marks it as read; what the page fetches by itself does not."""
    with transaction() as session:
        lead = find(session, lead_id)
        if lead is None:
            return no_such_lead(request, frame(session))
        if lead.id != lead_id:  # merged into this one
            return RedirectResponse(f"/inbox/{lead.id}{query_of(show)}", 303)
        if LIVE_HEADER not in request.headers:
            viewed(request, session, known, lead)
            inbox.read(session, lead)
        return view(request, session, lead, show, before=before)


def view(
    request: Request,
    session: Session,
    lead: Lead | None,
    show: str,
    after: str = "",
    *,
    before: str = "",
    typed: Typed | None = None,
    status_code: int = 200,
) -> HTMLResponse:
    wanted: Show = next((each for each in inbox.SHOWS if each == show), "all")
    around = frame(session)
    found = inbox.conversations(session, wanted, read_cursor(after), PER_PAGE + 1)
    more = cursor(found[PER_PAGE - 1].at, found[PER_PAGE - 1].key) if found[PER_PAGE:] else ""
    found = _with_open(session, found[:PER_PAGE], lead, after)
    days, earlier = _thread(session, lead, around.times, read_cursor(before))
    query = query_of(show)
    page = f"/inbox/{lead.id}" if lead else "/inbox"
    return render(
        request,
        "inbox.html",
        status_code,
        frame=around,
        show=wanted,
        query=query,
        # Where the page is fetched anew from: what was refused stands at the address of its form.
        address=f"{page}{query}" if typed else _here(request),
        conversations=[_row(conversation) for conversation in found],
        next=more,
        to_read=inbox.count_to_read(session) if around.unread else 0,
        open=Open(lead, inbox.is_unread(lead), inbox.waits(lead), needs.of(lead, around))
        if lead
        else None,
        came_from=BACK if wanted == "all" else f"{BACK}-{wanted}",
        days=days,
        earlier=earlier,
        unclear=bool(lead and any(phone.unclear_at is not None for phone in lead.phones)),
        typed=typed or Typed(),
    )


def query_of(show: str) -> str:
    return f"?show={show}" if show in inbox.SHOWS and show != "all" else ""


def came_from(back: str) -> str | None:
    """Which conversations were shown where a form of one came from; None for another page."""
    page, _, show = back.partition("-")
    return show if page == BACK else None


def _here(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _with_open(
    session: Session, found: list[Conversation], lead: Lead | None, after: str
) -> list[Conversation]:
    """With the open one among them also when it has just left the list, such as by being read."""
    if lead is None or after or any(each.lead.id == lead.id for each in found):
        return found
    opened = inbox.one(session, lead)
    if opened is None or (found[PER_PAGE - 1 :] and opened.at < found[-1].at):
        return found
    return sorted([*found, opened], key=lambda each: (each.at, each.key), reverse=True)


def _row(conversation: Conversation) -> Row:
    lead, last = conversation.lead, conversation.last
    badges = []
    if inbox.waits(lead):
        badges.append(State("Waiting for us", "clock", "waits"))
    if last is not None and last.state in FAILED:
        badges.append(State("Not delivered", "alert", "stop"))
    if lead.phone is not None and lead.phone.opted_out_at is not None:
        badges.append(State("No texts", "no-texts", "stop"))
    return Row(lead, conversation.at, inbox.is_unread(lead), _snippet(lead, last), badges)


def _snippet(lead: Lead, last: Message | None) -> str:
    if lead.confidential_at is not None:
        return "Open it to read."
    if last is None:
        return ""
    said = last.body[:SNIPPET] or "(a picture)"
    if last.direction == "inbound":
        return said
    return f"{'Automatic' if last.automated else 'You'}: {said}"


def _thread(
    session: Session, lead: Lead | None, times: Times, before: tuple[datetime, int] | None
) -> tuple[list[tuple[str, list[Line]]], str]:
    """The last texts by day, the newest last, and what to ask for to see earlier ones."""
    if lead is None:
        return [], ""
    wanted = select(Message).where(Message.lead_id == lead.id)
    if before is not None:
        # A text that was found late is older than its id: neither alone is the order.
        wanted = wanted.where(tuple_(Message.created_at, Message.id) < before)
    newest = wanted.order_by(Message.created_at.desc(), Message.id.desc()).limit(TEXTS + 1)
    found = list(session.scalars(newest))
    more = found[TEXTS:]
    found = found[:TEXTS][::-1]
    staff_ids = {message.staff_id for message in found} - {None}
    names = {
        member.id: member.name or member.email
        for member in session.scalars(select(Staff).where(Staff.id.in_(staff_ids)))
    }
    pictures, again = texting.pictures(session, found), inbox.to_try_again(found)

    def line(message: Message) -> Line:
        inbound = message.direction == "inbound"
        read_at = lead.texts_read_at
        return Line(
            message,
            words.delivery(message),
            names.get(message.staff_id or 0, ""),
            pictures.get(message.id, []),
            new=inbound
            and inbox.is_unread(lead)
            and (read_at is None or message.created_at > read_at),
            may_try_again=message.id in again,
        )

    earlier = cursor(found[0].created_at, found[0].id) if more else ""
    return list(_by_day(map(line, found), times)), earlier


def _by_day(lines: Iterator[Line], times: Times) -> Iterator[tuple[str, list[Line]]]:
    for _, group in groupby(lines, key=lambda line: times.local(line.message.created_at).date()):
        day = list(group)
        yield times.heading(day[0].message.created_at), day
