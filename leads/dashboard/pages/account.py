"""One's own page: name, the phone that rings for one's call-backs, the daily mail, the chime."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import audit, digest, roster, sign_in
from leads.dashboard.guard import address
from leads.dashboard.pages.rendering import frame, render
from leads.dashboard.pages.settings.change import Entry
from leads.dashboard.security import Viewer, changing, viewer
from leads.db import changed, transaction
from leads.practice import Practice, PracticePhone
from leads.settings import settings
from leads.staff import Staff

router = APIRouter(prefix="/account")
Someone = Annotated[Viewer, Depends(viewer)]
SomeoneChanging = Annotated[Viewer, Depends(changing)]
Text = Annotated[str, Form()]


@router.get("")
def show(request: Request, known: Someone) -> HTMLResponse:
    with transaction() as session:
        me = session.get_one(Staff, known.staff_id)
        values = {
            "name": me.name,
            "rings_on": str(me.rings_on_id or ""),
            "digest": "on" if me.digest else "",
            "chime": "on" if me.chime else "",
        }
        return _page(request, session, known, Entry(values))


def _page(request: Request, session: Session, known: Viewer, entry: Entry) -> HTMLResponse:
    drawn = frame(session)
    evening = digest.moment(Practice.get(session), drawn.times.today)
    return render(
        request,
        "account.html",
        422 if entry.errors else 200,
        frame=drawn,
        entry=entry,
        phones=PracticePhone.ringing(session),
        browsers=roster.sessions(session).get(known.staff_id, 1),
        mails=bool(settings().smtp_url.get_secret_value()),
        digest_at=drawn.times.clock(evening),
        idle_hours=int(sign_in.IDLE.total_seconds() // 3600),
        longest_days=sign_in.LONGEST.days,
    )


@router.post("")
def save(
    request: Request,
    known: SomeoneChanging,
    name: Text = "",
    rings_on: Text = "",
    digest: Text = "",
    chime: Text = "",
) -> Response:
    entry = Entry({"name": name, "rings_on": rings_on, "digest": digest, "chime": chime})
    called = entry.line("name", "your name, as colleagues see it")
    with transaction() as session:
        phone_id = _phone(session, entry)
        if entry.errors:
            return _page(request, session, known, entry)
        me = session.get_one(Staff, known.staff_id, with_for_update=True)
        told = {
            "name": called,
            "rings_on_id": phone_id,
            "digest": digest == "on",
            "chime": chime == "on",
        }
        altered = [field for field, value in told.items() if getattr(me, field) != value]
        for field in altered:
            setattr(me, field, told[field])
        if altered:
            audit.record(
                session,
                "account_changed",
                staff_id=known.staff_id,
                address=address(request),
                changed=altered,
            )
            changed(session, "settings")
    return RedirectResponse("/account", 303)


def _phone(session: Session, entry: Entry) -> int | None:
    chosen = entry.values["rings_on"]
    if not chosen:
        return None
    found = session.scalar(
        select(PracticePhone.id).where(
            PracticePhone.id == (int(chosen) if chosen.isdigit() and len(chosen) < 9 else 0),
            PracticePhone.retired_at.is_(None),
        )
    )
    if found is None:
        entry.errors["rings_on"] = "This phone does not ring any more. Choose another one."
    return found


@router.post("/sign-out")
def sign_out_others(request: Request, known: SomeoneChanging) -> Response:
    with transaction() as session:
        ended = sign_in.end_sessions(session, known.staff_id, known.session_digest)
        audit.record(
            session,
            "signed_out_elsewhere",
            staff_id=known.staff_id,
            address=address(request),
            browsers=ended,
        )
    return RedirectResponse("/account", 303)


@router.get("/sign-out")
def back(known: Someone) -> RedirectResponse:  # noqa: ARG001 - lets staff in
    """The address of a button, opened as a page."""
    return RedirectResponse("/account", 303)
