"""Rosa at the desk on a busy morning, as a browser without a script sees it."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from leads import db
from leads.lead import Lead
from tests.browser import people
from tests.browser.telephone import Telephone
from tests.leads.dashboard.people import browser, enter, field


@contextmanager
def signed_in(address: str, email: str = people.RECEPTIONIST) -> Iterator[httpx.Client]:
    with browser(address) as opened:
        assert enter(opened, email, people.PASSWORD).status_code == 303
        yield opened


def lead(e164: str) -> Lead:
    with db.transaction() as session:
        found = Telephone(session).lead(e164)
        assert found.phones
        return found


def press(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """Send a form of ours, with the token that every page carries."""
    told = {"csrf_token": field(client.get("/"), "csrf_token"), **fields}
    return client.post(path, data=told, headers={"Sec-Fetch-Site": "same-origin"})
