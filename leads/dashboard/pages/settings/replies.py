"""Saved replies: whoever may text somebody may also save what they often text."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from leads import clock, saved_reply
from leads.dashboard.pages.access import Changer, Reader
from leads.dashboard.pages.settings.change import Entry, page, record
from leads.db import transaction
from leads.practice import Practice
from leads.saved_reply import LONGEST_BODY, LONGEST_TITLE, SAMPLE_NAME, SavedReply

router = APIRouter(prefix="/replies")
Text = Annotated[str, Form()]


@router.get("")
def show(request: Request, known: Reader) -> HTMLResponse:  # noqa: ARG001 - lets staff in
    with transaction() as session:
        return _page(request, session, None)


@router.get("/{reply_id}")
def edit(request: Request, reply_id: int, known: Reader) -> Response:  # noqa: ARG001 - lets staff in
    with transaction() as session:
        row = session.get(SavedReply, reply_id)
        if row is None:
            return RedirectResponse("/settings/replies", 303)
        entry = Entry({"title": row.title, "body": row.body})
        return _page(request, session, entry, edited=row.id)


def _page(
    request: Request, session: Session, entry: Entry | None, edited: int | None = None
) -> HTMLResponse:
    practice = Practice.get(session)
    replies = [
        {
            "row": row,
            "example": saved_reply.filled(row.body, practice, SAMPLE_NAME),
            "warnings": [found.message for found in saved_reply.lint(row.body, practice)],
        }
        for row in saved_reply.every(session)
    ]
    return page(request, session, "replies", entry, replies=replies, edited=edited)


@router.post("")
def add(request: Request, known: Changer, title: Text = "", body: Text = "") -> Response:
    return _save(request, known, None, title, body)


@router.post("/{reply_id}")
def change(
    request: Request, reply_id: int, known: Changer, title: Text = "", body: Text = ""
) -> Response:
    return _save(request, known, reply_id, title, body)


def _save(
    request: Request, known: Changer, reply_id: int | None, title: str, body: str
) -> Response:
    body = body.replace("\r\n", "\n").strip()
    entry = Entry({"title": title, "body": body})
    line = entry.line("title", "a name to find it by", LONGEST_TITLE)
    with transaction() as session:
        if not body or len(body) > LONGEST_BODY:
            entry.errors["body"] = f"Write the text, at most {LONGEST_BODY} characters."
        wrong = [
            found.message
            for found in saved_reply.lint(body, Practice.get(session))
            if found.level == "error"
        ]
        if body and wrong:
            entry.errors["body"] = " ".join(wrong)
        if entry.errors:
            return _page(request, session, entry, reply_id)
        now = clock.now(session)
        row = session.get(SavedReply, reply_id) if reply_id else None
        if row is None:
            row = SavedReply(title=line, body=body, changed_at=now)
            session.add(row)
        row.title, row.body = line, body
        row.changed_at, row.changed_by_id = now, known.staff_id
        session.flush()
        record(session, request, known, "replies", saved=row.id)
    return RedirectResponse("/settings/replies", 303)


@router.post("/{reply_id}/deletion")
def delete(request: Request, reply_id: int, known: Changer) -> Response:
    with transaction() as session:
        row = session.get(SavedReply, reply_id)
        if row is not None:
            session.delete(row)
            record(session, request, known, "replies", deleted=reply_id)
    return RedirectResponse("/settings/replies", 303)


@router.get("/{reply_id}/deletion")
def back(reply_id: int, known: Reader) -> Response:  # noqa: ARG001 - lets staff in
    """Somebody came back to the address of a button."""
    return RedirectResponse("/settings/replies", 303)
