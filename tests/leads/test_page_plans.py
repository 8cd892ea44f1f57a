"""Every page with thousands of leads: few queries, none of which goes through a long table."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, event, select, text
from sqlalchemy.orm import Session

from leads import db
from leads.dashboard.app import app
from leads.demo import command
from leads.password import hashed
from leads.staff import Staff
from leads.webhook_event import WebhookEvent
from services import Servers
from tests.benchmarks.pages import hard
from tests.browser import people
from tests.browser.moments import done, made
from tests.browser.pages import pages
from tests.conftest import forget_settings
from tests.leads.dashboard.people import PASSWORD, enter
from tests.leads.test_claim_plan import nodes_of
from tests.server import serving

LEADS = 2500
PART_OF_A_PAGE = {"HX-Request": "true"}  # as a page that is open asks for what changed on it
# Tables that only ever grow. `phone` and `audit` too, but no page lists them.
LONG = {
    *("call", "call_leg", "consent", "follow_up", "lead", "lead_phone", "message"),
    *("phone", "recording", "reminder", "timeline", "webhook_event"),
}
LONGEST = 400  # characters of a statement that are shown
FEW = 1000  # rows, which are read in a millisecond
# They follow an index to a LIMIT, or count to one: a longer table is not read any further.
LIMITED = {("leads", "lead"), ("leads: in the middle", "lead"), ("inbox", "message")}
LIMITED |= {("inbox-thread", "message")}
LIMITED |= {
    (f"leads: {many}", "lead")
    for many in ("by name", "first heard of", "waiting longest", "of nobody")
}
# Every third lead is of this owner, and every sixth a patient: a thousand are soon counted.
LIMITED |= {("leads: of one owner", "lead"), ("leads: patients", "lead")}
Statement = tuple[str, Any]


@pytest.fixture(scope="module")
def opened(
    servers: Servers, template: str, environment: pytest.MonkeyPatch
) -> Iterator[dict[str, list[Statement]]]:
    """What each page asks the database, by the page's name."""
    servers.create_database("page_plans", template)
    with environment.context() as patch:
        patch.setenv("DATABASE_URL", servers.database_url("page_plans"))
        forget_settings()
        command.fill(LEADS, print)
        with db.transaction() as session:
            anna = session.scalars(select(Staff).where(Staff.email == people.ADMIN)).one()
            anna.password_hash = hashed(PASSWORD, anna.email)
            paths = pages(session) | hard(session)
            paths |= {"alarms": "/alarms", "settings-received-event": _received(session)}
        paths |= {name: path for name, path in (made() | done()).items() if name != "not-found"}
        with db.transaction() as session:
            session.execute(text("ANALYZE"))
        with serving(app) as address, httpx.Client(base_url=address, timeout=60) as client:
            assert enter(client, people.ADMIN, PASSWORD).status_code == 303
            for name in ("leads", "calls"):
                first, middle = (
                    re.findall(r'<tr id="([^"]+)"', client.get(paths[each]).text)
                    for each in (name, f"{name}: in the middle")
                )
                assert len(first) == len(middle) > 10
                assert not {*first} & {*middle}, "the page in the middle is the first one"
            yield {name: _asked(client, path) for name, path in paths.items()}
        forget_settings()
    servers.drop_database("page_plans")


def _received(session: Session) -> str:
    """The page of one request of Twilio's among as many as the leads' calls sent."""
    session.execute(text(RECEIVED), {"n": LEADS})
    event_id = session.scalars(select(WebhookEvent.id).offset(LEADS // 2).limit(1)).one()
    return f"/settings/received/{event_id}"


RECEIVED = """
INSERT INTO webhook_event (source, sid, event, status, query, body)
SELECT 'twilio', 'CA' || md5(n::text), 'voice', 'ringing', '', 'CallStatus=ringing'
FROM generate_series(1, :n) n
"""


def _asked(client: httpx.Client, path: str) -> list[Statement]:
    asked: list[Statement] = []

    def note(_c: Any, _cursor: Any, statement: str, values: Any, _x: Any, _many: bool) -> None:
        asked.append((statement, values))

    headers = PART_OF_A_PAGE if path == "/alarms" else {}
    client.get(path, headers=headers)  # the first request also loads what is kept
    event.listen(db.engine(), "before_cursor_execute", note)
    answer = client.get(path, headers=headers)
    event.remove(db.engine(), "before_cursor_execute", note)
    assert answer.status_code == 200, path
    return asked


def test_no_page_asks_much(opened: dict[str, list[Statement]]) -> None:
    too_many = {name: len(asked) for name, asked in opened.items() if len(asked) > most(name)}
    assert too_many == {}


def most(name: str) -> int:
    """Queries of a page, the session's own and the audit's line included. The pages that tell
    everything of one person, or of everybody who waits, put together more; the bar of alarms, which
    every open page asks for when something changed, less."""
    if name == "alarms":
        return 20
    return 35 if name.startswith(("desk", "lead", "inbox")) else 25


def test_no_page_looks_at_a_long_table_whole(opened: dict[str, list[Statement]]) -> None:
    """By what is really read: a search that ends at its first find may begin anywhere. So few rows
    are quickly read whole and joined; what counts is that there is another way for many. Which way
    PostgreSQL takes with a million leads is in docs/benchmarks.md."""
    whole = {}
    with db.engine().connect() as connection:
        for way in ("seqscan", "hashjoin", "mergejoin"):
            connection.execute(text(f"SET LOCAL enable_{way} = off"))
        sizes = {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608 - our own words
            for name in map(connection.dialect.identifier_preparer.quote, LONG)
        }
        for name, asked in opened.items():
            for statement, values in asked:
                if not statement.lstrip("( \n").upper().startswith(("SELECT", "WITH")):
                    continue
                for table, rows in looked_at(connection, statement, values).items():
                    far = rows > max(sizes[table] / 2, FEW)
                    if far and (name, table) not in LIMITED:
                        whole[name, table] = (rows, " ".join(statement.split())[-LONGEST:])
    assert not whole, "\n".join(f"{where}: {what}" for where, what in whole.items())


def looked_at(connection: Connection, statement: str, values: Any) -> Counter[str]:
    """The rows of long tables that the statement read, those included that did not fit."""
    explain = f"EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) {statement}"
    told = connection.exec_driver_sql(explain, values).scalar_one()
    plan = told if isinstance(told, list) else json.loads(told)
    read: Counter[str] = Counter()
    for node in nodes_of(plan[0]["Plan"]):
        table = node.get("Relation Name")
        if table in LONG:
            rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            read[table] += round(rows * node["Actual Loops"])
    return read
