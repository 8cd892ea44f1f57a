"""Whether automated texts go, when and to whom, and who answers around them."""

import hashlib
from datetime import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Request
from pydantic import Field
from sqlalchemy.orm import Session

from leads import audit, caps, clock
from leads.dashboard.api.actions import Body
from leads.dashboard.api.bearer import Admin, Caller, Reader, problems
from leads.dashboard.api.schemas import Time
from leads.dashboard.errors import answer
from leads.dashboard.pages.settings import meanwhile
from leads.db import changed, transaction
from leads.plan import MOST_STEPS
from leads.practice import ConsentMode, OptOutOwner, Practice
from leads.quiet_hours import Window

router = APIRouter(tags=["settings"])

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat"]
STALE = (
    "Somebody else has changed these settings meanwhile. Yours are not saved. Read them anew and "
    "change those."
)
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat")
CHANGED_HERE = (
    *("texting_days", "texting_from", "texting_until", "opening_hold_minutes", "consent_mode"),
    *("optout_owner", "lookup_landlines"),
)
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["09:00"])]


class Hours(Body):
    """On the recipient's clock: from Monday to Saturday, within 08:00 and 20:00."""

    days: Annotated[list[Day], Field(min_length=1, max_length=len(DAYS))]
    from_: Annotated[Clock, Field(alias="from")]
    until: Clock


class Caps(Body):
    """The most automated texts that a person gets; built in."""

    inquiry_per_24_hours: int = 1
    inquiry_per_7_days: int = caps.PER_WEEK
    per_inquiry: int = MOST_STEPS
    any_per_24_hours: int = caps.PER_DAY


class TextingChange(Body):
    """`version`: as it was read; where somebody else has saved since, nothing is changed (409,
    with the version as it is now). What is read-only is ignored in a change."""

    version: Annotated[str, Field(max_length=64)]
    window: Hours
    hold_minutes: Annotated[int, Field(ge=0, le=120, description="After opening time")]
    consent_mode: Annotated[
        ConsentMode, Field(description="What a missed call must bring before it is answered")
    ]
    optout_owner: OptOutOwner
    lookup_landlines: bool
    caps: Annotated[Caps | None, Field(description="Read-only")] = None
    sender_confirmed_at: Annotated[
        Time | None,
        Field(description="Read-only: since when the sender counts as registered. Not in a trial"),
    ] = None


class Texting(TextingChange):
    caps: Caps = Caps()

    @classmethod
    def of(cls, row: Practice) -> "Texting":
        return cls.model_validate(
            {
                "version": _version(row),
                "window": {
                    "days": [DAYS[day] for day in row.texting_days],
                    "from": f"{row.texting_from:%H:%M}",
                    "until": f"{row.texting_until:%H:%M}",
                },
                "hold_minutes": row.opening_hold_minutes,
                "consent_mode": row.consent_mode,
                "optout_owner": row.optout_owner,
                "lookup_landlines": row.lookup_landlines,
                "sender_confirmed_at": row.sender_confirmed_at,
            }
        )


class Registration(Body):
    """`registered`: the carriers have approved the sender's registration."""

    registered: Literal[True]


def _version(row: Practice) -> str:
    """Another one whenever another value is kept: the values themselves, in short."""
    values = [str(getattr(row, name)) for name in CHANGED_HERE]
    return hashlib.sha256("\0".join(values).encode()).hexdigest()[:16]


@router.get("/texting", responses=problems())
def show(caller: Reader) -> Texting:  # noqa: ARG001 - its being there is the permission
    with transaction() as session:
        return Texting.of(Practice.get(session))


@router.put("/texting", responses=problems(400, 409, 413), response_model=Texting)
def change(caller: Admin, request: Request, told: TextingChange) -> Any:
    """Needs the scope `admin`. Texts that are planned already keep to it, too."""
    days = sorted({DAYS.index(day) for day in told.window.days})
    start, end = time.fromisoformat(told.window.from_), time.fromisoformat(told.window.until)
    try:
        Window(frozenset(days), start, end)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    values = {
        "texting_days": days,
        "texting_from": start,
        "texting_until": end,
        "opening_hold_minutes": told.hold_minutes,
        "consent_mode": told.consent_mode,
        "optout_owner": told.optout_owner,
        "lookup_landlines": told.lookup_landlines,
    }
    with transaction() as session:
        practice = meanwhile.held(session)
        now = _version(practice)
        if told.version != now:
            return answer(request, 409, STALE, version=now)
        altered = [name for name, value in values.items() if getattr(practice, name) != value]
        for name in altered:
            setattr(practice, name, values[name])
        if altered:
            _record(session, caller, changed=altered)
        return Texting.of(practice)


@router.post("/texting/confirmation", responses=problems(400, 413))
def confirm(caller: Admin, told: Registration) -> Texting:  # noqa: ARG001 - its being there says so
    """The sender's registration is approved: from the next missed call on, texts go. Needs the
    scope `admin`."""
    return _switch(caller, on=True)


@router.post("/texting/withdrawal", responses=problems())
def withdraw(caller: Admin) -> Texting:
    """No automated text goes until it is confirmed again. Needs the scope `admin`."""
    return _switch(caller, on=False)


def _switch(caller: Caller, *, on: bool) -> Texting:
    with transaction() as session:
        practice = meanwhile.held(session)
        if (practice.sender_confirmed_at is not None) != on:
            practice.sender_confirmed_at = clock.now(session) if on else None
            _record(session, caller, confirmed=on)
        return Texting.of(practice)


def _record(session: Session, caller: Caller, **facts: Any) -> None:
    audit.record(
        session,
        "settings_changed",
        token_id=caller.token_id,
        address=caller.address,
        page="texting",
        **facts,
    )
    changed(session, "settings")


OTHER_METHODS = ["DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "TRACE"]


@router.api_route("/texting", methods=OTHER_METHODS, include_in_schema=False)
def not_allowed() -> None:
    """Starlette's own answer would allow what its first route of this address does: GET alone."""
    raise HTTPException(
        405, "Texting is read with GET and changed with PUT.", {"Allow": "GET, PUT"}
    )
