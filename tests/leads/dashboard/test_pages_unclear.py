"""A text that may be a no waits for a person, above everybody else."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from leads import db
from leads.dashboard.app import app
from leads.follow_up import FollowUp
from leads.phone import Phone
from tests.browser import people
from tests.browser.telephone import Telephone
from tests.leads.dashboard.desk import lead, press, signed_in
from tests.leads.dashboard.test_pages import plain, rows
from tests.server import serving

WORDS = "can you stop calling me at work please"
QUESTION = "Does this mean no more texts?"


@pytest.fixture
def client(morning: str) -> Iterator[httpx.Client]:
    assert morning
    with serving(app) as address, signed_in(address) as opened:
        with db.transaction() as session:
            Telephone(session).text(people.NEW_CALLER, WORDS, people.NOW)
        yield opened


def phone() -> Phone:
    with db.transaction() as session:
        return session.scalars(select(Phone).where(Phone.e164 == people.NEW_CALLER)).one()


def run() -> FollowUp:
    with db.transaction() as session:
        wanted = select(FollowUp).where(FollowUp.lead_id == lead(people.NEW_CALLER).id)
        return session.scalars(wanted).one()


def test_they_stand_first_on_the_desk_with_their_words(client: httpx.Client) -> None:
    page = client.get("/")
    assert rows(page)[0] == "425-555-0188"
    assert f"{QUESTION} 10:42 AM {WORDS}" in plain(page)
    assert page.text.count(WORDS) == 1


def test_the_lead_page_asks_and_says_that_nothing_goes_meanwhile(client: httpx.Client) -> None:
    said = plain(client.get(f"/leads/{lead(people.NEW_CALLER).id}"))
    assert f"{QUESTION} 10:42 AM {WORDS}" in said
    assert "No text goes by itself until you have decided." in said
    assert "Paused until you have decided · Missed call, text 2 of 3" in said
    assert "Paused: read their text" in plain(client.get("/follow-ups"))


def test_yes_opts_them_out(client: httpx.Client) -> None:
    path = f"/leads/{lead(people.NEW_CALLER).id}/decision"
    answer = press(client, path, no_texts="yes", back="desk")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert phone().opted_out_at is not None
    assert run().end_reason == "opted_out"
    page = plain(client.get("/"))
    assert QUESTION not in page
    assert "Opted out: no texts" in page


def test_no_is_a_reply_like_any_other(client: httpx.Client) -> None:
    path = f"/leads/{lead(people.NEW_CALLER).id}/decision"
    assert press(client, path, no_texts="no").status_code == 303
    assert (phone().opted_out_at, phone().unclear_at) == (None, None)
    assert run().end_reason == "replied"
    assert f"Texted back 10:42 AM , called once {WORDS}" in plain(client.get("/"))


def test_a_second_decision_is_refused_in_words(client: httpx.Client) -> None:
    path = f"/leads/{lead(people.NEW_CALLER).id}/decision"
    press(client, path, no_texts="no")
    answer = press(client, path, no_texts="yes")
    assert answer.status_code == 422
    assert "Somebody has decided this already." in answer.text
    assert phone().opted_out_at is None
    assert "yes or no" in press(client, path).text


def test_a_yes_after_a_plain_no_asks_whether_texts_are_wanted_again(client: httpx.Client) -> None:
    with db.transaction() as session:
        line = Telephone(session)
        line.text(people.NEW_CALLER, "please stop texting me", people.NOW)
        line.text(people.NEW_CALLER, "Yes", people.NOW + timedelta(minutes=1))
    question = "They opted out of texts. Does this mean that they want them again? 10:43 AM Yes"
    assert question in plain(client.get("/"))
    path = f"/leads/{lead(people.NEW_CALLER).id}"
    assert question in plain(client.get(path))
    assert "They opted out, and their text may mean" in plain(
        client.get(f"/inbox/{lead(people.NEW_CALLER).id}")
    )
    answer = press(client, f"{path}/opt-in", back="desk")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (phone().opted_out_at, phone().unclear_at) == (None, None)
    assert "Does this mean" not in plain(client.get(path))
