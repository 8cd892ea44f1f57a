"""How long each page of the dashboard takes with many leads, and how many queries it makes.

The leads are those of `ringback demo --leads`. The dashboard runs by the Procfile's own command,
and a signed-in browser's requests go to it over sockets, one at a time: the time from sending the
request until the whole page has come. Beside each page, a plain one is asked for. The first
requests of each page are not counted: they load templates, plans and buffers.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from urllib.parse import quote

import httpx
from sqlalchemy import event, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from leads import db
from leads.call import Call
from leads.dashboard.app import app
from leads.dashboard.pages.ordering import cursor
from leads.demo import command
from leads.lead import Lead
from leads.practice import PracticePhone
from leads.staff import Staff, add_staff
from leads.tracking_number import TrackingNumber
from tests.benchmarks import live
from tests.benchmarks.figures import Live, PageTimes
from tests.benchmarks.installation import NotMeasured
from tests.benchmarks.sender import Sender
from tests.browser.pages import pages
from tests.leads.dashboard.people import enter
from tests.server import serving

EMAIL, PASSWORD = "bench@clinic.example", "four unrelated words here"
COLD = 3  # requests that do not count


def measure(
    sender: Sender, leads: int, rounds: int, say: Callable[[str], None]
) -> tuple[list[PageTimes], Live]:
    """Raises NotMeasured when a page cannot be opened."""
    with sender.database():
        command.fill(leads, say)
        with db.transaction() as session:
            add_staff(session, EMAIL, "admin", PASSWORD, name="Bench")
        paths = _paths()
        say(f"Opening {len(paths)} pages, {rounds} times each …")
        queries = _queries(paths)
        with sender.web("dashboard") as address, sender.web("plain") as beside:
            times, plain = _times(address, beside, paths, rounds)
            with _browser(address) as client:
                soon = live.measure(client, rounds)
    found = [
        PageTimes(name, paths[name], times[name], plain[name], queries[name]) for name in paths
    ]
    return found, soon


def _paths() -> dict[str, str]:
    with db.transaction() as session:
        return pages(session) | hard(session)


def hard(session: Session) -> dict[str, str]:
    """The lists where they are hardest: searched, filtered, in the middle."""
    lead, call = (_middle(session, each) for each in (Lead.last_activity_at, Call.started_at))
    owner = session.scalars(select(Staff.id).order_by(Staff.id).limit(1)).one()
    tag = session.scalars(select(Lead.tags[0].as_string()).where(Lead.tags != []).limit(1)).first()
    number, phone = (
        session.scalars(select(each).order_by(each).limit(1)).one()
        for each in (TrackingNumber.id, PracticePhone.id)
    )
    last = session.scalars(select(func.max(Lead.last_activity_at))).one()
    since, until = ((last - timedelta(days=days)).date() for days in (9, 2))
    return {
        "search: name": "/leads?q=alvarez",
        "search: part of a number": "/leads?q=555-0142",
        "search: four digits": "/leads?q=4821",
        "search: word of a text": "/leads?q=parking",
        "search: nothing": "/leads?q=zzxqy",
        "leads: new": "/leads?stage=new",
        "leads: lost": "/leads?stage=lost",
        "leads: in the middle": f"/leads?after={lead}",
        "leads: of one owner": f"/leads?owner={owner}",
        "leads: of nobody": "/leads?owner=none",
        "leads: by a tag": f"/leads?tag={quote(tag or 'massage')}",
        "leads: no texts": "/leads?no_texts=yes",
        "leads: patients": "/leads?relation=patient",
        "leads: of some days": f"/leads?since={since}&until={until}",
        "leads: by name": "/leads?sort=name",
        "leads: first heard of": "/leads?sort=first",
        "leads: waiting longest": "/leads?sort=waiting",
        "calls: voicemail": "/calls?outcome=voicemail",
        "calls: not answered": "/calls?outcome=missed&outcome=abandoned&outcome=voicemail",
        "calls: in the middle": f"/calls?after={call}",
        "calls: to one number": f"/calls?number={number}",
        "calls: answered at one phone": f"/calls?answered_by={phone}",
    }


def _middle(session: Session, column: InstrumentedAttribute[datetime]) -> str:
    """A cursor halfway through the list."""
    row = column.class_
    low, high = (
        session.execute(select(column, row.id).order_by(order).limit(1)).one()
        for order in (column, column.desc())
    )
    halfway = low[0] + (high[0] - low[0]) / 2
    at = session.execute(
        select(column, row.id).where(column >= halfway).order_by(column).limit(1)
    ).one()
    return cursor(*at)


def _queries(paths: Mapping[str, str]) -> dict[str, int]:
    """Counted on the same application in this process."""
    counted: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        counted.append(statement)

    found = {}
    with serving(app) as address, _browser(address) as client:
        event.listen(db.engine(), "before_cursor_execute", note)
        for name, path in paths.items():
            _open(client, path)
            counted.clear()
            _open(client, path)
            found[name] = len(counted)
        event.remove(db.engine(), "before_cursor_execute", note)
    return found


def _times(
    address: str, beside: str, paths: Mapping[str, str], rounds: int
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Milliseconds of each page and of the plain page asked for right after it."""
    times: dict[str, list[float]] = {name: [] for name in paths}
    plain: dict[str, list[float]] = {name: [] for name in paths}
    with _browser(address) as client, httpx.Client(base_url=beside, timeout=60) as other:
        for number in range(COLD + rounds):
            for name, path in paths.items():
                taken, taken_plain = _open(client, path), _open(other, "/")
                if number >= COLD:
                    times[name].append(taken)
                    plain[name].append(taken_plain)
    return times, plain


def _open(client: httpx.Client, path: str) -> float:
    begun = time.perf_counter()
    answer = client.get(path)
    taken = (time.perf_counter() - begun) * 1000
    if answer.status_code != 200:
        raise NotMeasured(f"{path.partition('?')[0]} answered {answer.status_code}.")
    return taken


@contextmanager
def _browser(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60) as client:
        if enter(client, EMAIL, PASSWORD).status_code != 303:
            raise NotMeasured("Nobody could sign in.")
        yield client
