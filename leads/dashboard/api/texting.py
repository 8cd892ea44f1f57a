"""When automated texts may go, and who answers around them."""

from datetime import time
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException
from pydantic import Field
from sqlalchemy.orm import Session

from leads import audit, caps
from leads.dashboard.api.actions import Body
from leads.dashboard.api.bearer import Admin, Caller, Reader, problems
from leads.db import changed, transaction
from leads.plan import MOST_STEPS
from leads.practice import OptOutOwner, Practice
from leads.quiet_hours import Window

router = APIRouter(tags=["settings"])

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat")
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
    window: Hours
    hold_minutes: Annotated[int, Field(ge=0, le=120, description="After opening time")]
    optout_owner: OptOutOwner
    lookup_landlines: bool
    caps: Annotated[Caps | None, Field(description="Read-only: ignored in a change")] = None


class Texting(TextingChange):
    caps: Caps = Caps()

    @classmethod
    def of(cls, row: Practice) -> "Texting":
        return cls.model_validate(
            {
                "window": {
                    "days": [DAYS[day] for day in row.texting_days],
                    "from": f"{row.texting_from:%H:%M}",
                    "until": f"{row.texting_until:%H:%M}",
                },
                "hold_minutes": row.opening_hold_minutes,
                "optout_owner": row.optout_owner,
                "lookup_landlines": row.lookup_landlines,
            }
        )


@router.get("/texting", responses=problems())
def show(caller: Reader) -> Texting:  # noqa: ARG001 - its being there is the permission
    with transaction() as session:
        return Texting.of(Practice.get(session))


@router.put("/texting", responses=problems(400, 413))
def change(caller: Admin, told: TextingChange) -> Texting:
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
        "optout_owner": told.optout_owner,
        "lookup_landlines": told.lookup_landlines,
    }
    with transaction() as session:
        practice = Practice.get(session)
        altered = [name for name, value in values.items() if getattr(practice, name) != value]
        for name in altered:
            setattr(practice, name, values[name])
        if altered:
            _record(session, caller, altered)
        return Texting.of(practice)


def _record(session: Session, caller: Caller, altered: list[str]) -> None:
    audit.record(
        session,
        "settings_changed",
        token_id=caller.token_id,
        address=caller.address,
        page="texting",
        changed=altered,
    )
    changed(session, "settings")


OTHER_METHODS = ["DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "TRACE"]


@router.api_route("/texting", methods=OTHER_METHODS, include_in_schema=False)
def not_allowed() -> None:
    """Starlette's own answer would allow what its first route of this address does: GET alone."""
    raise HTTPException(
        405, "Texting is read with GET and changed with PUT.", {"Allow": "GET, PUT"}
    )
