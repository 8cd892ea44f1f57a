"""Who tries the dashboard's doors: staff in a browser, programs with a token, an outsider."""

import html
import re
from datetime import datetime

import httpx
from sqlalchemy import select

from leads import api_token, db, staff
from leads.lead import Lead
from leads.phone import Phone
from leads.staff import StaffSession

PASSWORD = "four unrelated words here"
RECEPTIONIST = "rosa@clinic.example"


def hire(email: str = RECEPTIONIST, role: str = "front_desk") -> int:
    with db.transaction() as session:
        return staff.add_staff(session, email, role, PASSWORD, name="Rosa").id


def token(scope: str) -> dict[str, str]:
    """The header of a program whose token has this scope."""
    with db.transaction() as session:
        return {"Authorization": f"Bearer {api_token.create_token(session, scope, scope)}"}


def caller(e164: str, name: str, now: datetime) -> int:
    with db.transaction() as session:
        phone = Phone.locked(session, Phone.of(session, e164).id)
        lead, _ = Lead.of(session, phone, now, "Website")
        lead.name = name
        lead.needs_callback_since = now
        return lead.id


def browser(address: str, peer: str = "203.0.113.9") -> httpx.Client:
    """A browser somewhere else, behind a proxy on this machine; it follows no redirect."""
    return httpx.Client(base_url=address, headers={"X-Forwarded-For": peer}, timeout=20)


def field(page: httpx.Response, name: str) -> str:
    """The value of a hidden field of a page."""
    for tag in re.findall(r"<input[^>]*>", page.text):
        if f'name="{name}"' in tag and (value := re.search(r'value="([^"]*)"', tag)):
            return html.unescape(value[1])
    raise AssertionError(f"no field {name} on {page.url.path}")


def enter(
    client: httpx.Client, email: str = RECEPTIONIST, password: str = PASSWORD, to: str = "/"
) -> httpx.Response:
    """Fill in the sign-in form and send it."""
    csrf_token = field(client.get("/sign-in"), "csrf_token")
    told = {"email": email, "password": password, "next": to, "csrf_token": csrf_token}
    return client.post("/sign-in", data=told, headers={"Sec-Fetch-Site": "same-origin"})


def csrf_token() -> str:
    """The token of the only session there is."""
    with db.transaction() as session:
        return session.scalars(select(StaffSession)).one().csrf_token
