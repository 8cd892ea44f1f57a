"""Templates into answers: escaped by default, with what every page needs around its content."""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from leads import clock, darkness, inbox
from leads.alarm import BY_ITSELF, Alarm, open_alarms
from leads.dashboard.pages import calling, navigation, texting, words
from leads.dashboard.pages.missed import missed
from leads.dashboard.pages.ringing import Ringer, ringing
from leads.dashboard.pages.times import Times
from leads.guide import Guide, guide
from leads.installation import Installation
from leads.lead import Lead
from leads.phone_number import pretty
from leads.practice import Practice
from leads.settings import settings
from leads.spam import Hint, of_leads
from leads.tracking_number import TrackingNumber

DASHBOARD = Path(__file__).parent.parent
STATIC = DASHBOARD / "static"
WHERE_AND_WHEN = select(Practice, Installation, clock.moment()).outerjoin(Installation, true())


@dataclass(frozen=True)
class Frame:
    """Around every page of a signed-in person: the clinic, its time, how many wait, and what is
    wrong with sending as a whole."""

    practice: Practice
    installation: Installation
    now: datetime
    times: Times
    waiting: int
    unread: int  # texts that nobody has opened, by person
    alarms: list[Alarm]
    ringing: list[Ringer]
    missed: list[int]  # the calls of the last minutes that the chime rings for
    session: Session

    @property
    def trial(self) -> bool:
        return self.installation.mode == "trial"

    @property
    def shift(self) -> timedelta:
        """Practice time goes so far before real time."""
        return self.installation.clock_shift

    @property
    def shifted(self) -> bool:
        """Practice time has been moved."""
        return self.shift != timedelta()

    def practice_time(self, real: datetime) -> datetime:
        """A moment of real time as the practice's clock shows it."""
        return real + self.shift

    @property
    def real(self) -> datetime:
        return self.now - self.shift

    def guide(self) -> Guide:
        """How far the first-run guide has come. Asked for where admins look."""
        return guide(self.session)

    def dark(self) -> str | None:
        """Why automated texts wait, unless an alarm says the same. Asked for where it is shown."""
        if any(one.kind == "dark" for one in self.alarms):
            return None
        return darkness.why(self.session)

    def spam(self, leads: Iterable[Lead | None]) -> dict[int, Hint]:
        """Which of these people look like spam, and why. Asked for where it is shown."""
        return of_leads(self.session, {lead for lead in leads if lead is not None}, self.now)


def frame(session: Session) -> Frame:
    # Each page asks this: every answer that is asked for by itself is a way to PostgreSQL and back.
    practice, _, now = session.execute(WHERE_AND_WHEN).one()
    waits = select(func.count()).where(Lead.waits(now)).scalar_subquery()
    waiting, unread = session.execute(select(waits, inbox.unread_count())).one()
    return Frame(
        practice=practice,
        installation=Installation.current(session),  # at hand now
        now=now,
        times=Times(now, practice.zone),
        waiting=waiting,
        unread=unread,
        alarms=open_alarms(session),
        ringing=ringing(session, now),
        missed=missed(session, now),
        session=session,
    )


def sources(session: Session) -> dict[str, str]:
    """Where leads come from, as the tracking numbers are labelled."""
    found = session.execute(select(TrackingNumber.source, TrackingNumber.label))
    return {source: label for source, label in found if source and label}


def render(request: Request, template: str, status_code: int = 200, **context: Any) -> HTMLResponse:
    """A page. Inside its transaction, where the template reads what the session loads.

    With `frame` in the context it stands in the dashboard's frame, else alone.
    """
    viewer = getattr(request.state, "viewer", None)
    told = {
        "frame": None,
        "viewer": viewer,
        "csrf_token": viewer.csrf_token if viewer else "",
        "path": request.url.path,
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "sandbox_url": f"http://127.0.0.1:{settings().sandbox_port}",
    }
    content = environment().get_template(template).render(told | context)
    return HTMLResponse(content, status_code)


@lru_cache(maxsize=1)
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(DASHBOARD / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # a list of fifty would ask for the age of three hundred files
    )
    made.filters["pretty"] = pretty
    made.globals |= {
        "asset": asset,
        "calling": calling,
        "words": words,
        "caution_now": texting.caution_now,
        "navigation": navigation,
        "goes_by_itself": BY_ITSELF,
    }
    return made


def asset(name: str) -> str:
    """The address of a built file, such as `styles.css`."""
    return f"/static/{_manifest(_built_at(int(time.monotonic()))).get(name, name)}"


@lru_cache(maxsize=1)
def _built_at(second: int) -> int:  # noqa: ARG001 - asked once in it, and not for every icon
    try:
        return (STATIC / "manifest.json").stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@lru_cache(maxsize=1)
def _manifest(built_at: int) -> dict[str, str]:
    """Read once for each build; a page without its styles still says what it has to."""
    if not built_at:
        return {}
    read: dict[str, str] = json.loads((STATIC / "manifest.json").read_text())
    return read
