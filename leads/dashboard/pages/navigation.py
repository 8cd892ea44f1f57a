"""The pages that every page leads to, and the pages of the settings: each in one line."""

from typing import NamedTuple
from urllib.parse import parse_qsl

from fastapi import Request

from leads.dashboard.pages.access import DESK
from leads.filtering import query as written


class Place(NamedTuple):
    href: str
    label: str
    icon: str = ""
    roles: tuple[str, ...] = DESK
    seldom: bool = False  # on a phone it stands under More


PAGES = (
    Place("/", "Needs a call", "phone"),
    Place("/inbox", "Inbox", "text"),
    Place("/leads", "Leads", "people"),
    Place("/calls", "Calls", "incoming"),
    Place("/junk", "Junk", "block", seldom=True),
    Place("/follow-ups", "Follow-ups", "follow-ups", seldom=True),
    Place("/settings", "Settings", "settings", ("admin",), seldom=True),
)
SETTINGS = (
    Place("/settings/start", "First steps", roles=("admin",)),
    Place("/settings/practice", "Practice", roles=("admin",)),
    Place("/settings/phones", "Phones that ring", roles=("admin",)),
    Place("/settings/greetings", "Greetings", roles=("admin",)),
    Place("/settings/numbers", "Tracking numbers", roles=("admin",)),
    Place("/settings/texting", "Texting", roles=("admin",)),
    Place("/settings/plans", "Plans"),
    Place("/settings/replies", "Saved replies"),
    Place("/settings/staff", "Staff", roles=("admin",)),
    Place("/settings/tokens", "Tokens", roles=("admin",)),
    Place("/settings/received", "Received", roles=("admin",)),
    Place("/settings/alarms", "Alerts", roles=("admin",)),
)


def home(role: str) -> str:
    """Where somebody begins, and goes on after a refusal: who sees no desk has a page of their
    own."""
    return "/" if role in DESK else "/account"


def way_back(request: Request, of: str, query: str, place: str = "") -> str:
    """Which list the form stood on, as it was filtered, sorted and paged: what is refused leads
    back there."""
    told = written([*parse_qsl(query), *parse_qsl(place)])
    back = f"/{of}?{told}" if told else f"/{of}"
    request.state.way_back = back
    return back
