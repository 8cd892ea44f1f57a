"""What the desk's rows do in place, as a browser without a script sees it."""

import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from leads import clock, db, desk, snooze
from leads.dashboard.app import app
from leads.dashboard.pages import queue
from leads.lead import Lead
from leads.message import Message
from tests.browser import people
from tests.browser.telephone import Telephone
from tests.leads.dashboard.desk import lead, press, signed_in
from tests.leads.dashboard.test_pages import plain
from tests.server import serving


@pytest.fixture
def address(morning: str) -> Iterator[str]:
    assert morning
    with serving(app) as at:
        yield at


@pytest.fixture
def rosa(address: str) -> Iterator[httpx.Client]:
    with signed_in(address) as opened:
        yield opened


@pytest.fixture
def anna(address: str) -> Iterator[httpx.Client]:
    with signed_in(address, people.ADMIN) as opened:
        yield opened


def row(page: httpx.Response, lead_id: int) -> str:
    """What is written on somebody's row; empty when there is none."""
    found = re.search(rf'<li id="lead-{lead_id}" data-row>(.*?)</li>', page.text, re.DOTALL)
    body = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", found[1] if found else "", flags=re.DOTALL)
    return " ".join(body.replace("&#39;", "'").split())


def test_who_claims_has_the_row_and_the_other_sees_who(
    rosa: httpx.Client, anna: httpx.Client
) -> None:
    maria = lead(people.MARIA).id
    assert press(anna, f"/leads/{maria}/claim", back="desk").headers["location"] == "/"
    assert "You have this until 10:57 AM" in row(anna.get("/"), maria)
    seen = row(rosa.get("/"), maria)
    assert "Anna Berg has this until 10:57 AM" in seen
    assert "Claim" not in seen
    lost = press(rosa, f"/leads/{maria}/claim", back="desk")
    assert lost.status_code == 422
    assert "Anna Berg has this until 10:57 AM. Nothing was changed." in row(lost, maria)
    press(anna, f"/leads/{maria}/claim/return", back="desk")
    assert "has this until" not in row(rosa.get("/"), maria)
    assert press(rosa, f"/leads/{maria}/claim", back="desk").status_code == 303


def test_a_claim_ends_with_the_sign_out(rosa: httpx.Client, anna: httpx.Client) -> None:
    maria = lead(people.MARIA).id
    press(anna, f"/leads/{maria}/claim", back="desk")
    press(anna, "/sign-out")
    assert "has this until" not in row(rosa.get("/"), maria)


def test_a_text_from_the_row_settles_it(rosa: httpx.Client) -> None:
    derek = lead(people.DEREK).id
    sent = press(rosa, f"/leads/{derek}/texts", back="desk", body="Is 9:30 good?")
    assert (sent.status_code, sent.headers["location"]) == (303, "/")
    assert row(rosa.get("/"), derek) == ""
    with db.transaction() as session:
        assert session.get_one(Message, Telephone(session).messages()).body == "Is 9:30 good?"


def test_a_refused_text_comes_back_to_the_row_with_its_words(
    rosa: httpx.Client, anna: httpx.Client
) -> None:
    maria = lead(people.MARIA).id
    press(anna, f"/leads/{maria}/claim", back="desk")
    back = press(rosa, f"/leads/{maria}/texts", back="desk", body="Tomorrow <10>?")
    assert back.status_code == 422
    assert "Needs a call" in back.text
    assert "Anna Berg has this until" in row(back, maria)
    press(anna, f"/leads/{maria}/claim/return", back="desk")
    with db.transaction() as session:
        Telephone(session).text(people.MARIA, "STOP", people.NOW)
    back = press(rosa, f"/leads/{maria}/texts", back="desk", body="Tomorrow <10>?")
    assert "They opted out of texts" in row(back, maria)
    assert rosa.get(f"/leads/{maria}/claim").headers["location"] == "/"


def test_words_for_somebody_who_is_settled_are_not_lost(
    rosa: httpx.Client, anna: httpx.Client
) -> None:
    derek = lead(people.DEREK).id
    press(anna, f"/leads/{derek}/contact", back="desk")
    back = press(rosa, f"/leads/{derek}/texts", back="desk", body="  ")
    assert back.status_code == 422
    assert "The text is empty" in back.text
    assert "Look at the lead" in back.text


def test_a_call_from_ones_own_phone_is_shown_until_somebody_speaks(rosa: httpx.Client) -> None:
    derek = lead(people.DEREK).id
    press(rosa, f"/leads/{derek}/attempts", back="desk", result="no_answer")
    assert "We tried once, 10:42 AM: no answer" in row(rosa.get("/"), derek)
    with db.transaction() as session:
        clock.set_to(session, people.NOW + timedelta(minutes=9))
    press(rosa, f"/leads/{derek}/attempts", back="desk", result="message")
    assert "We tried twice, last 10:51 AM: left a message" in row(rosa.get("/"), derek)
    press(rosa, f"/leads/{derek}/attempts", back="desk", result="spoke")
    assert row(rosa.get("/"), derek) == ""
    assert press(rosa, f"/leads/{derek}/attempts", back="desk").status_code == 422


@pytest.mark.parametrize(
    ("length", "until", "back_at"),
    [
        ("30m", "", "today 11:12 AM"),
        ("2h", "", "today 12:42 PM"),
        ("morning", "", "tomorrow 9:00 AM"),
        ("own", "2026-12-03T14:30", "Thursday 2:30 PM"),
    ],
)
def test_a_snoozed_row_is_away_and_counts_agree(
    rosa: httpx.Client, length: str, until: str, back_at: str
) -> None:
    derek = lead(people.DEREK).id
    press(rosa, f"/leads/{derek}/snooze", back="desk", length=length, until=until)
    page = rosa.get("/")
    assert row(page, derek) == ""
    assert "4 people need a call" in page.text
    assert '<span class="count">4<' in page.text
    assert f"the first back {back_at}" in plain(page)
    press(rosa, f"/leads/{derek}/snooze/end", back="desk")
    assert "5 people need a call" in rosa.get("/").text


def test_who_comes_back_counts_from_then(rosa: httpx.Client) -> None:
    derek = lead(people.DEREK).id
    press(rosa, f"/leads/{derek}/snooze", back="desk", length="30m")
    with db.transaction() as session:
        clock.set_to(session, people.NOW + timedelta(minutes=35))
    assert re.search(r"2[56] of 30 min left snoozed until 11:12 AM", row(rosa.get("/"), derek))


def test_half_a_moment_is_refused_beside_the_menu(rosa: httpx.Client) -> None:
    derek = lead(people.DEREK).id
    for until in ("", "tomorrow", "2026-12-01T09:00", "9999-12-31T23:59"):
        back = press(rosa, f"/leads/{derek}/snooze", back="desk", length="own", until=until)
        assert back.status_code == 422
        assert f'<details class="menu" data-menu id="snooze-{derek}" open>' in back.text


def test_closed_hours_are_told_once_with_one_target(rosa: httpx.Client) -> None:
    page = rosa.get("/")
    assert "1 from closed hours: call by 11:00 AM" in plain(page)
    assert "From closed hours since last night, 7:48 PM" in row(page, lead(people.TOMAS).id)
    with db.transaction() as session:
        phone = Telephone(session)
        for n in range(3):
            phone.miss(f"+1206555777{n}", people.at(-1, 21, n))
        clock.set_to(session, people.at(0, 11, 20))
    page = rosa.get("/")
    assert "4 from closed hours, late by 20 min: all were due by 11:00 AM" in plain(page)
    assert "Late, from closed hours" in row(page, lead(people.TOMAS).id)


def test_the_heading_says_how_many_are_late(
    rosa: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "5 people need a call, 1 late" in plain(rosa.get("/"))
    with db.transaction() as session:
        clock.set_to(session, people.at(0, 17, 30))
    assert "5 people need a call, 5 late" in plain(rosa.get("/"))
    monkeypatch.setattr(queue, "AT_MOST", 2)
    assert "5 people need a call, 2 late on this page" in plain(rosa.get("/"))


def test_the_list_goes_on_past_its_first_page(
    rosa: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "AT_MOST", 2)
    seen: list[str] = []
    path: str | None = "/"
    while path:
        page = rosa.get(path)
        seen += re.findall(r'<li id="lead-(\d+)" data-row>', page.text)
        following = re.search(r'href="(/\?start=\d+)">Show the next', page.text)
        path = following[1] if following else None
    assert len(seen) == len(set(seen)) == 5
    last = int(seen[-1])
    assert press(rosa, f"/leads/{last}/claim", back="desk5").headers["location"] == "/?start=5"
    assert "1 to 2 of 5" in rosa.get("/?start=99").text


def test_an_empty_list_with_somebody_snoozed_says_when_they_come_back(
    rosa: httpx.Client,
) -> None:
    with db.transaction() as session:
        phone = Telephone(session)
        for e164 in (people.MARIA, people.TOMAS, people.PRIYA, people.DEREK, people.NEW_CALLER):
            until = people.NOW + timedelta(hours=1)
            snooze.snooze(session, phone.lead(e164), None, people.NOW, until)
    page = plain(rosa.get("/"))
    assert "Nobody is waiting right now." in page
    assert "5 are snoozed; the first comes back today 11:42 AM." in page


def test_who_merely_rang_again_is_told_with_their_last_words_from_before(
    rosa: httpx.Client,
) -> None:
    with db.transaction() as session:
        phone, now = Telephone(session), clock.now(session)
        phone.text(people.SAM, "My knee hurts when I run.", now - timedelta(days=4))
        desk.contacted(session, phone.lead(people.SAM), None, now - timedelta(days=3))
        phone.miss(people.SAM, now - timedelta(minutes=5))
    sam = lead(people.SAM).id
    told = "They texted Friday 10:42 AM: My knee hurts when I run."
    assert told in row(rosa.get("/"), sam).replace("\xa0", " ")
    with db.transaction() as session:
        session.get_one(Lead, sam).confidential_at = clock.now(session)
    assert "My knee" not in rosa.get("/").text
    with db.transaction() as session:
        session.get_one(Lead, sam).confidential_at = None
        now = clock.now(session)
        Telephone(session).text(people.SAM, "Are you open today?", now)
    shown = row(rosa.get("/"), sam)
    assert "Are you open today?" in shown
    assert "My knee" not in shown
