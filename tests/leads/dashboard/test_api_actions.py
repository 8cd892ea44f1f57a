"""What programs change, and who may not."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from leads import clock, db
from leads.audit import Audit
from leads.dashboard.app import app, create_app
from leads.message import Message
from leads.phone import Phone
from leads.timeline import TimelineEntry
from tests.leads.dashboard.people import browser, caller, enter, hire, token
from tests.server import serving

TEN = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)
MARIA = "+14255550142"
ENDPOINTS = sorted(
    (method.upper(), re.sub(r"{\w+}", "1", path))
    for path, methods in create_app().openapi()["paths"].items()
    for method in methods
)
ASKED_WITH_A_BODY = ("/preview", "/lint")  # and changing nothing
CHANGES = [
    (method, path)
    for method, path in ENDPOINTS
    if method != "GET" and not path.endswith(ASKED_WITH_A_BODY)
]


@pytest.fixture
def address(database: str) -> Iterator[str]:
    assert database
    with serving(app) as at:
        yield at


@pytest.fixture
def lead(address: str) -> Iterator[httpx.Client]:
    """A program whose token may write, at the address of Maria's lead."""
    with db.transaction() as session:
        now = clock.now(session)
    there = f"{address}/api/v1/leads/{caller(MARIA, 'Maria Lopez', now)}"
    with httpx.Client(base_url=there, headers=token("write"), timeout=20) as opened:
        yield opened


def kinds() -> list[str]:
    with db.transaction() as session:
        return list(session.scalars(select(TimelineEntry.kind).order_by(TimelineEntry.id)))


def test_there_is_something_to_try() -> None:
    assert len(ENDPOINTS) >= 25
    assert len(CHANGES) >= 17


def test_nobody_gets_in_without_a_token(address: str) -> None:
    hire()
    with browser(address) as outsider:
        enter(outsider)  # a cookie opens pages, never the API
        for method, path in ENDPOINTS:
            for told in ({}, {"Authorization": "Bearer guessed"}, {"Authorization": "Basic eDp5"}):
                answer = outsider.request(method, path, headers=told, json={})
                assert answer.status_code == 401, path
                assert answer.headers["www-authenticate"].startswith("Bearer")
                assert answer.headers["content-type"] == "application/problem+json"


def test_a_token_that_may_read_changes_nothing(address: str) -> None:
    read = token("read")
    for method, path in CHANGES:
        answer = httpx.request(method, address + path, headers=read, json={})
        assert answer.status_code == 403, path
        assert "insufficient_scope" in answer.headers["www-authenticate"]
    with db.transaction() as session:
        denied = session.scalars(select(Audit).where(Audit.action == "access_denied")).all()
        assert len(denied) == len(CHANGES)


@pytest.mark.parametrize(
    ("method", "path", "body", "becomes"),
    [
        ("POST", "/contact", None, {"stage": "contacted", "needs_callback_since": None}),
        ("POST", "/talk", None, {"stage": "contacted", "needs_callback_since": None}),
        ("POST", "/talk", {"texts_agreed": True}, {"stage": "contacted"}),
        ("POST", "/booking", {"texts_agreed": True}, {"stage": "booked"}),
        ("DELETE", "/follow-ups", None, {"stage": "new"}),
        ("POST", "/opt-in", None, {"opted_out_at": None}),
        ("POST", "/booking", None, {"stage": "booked", "appointment_at": None}),
        (
            "POST",
            "/booking",
            {"appointment_at": "2026-12-03T10:30:00-08:00"},
            {"stage": "booked", "appointment_at": "2026-12-03T18:30:00Z"},
        ),
        ("POST", "/closing", {"stage": "lost"}, {"stage": "lost", "needs_callback_since": None}),
        ("PUT", "/relation", {"relation": "patient"}, {"relation": "patient"}),
        ("PUT", "/name", {"name": " Maria  L. "}, {"name": "Maria L."}),
    ],
)
def test_the_desks_actions_are_resources(
    lead: httpx.Client, method: str, path: str, body: Any, becomes: dict[str, Any]
) -> None:
    answer = lead.request(method, path, json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json() | becomes == answer.json()
    kept = lead.get(str(lead.base_url).rstrip("/")).json()
    assert kept | becomes == kept


def test_a_note_stands_on_the_timeline(lead: httpx.Client) -> None:
    assert lead.post("/notes", json={"text": "Prefers mornings."}).status_code == 201
    assert kinds()[-1] == "note"


def test_a_text_is_queued_for_the_sender(lead: httpx.Client) -> None:
    answer = lead.post("/messages", json={"body": "We will call you at noon."})
    assert answer.status_code == 201
    assert answer.json()["state"] == "queued"
    assert answer.json()["created_at"].endswith("Z")
    with db.transaction() as session:
        assert session.scalars(select(Message)).one().body == "We will call you at noon."


@pytest.mark.parametrize(
    ("hour", "warning"),
    [
        (10, None),
        (21, "It is after 8 PM in Los Angeles. A text would go now; automated ones wait."),
    ],
)
def test_a_text_at_a_wrong_hour_goes_and_the_answer_warns(
    lead: httpx.Client, hour: int, warning: str | None
) -> None:
    with db.transaction() as session:
        clock.set_to(session, TEN + timedelta(hours=hour - 10))
    answer = lead.post("/messages", json={"body": "We will call you at noon."})
    assert answer.status_code == 201
    assert (answer.json()["state"], answer.json()["warning"]) == ("queued", warning)


def test_after_an_opt_out_a_text_is_refused_in_words(lead: httpx.Client) -> None:
    assert lead.post("/opt-out").json()["opted_out_at"] is not None
    answer = lead.post("/messages", json={"body": "One more."})
    assert answer.status_code == 409
    assert "opted out" in answer.json()["detail"]
    with db.transaction() as session:
        assert session.scalars(select(Message)).all() == []
        assert Phone.of(session, MARIA).opted_out_at is not None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/booking", {"appointment_at": "2026-12-03T10:30:00"}),
        ("/booking", {"appointment_at": "9999-12-31T23:59:59-12:00"}),
        ("/booking", {"appointment": "tomorrow"}),
        ("/closing", {"stage": "booked"}),
        ("/talk", {"texts_agreed": "perhaps"}),
        ("/decision", {}),
        ("/notes", {"text": "a\x00b"}),
        ("/notes", {"text": "x" * 5001}),
        ("/notes", {}),
        ("/messages", {"body": None}),
    ],
)
def test_what_does_not_fit_changes_nothing(lead: httpx.Client, path: str, body: Any) -> None:
    before = kinds()
    answer = lead.post(path, json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert all(set(error) == {"where", "problem"} for error in answer.json()["errors"])
    assert kinds() == before


@pytest.mark.parametrize("at", ["2099-12-31T10:00:00-08:00", "2020-12-03T10:00:00Z"])
def test_an_appointment_in_another_age_is_refused(lead: httpx.Client, at: str) -> None:
    before = kinds()
    answer = lead.post("/booking", json={"appointment_at": at})
    assert answer.status_code == 409
    assert "at most a year back and three years ahead" in answer.json()["detail"]
    assert kinds() == before


@pytest.mark.parametrize(("path", "field"), [("/notes", "text"), ("/messages", "body")])
def test_empty_words_are_refused(lead: httpx.Client, path: str, field: str) -> None:
    assert lead.post(path, json={field: "  "}).status_code == 409


def test_an_appointment_is_cancelled_or_missed_when_there_is_one(lead: httpx.Client) -> None:
    for method, path in (("DELETE", "/appointment"), ("POST", "/missed-appointment")):
        answer = lead.request(method, path)
        assert answer.status_code == 409
        assert "no appointment" in answer.json()["detail"]
    with db.transaction() as session:
        now = clock.now(session)
    lead.post("/booking", json={"appointment_at": (now + timedelta(days=1)).isoformat()})
    assert "still ahead" in lead.post("/missed-appointment").json()["detail"]
    assert lead.delete("/appointment").json()["appointment_at"] is None
    lead.post("/booking", json={"appointment_at": (now - timedelta(hours=1)).isoformat()})
    missed = lead.post("/missed-appointment").json()
    assert (missed["stage"], missed["appointment_at"]) == ("contacted", None)
    assert missed["needs_callback_since"] is not None


def test_a_text_that_may_be_a_no_is_decided_once(lead: httpx.Client) -> None:
    assert lead.post("/decision", json={"no_texts": True}).status_code == 409
    with db.transaction() as session:
        Phone.of(session, MARIA).unclear_at = clock.now(session)
    assert lead.post("/decision", json={"no_texts": True}).json()["opted_out_at"] is not None
    assert lead.post("/decision", json={"no_texts": True}).status_code == 409


def test_the_ledger_tells_what_was_given_and_revoked_the_newest_first(lead: httpx.Client) -> None:
    lead.post("/opt-in")
    lead.post("/opt-out")
    page = lead.get("/consents").json()
    assert [(row["kind"], row["basis"], row["phone"]) for row in page["items"]] == [
        ("revoked", "staff", MARIA),
        ("given", "staff", MARIA),
    ]
    assert [row["purposes"] for row in page["items"]] == [
        ["responsive", "informational", "marketing"],  # all of them end
        ["responsive", "informational"],
    ]
    assert page["next"] is None
    first = lead.get("/consents", params={"limit": 1}).json()
    rest = lead.get("/consents", params={"limit": 1, "cursor": first["next"]}).json()
    assert first["items"] + rest["items"] == page["items"]
