"""Texting by API: the window and its limits, alarms, and texts without an outcome."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from leads import alarm, clock, db
from leads.audit import Audit
from leads.dashboard.app import app
from leads.message import Message
from leads.practice import Practice
from tests.browser import people
from tests.browser.telephone import Telephone
from tests.leads.dashboard.people import token
from tests.server import serving


@pytest.fixture
def api(database: str) -> Iterator[httpx.Client]:
    """A program that may do everything."""
    assert database
    with serving(app) as at:
        headers = token("admin")
        with httpx.Client(base_url=f"{at}/api/v1", headers=headers, timeout=20) as opened:
            yield opened


def test_what_is_read_can_be_written_back(api: httpx.Client) -> None:
    told = api.get("/texting").json()
    version = told["version"]
    assert told == {
        "version": version,
        "window": {
            "days": ["mon", "tue", "wed", "thu", "fri", "sat"],
            "from": "09:00",
            "until": "20:00",
        },
        "hold_minutes": 0,
        "consent_mode": "call",
        "optout_owner": "twilio",
        "lookup_landlines": False,
        "caps": {
            "inquiry_per_24_hours": 1,
            "inquiry_per_7_days": 3,
            "per_inquiry": 3,
            "any_per_24_hours": 3,
        },
        "sender_confirmed_at": None,
    }
    told["window"] |= {"days": ["tue", "mon", "mon"], "from": "10:00"}
    told |= {"hold_minutes": 30, "optout_owner": "app", "consent_mode": "notice"}
    answer = api.put("/texting", json=told)
    assert answer.status_code == 200, answer.text
    assert answer.json()["window"] == {"days": ["mon", "tue"], "from": "10:00", "until": "20:00"}
    assert api.get("/texting").json() == answer.json()
    assert answer.json()["version"] != version
    with db.transaction() as session:
        assert Practice.get(session).opening_hold_minutes == 30
        audited = session.scalars(select(Audit).where(Audit.action == "settings_changed")).one()
        assert audited.token_id is not None
        changed = ["texting_days", "texting_from", "opening_hold_minutes", "consent_mode"]
        assert audited.facts == {"page": "texting", "changed": [*changed, "optout_owner"]}


def test_two_programs_do_not_overwrite_each_others_settings(api: httpx.Client) -> None:
    told = api.get("/texting").json()
    changed = api.put("/texting", json=told | {"hold_minutes": 30}).json()
    late = api.put("/texting", json=told | {"consent_mode": "keypress"})
    assert (late.status_code, late.json()["version"]) == (409, changed["version"])
    assert late.headers["content-type"] == "application/problem+json"
    assert "Somebody else has changed these settings meanwhile" in late.json()["detail"]
    assert api.get("/texting").json() == changed
    assert api.put("/texting", json=changed | {"consent_mode": "keypress"}).status_code == 200
    del told["version"]
    assert api.put("/texting", json=told).status_code == 422


def test_the_senders_registration_is_confirmed_and_withdrawn_once_each(api: httpx.Client) -> None:
    for body in ({}, {"registered": False}, {"registered": "yes"}):
        assert api.post("/texting/confirmation", json=body).status_code == 422
    since = api.post("/texting/confirmation", json={"registered": True}).json()
    assert since["sender_confirmed_at"] is not None
    assert api.post("/texting/confirmation", json={"registered": True}).json() == since
    assert api.get("/texting").json() == since
    for _ in range(2):
        assert api.post("/texting/withdrawal").json()["sender_confirmed_at"] is None
    with db.transaction() as session:
        rows = session.scalars(
            select(Audit).where(Audit.action == "settings_changed").order_by(Audit.id)
        ).all()
        assert [row.facts for row in rows] == [
            {"page": "texting", "confirmed": True},
            {"page": "texting", "confirmed": False},
        ]
        assert all(row.token_id for row in rows)
    writer = token("write")
    for path in ("/texting/confirmation", "/texting/withdrawal"):
        answer = api.post(path, json={"registered": True}, headers=writer)
        assert answer.status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"window": {"days": ["mon"], "from": "07:00", "until": "20:00"}},
        {"window": {"days": ["mon"], "from": "12:00", "until": "12:00"}},
        {"window": {"days": ["sun"], "from": "09:00", "until": "20:00"}},
        {"window": {"days": [], "from": "09:00", "until": "20:00"}},
        {"window": {"days": ["mon"], "from": "9 AM", "until": "20:00"}},
        {"hold_minutes": 121},
        {"optout_owner": "nobody"},
        {"consent_mode": "always"},
        {"consent_mode": None},
    ],
)
def test_the_hard_limits_hold_here_too(api: httpx.Client, change: dict[str, Any]) -> None:
    told = api.get("/texting").json()
    answer = api.put("/texting", json=told | change)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert api.get("/texting").json() == told


def test_a_program_that_may_write_changes_no_settings(api: httpx.Client) -> None:
    told = api.get("/texting").json()
    answer = api.put("/texting", json=told, headers=token("write"))
    assert answer.status_code == 403
    assert api.get("/texting", headers=token("read")).status_code == 200


def test_an_alarm_is_listed_until_it_is_cleared(api: httpx.Client) -> None:
    with db.transaction() as session:
        now, real = clock.now(session), db.database_time(session)
        alarm.raise_alarm(session, "auth", "No text goes out.", now, real, stops_sending=True)
    listed = api.get("/alarms").json()["items"]
    assert [(each["kind"], each["stops_sending"]) for each in listed] == [("auth", True)]
    cleared = api.post(f"/alarms/{listed[0]['id']}/clearing")
    assert cleared.json()["cleared_at"] is not None
    assert api.post(f"/alarms/{listed[0]['id']}/clearing").json() == cleared.json()
    assert api.get("/alarms").json() == {"items": [], "next": None}
    assert api.post("/alarms/999/clearing").status_code == 404
    with db.transaction() as session:
        assert len(session.scalars(select(Audit).where(Audit.action == "alarm_cleared")).all()) == 1


def test_a_text_without_an_outcome_is_settled_once(api: httpx.Client) -> None:
    with db.transaction() as session:
        clock.set_to(session, people.NOW)
        Telephone(session).miss(people.DEREK, people.at(0, 10, 0))
        message = session.scalars(select(Message)).one()
        message.state, message.sid, message.delivered_at = "unknown", None, None
    assert [each["id"] for each in api.get("/messages?state=unknown").json()["items"]] == [1]
    answer = api.post("/messages/1/outcome", json={"arrived": False})
    assert answer.json()["state"] == "failed"
    again = api.post("/messages/1/outcome", json={"arrived": True})
    assert (again.status_code, again.json()["detail"]) == (
        409,
        "The outcome of this text is known. Nothing was changed.",
    )
    assert api.post("/messages/9/outcome", json={"arrived": True}).status_code == 404
