"""More than a page has: it says that there are more, and never counts what it shows for all."""

from datetime import timedelta
from importlib import import_module

import httpx
import pytest
from sqlalchemy import select

from leads import db, desk, unknown
from leads.dashboard.pages import consents, queue
from leads.message import Message
from tests.browser import people
from tests.browser.telephone import Telephone
from tests.leads.dashboard.desk import lead, press
from tests.leads.dashboard.test_pages import plain
from tests.leads.dashboard.test_pages_outcomes import client

__all__ = ["client"]  # a fixture


def test_more_snoozed_than_are_shown(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for person in (people.MARIA, people.TOMAS):
        press(client, f"/leads/{lead(person).id}/snooze", length="2h")
    said = plain(client.get("/"))
    assert "2 snoozed" in said
    assert "the first 2 to come back" not in said
    monkeypatch.setattr(queue, "AT_MOST", 1)
    page = client.get("/")
    assert "More than 1 snoozed" in plain(page)
    assert "These are the first 1 to come back." in plain(page)
    assert page.text.count('<li id="away-') == 1


def test_more_texts_without_an_outcome_than_are_shown(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction() as session:
        sent = select(Message).where(Message.direction == "outbound").order_by(Message.id).limit(2)
        for message in session.scalars(sent):
            message.state, message.sid = "unknown", None
    assert "2 texts without an outcome" in plain(client.get("/"))
    monkeypatch.setattr(unknown, "MOST", 1)
    assert "More than 1 texts without an outcome" in plain(client.get("/"))
    page = client.get("/follow-ups")
    assert "These are the first 1; the others come up as these are settled." in plain(page)
    assert page.text.count('<li id="text-') == 1


def test_more_follow_ups_than_are_shown(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "These are the" not in plain(client.get("/follow-ups"))
    monkeypatch.setattr(import_module("leads.dashboard.pages.follow_ups"), "AT_MOST", 1)
    page = client.get("/follow-ups")
    assert "These are the first 1 to go" in plain(page)
    assert "These are the last 1 that began" in plain(page)
    assert page.text.count('<tr id="reminder-') == page.text.count('<tr id="follow-up-') == 1


def test_more_lines_of_consent_than_are_shown(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/leads/{lead(people.MARIA).id}"
    assert "older ones are kept" not in plain(client.get(path))
    monkeypatch.setattr(consents, "AT_MOST", 1)
    with db.transaction() as session:
        maria = Telephone(session).lead(people.MARIA)
        desk.no_more_texts(session, maria, None, people.NOW + timedelta(minutes=1))
    page = client.get(path)
    assert page.text.count('<li id="consent-') == 1
    assert "Revoked" in plain(page)
    assert "These are the last 1; older ones are kept." in plain(page)
