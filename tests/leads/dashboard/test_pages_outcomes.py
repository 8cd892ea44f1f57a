"""Texts of which nobody knows whether they arrived: a short list, settled with one click each."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from leads import db
from leads.dashboard.app import app
from leads.message import Message
from leads.timeline import TimelineEntry
from tests.browser import people
from tests.leads.dashboard.desk import lead, press, signed_in
from tests.leads.dashboard.test_pages import plain
from tests.server import serving

TITLE = "Texts without an outcome"


@pytest.fixture
def client(morning: str) -> Iterator[httpx.Client]:
    assert morning
    with serving(app) as address, signed_in(address) as opened:
        yield opened


def lose() -> int:
    """The outcome of the last text to Derek is lost."""
    with db.transaction() as session:
        wanted = select(Message).where(Message.lead_id == lead(people.DEREK).id)
        message = session.scalars(wanted.order_by(Message.id.desc()).limit(1)).one()
        message.state, message.sid, message.sent_at, message.delivered_at = ("unknown", *[None] * 3)
        return message.id


def test_without_any_nothing_is_said(client: httpx.Client) -> None:
    assert TITLE not in client.get("/follow-ups").text
    assert "without an outcome" not in client.get("/").text


def test_they_are_listed_with_their_words_and_counted_on_the_desk(client: httpx.Client) -> None:
    lose()
    said = plain(client.get("/follow-ups"))
    assert f"{TITLE} The telephone service did not say" in said
    assert "425-555-0119 9:41 AM Hi, this is Back In Balance Chiropractic." in said
    assert "1 text without an outcome" in plain(client.get("/"))


@pytest.mark.parametrize(("arrived", "state"), [("yes", "sent"), ("no", "failed")])
def test_one_click_settles_one(client: httpx.Client, arrived: str, state: str) -> None:
    message_id = lose()
    answer = press(client, f"/texts/{message_id}/outcome", arrived=arrived)
    assert (answer.status_code, answer.headers["location"]) == (303, "/follow-ups")
    press(client, f"/texts/{message_id}/outcome", arrived="yes")  # a second click changes nothing
    with db.transaction() as session:
        assert session.get_one(Message, message_id).state == state
        told = select(TimelineEntry).where(TimelineEntry.kind == "unknown_settled")
        assert session.scalars(told).one().facts["staff_id"] is not None
    assert TITLE not in client.get("/follow-ups").text


def test_what_is_no_answer_changes_nothing(client: httpx.Client) -> None:
    message_id = lose()
    assert press(client, f"/texts/{message_id}/outcome", arrived="perhaps").status_code == 409
    assert press(client, "/texts/999999/outcome", arrived="yes").status_code == 303
    with db.transaction() as session:
        assert session.get_one(Message, message_id).state == "unknown"
