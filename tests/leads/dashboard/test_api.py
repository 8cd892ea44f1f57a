"""What programs read: names, times, pages and filters as the outside knows them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from leads import api_token, call, db, desk
from leads.audit import Audit
from leads.dashboard.app import app
from leads.lead import Lead
from leads.phone import Phone
from leads.staff import APIToken
from tests.leads.dashboard.people import caller, token
from tests.server import serving

TEN = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)
MARIA = "+14255550142"
LEAD = {
    *("id", "phone", "name", "stage", "relation", "source", "owner", "created_at"),
    *("last_activity_at", "needs_callback_since", "opted_out_at", "appointment_at"),
}
CALL = {
    *("id", "sid", "lead_id", "direction", "from", "to", "tracking_number", "outcome"),
    *("returning", "started_at", "ended_at", "talk_seconds"),
}
MESSAGE = {
    *("id", "sid", "lead_id", "direction", "body", "state", "error_code", "segments"),
    *("created_at", "sent_at", "delivered_at"),
}


@pytest.fixture
def api(database: str) -> Iterator[httpx.Client]:
    """A program whose token may read."""
    assert database
    with serving(app) as address:
        there = f"{address}/api/v1"
        with httpx.Client(base_url=there, headers=token("read"), timeout=20) as opened:
            yield opened


def rung(sid: str, from_raw: str) -> None:
    """Somebody called the practice's number and hung up."""
    with db.transaction() as session:
        row = call.arrive(session, sid, from_raw, "+14254379974", "", TEN)
        call.end(row, TEN + timedelta(seconds=9))
        call.settle(session, row, TEN + timedelta(seconds=9))


def items(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    listed: list[dict[str, Any]] = answer.json()["items"]
    return listed


def test_a_lead_has_the_outside_names_and_utc_times(api: httpx.Client) -> None:
    caller(MARIA, "Maria Lopez", TEN)
    (lead,) = items(api.get("/leads"))
    assert set(lead) == LEAD
    assert lead["phone"] == MARIA
    assert lead["source"] == "Website"
    assert lead["owner"] is None
    assert lead["created_at"] == lead["needs_callback_since"] == "2026-12-01T18:00:00Z"


def test_one_lead_adds_what_belongs_to_it(api: httpx.Client) -> None:
    rung("CA" + "1" * 32, MARIA)
    with db.transaction() as session:
        lead = session.scalars(select(Lead)).one()
        desk.reply(session, lead, None, TEN, "We will call you back.")
    (listed,) = items(api.get("/leads"))
    full = api.get(f"/leads/{listed['id']}").json()
    assert set(full) == LEAD | {"calls", "messages", "reminders", "timeline"}
    assert set(full["calls"][0]) == CALL
    assert full["calls"][0]["from"] == MARIA
    assert full["calls"][0]["outcome"] == "abandoned"
    assert full["calls"][0]["tracking_number"] == full["calls"][0]["to"] == "+14254379974"
    assert set(full["messages"][0]) == MESSAGE
    assert full["messages"][0]["state"] == "queued"
    kinds = [entry["kind"] for entry in full["timeline"]]
    assert kinds[0] == "lead_created"
    assert {"call_abandoned", "text_out"} <= set(kinds)
    assert set(full["timeline"][0]) == {"at", "kind", "text", "facts"}


def test_a_withheld_caller_is_a_call_without_a_lead(api: httpx.Client) -> None:
    rung("CA" + "2" * 32, "+266696687")
    (listed,) = items(api.get("/calls"))
    assert (listed["from"], listed["lead_id"]) == (None, None)


@pytest.mark.parametrize(
    "typed", ["(425) 555-0142", "425.555.0142", "+14255550142", "1 425 555 0142", " 4255550142 "]
)
def test_a_lead_is_found_by_its_number_in_any_spelling(api: httpx.Client, typed: str) -> None:
    lead_id = caller(MARIA, "Maria Lopez", TEN)
    caller("+12065550100", "Ben", TEN)
    assert [lead["id"] for lead in items(api.get("/leads", params={"phone": typed}))] == [lead_id]


@pytest.mark.parametrize(
    ("q", "found"),
    [("lop", 1), ("LOPEZ", 1), ("0142", 1), ("555-01", 2), ("%", 0), ("_", 0), ("  ", 2), ("x", 0)],
)
def test_leads_are_found_by_part_of_a_name_or_a_number(
    api: httpx.Client, q: str, found: int
) -> None:
    caller(MARIA, "Maria Lopez", TEN)
    caller("+12065550100", "Ben", TEN)
    assert len(items(api.get("/leads", params={"q": q}))) == found


def test_lists_are_filtered(api: httpx.Client) -> None:
    rung("CA" + "1" * 32, MARIA)
    rung("CA" + "2" * 32, "anonymous")
    assert len(items(api.get("/calls?outcome=abandoned"))) == 2
    assert items(api.get("/calls?outcome=answered")) == []
    assert len(items(api.get(f"/calls?lead_id={items(api.get('/leads'))[0]['id']}"))) == 1
    assert len(items(api.get("/leads?stage=new"))) == 1
    assert items(api.get("/leads?stage=won")) == []
    assert items(api.get("/messages?state=queued&direction=outbound")) == []
    assert items(api.get("/reminders?state=scheduled")) == []


def test_pages_neither_miss_nor_repeat_what_was_there_while_more_comes(api: httpx.Client) -> None:
    there = [caller(f"+1425555{1000 + number}", "", TEN) for number in range(7)]
    seen: list[int] = []
    cursor = None
    while True:
        page = api.get("/leads", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))
        seen += [lead["id"] for lead in items(page)]
        cursor = page.json()["next"]
        if cursor is None:
            break
        caller(f"+1425555{2000 + len(seen)}", "", TEN)
        with db.transaction() as session:
            session.execute(update(Lead).where(Lead.id == there[0]).values(last_activity_at=TEN))
    assert seen == there[::-1]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/leads?cursor=x", 422),
        ("/leads?cursor=YmVmb3JlOi01", 422),
        ("/leads?limit=0", 422),
        ("/leads?limit=many", 422),
        ("/leads?stage=asleep", 422),
        ("/leads?phone_number=4255550142", 422),
        ("/leads?phone=nobody", 422),
        ("/leads?q=%00", 422),
        ("/leads/0", 422),
        ("/leads/99999999999999999999", 422),
        ("/leads/4711", 404),
        ("/nothing", 404),
    ],
)
def test_what_does_not_fit_is_a_problem_in_words(api: httpx.Client, path: str, status: int) -> None:
    answer = api.get(path)
    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) >= {"type", "title", "status", "detail"}


def test_reading_a_person_is_audited_without_their_number(api: httpx.Client) -> None:
    lead_id = caller(MARIA, "Maria Lopez", TEN)
    api.get(f"/leads/{lead_id}")
    api.get("/leads", params={"phone": MARIA})
    with db.transaction() as session:
        rows = session.scalars(select(Audit).order_by(Audit.id)).all()
        assert [row.action for row in rows] == ["token_created", "lead_viewed", "search"]
        assert rows[1].lead_id == lead_id
        assert all(row.token_id is not None for row in rows)
        assert "425" not in str([row.facts for row in rows])


def test_a_token_notes_its_use_and_is_worth_nothing_once_revoked(api: httpx.Client) -> None:
    api.get("/leads")
    with db.transaction() as session:
        kept = session.scalars(select(APIToken)).one()
        assert kept.last_used_at is not None
        assert kept.token_digest not in api.headers["Authorization"]
        kept.revoked_at = db.database_time(session)
    assert api.get("/leads").status_code == 401


def test_a_token_that_cannot_be_made_is_refused_in_words(database: str) -> None:
    assert database
    with db.transaction() as session:
        with pytest.raises(api_token.UnknownScope, match="read, write, admin"):
            api_token.create_token(session, "report", "everything")
        with pytest.raises(api_token.UnusableName):
            api_token.create_token(session, " ", "read")
        api_token.create_token(session, "report", "read")
        with pytest.raises(api_token.UnusableName, match="already"):
            api_token.create_token(session, "report", "read")


def test_an_opt_out_shows_on_the_lead(api: httpx.Client) -> None:
    caller(MARIA, "Maria Lopez", TEN)
    with db.transaction() as session:
        Phone.of(session, MARIA).opted_out_at = TEN
    assert items(api.get("/leads"))[0]["opted_out_at"] == "2026-12-01T18:00:00Z"
