"""Call back by click on the pages, as a browser without a script sees it."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update

from leads import (
    Audit,
    OutboundCall,
    Phone,
    PracticePhone,
    Staff,
    call_back,
    clock,
    db,
    placing,
)
from leads.dashboard.app import app
from leads.staff import add_staff
from tests.browser import people
from tests.leads.dashboard.desk import lead, press, signed_in
from tests.leads.dashboard.test_pages_rows import row
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


def desk_phone() -> int:
    with db.transaction() as session:
        return PracticePhone.ringing(session)[0].id


def chosen(email: str = people.RECEPTIONIST) -> int | None:
    with db.transaction() as session:
        return session.scalars(select(Staff.rings_on_id).where(Staff.email == email)).one()


def clicks() -> list[OutboundCall]:
    with db.transaction() as session:
        return list(session.scalars(select(OutboundCall).order_by(OutboundCall.id)))


def call(client: httpx.Client, lead_id: int) -> httpx.Response:
    return press(client, f"/leads/{lead_id}/call", back="desk", phone=str(desk_phone()))


def placed(sid: str = "CA9") -> None:
    """The worker placed the last click."""
    with db.transaction() as session:
        [ringing] = placing.take(session, 8)
        placing.adopt(session, ringing.id, sid, clock.now(session))


def test_the_first_time_one_says_which_phone_is_ones_own(rosa: httpx.Client) -> None:
    maria = lead(people.MARIA).id
    sent = press(rosa, f"/leads/{maria}/call", back="desk")
    assert sent.headers["location"] == f"/leads/{maria}/call?back=desk"
    assert clicks() == []
    page = rosa.get(sent.headers["location"]).text
    assert "Which phone is yours?" in page
    assert "Front desk" in page
    assert "a mobile: asks you for a key" in page
    assert call(rosa, maria).headers["location"] == "/"
    assert chosen() == desk_phone()
    with db.transaction() as session:
        [kept] = session.scalars(select(Audit.facts).where(Audit.action == "account_changed"))
        assert kept["changed"] == ["rings_on_id"]
    derek = lead(people.DEREK).id
    assert press(rosa, f"/leads/{derek}/call", back="desk").headers["location"] == "/"
    assert [each.lead_id for each in clicks()] == [maria, derek]


def test_the_row_and_the_strip_say_who_calls(rosa: httpx.Client, anna: httpx.Client) -> None:
    maria = lead(people.MARIA).id
    call(rosa, maria)
    assert "Front desk is about to ring for Rosa Lopez" in row(rosa.get("/"), maria)
    placed()
    assert "Front desk rings for Rosa Lopez" in row(rosa.get("/"), maria)
    page = anna.get("/")
    seen = row(page, maria)
    assert "Rosa Lopez has this until" in seen
    assert "Call back" not in seen, "nobody else calls her now"
    assert "Rosa Lopez calls" in page.text
    lost = call(anna, maria)
    assert lost.status_code == 422
    assert "Rosa Lopez is calling them right now. Nothing was dialled." in row(lost, maria)
    assert len(clicks()) == 1
    with db.transaction() as session:
        _, made = placing.adopt(session, clicks()[0].id, "CA9", clock.now(session))
        call_back.dialled(session, made, clock.now(session))
    assert "Rosa Lopez is calling them" in row(rosa.get("/"), maria)
    with db.transaction() as session:
        _, made = placing.adopt(session, clicks()[0].id, "CA9", clock.now(session))
        call_back.leg(session, made, "CA9leg", "in-progress", None, clock.now(session))
    page = anna.get("/")
    assert row(page, maria) == "", "who is spoken with needs no call"
    assert "Rosa Lopez talks with" in page.text
    assert "It was their mailbox" in page.text
    waited = lead(people.MARIA)
    back = press(rosa, f"/leads/{maria}/call/mailbox", back="desk")
    assert back.headers["location"] == "/"
    assert "left a message" in row(rosa.get("/"), maria), "she waits as before"
    assert waited.needs_callback_since is None
    again = press(rosa, f"/leads/{maria}/call/mailbox", back="desk")
    assert again.status_code == 422


def test_no_answer_stands_on_the_row_and_on_the_timeline(rosa: httpx.Client) -> None:
    derek = lead(people.DEREK).id
    call(rosa, derek)
    placed()
    with db.transaction() as session:
        now = clock.now(session)
        _, made = placing.adopt(session, clicks()[0].id, "CA9", now)
        call_back.dialled(session, made, now)
        call_back.dial_ended(
            session, made, "no-answer", "CA9leg", bridged=False, seconds=None, now=now
        )
        call_back.ended(session, made, now)
    seen = row(rosa.get("/"), derek)
    assert "We tried once" in seen
    assert "no answer" in seen
    assert "Call back" in seen
    assert "called twice" in seen, "our own call is none of his tries"
    assert "Rang them: no answer." in rosa.get(f"/leads/{derek}").text


def test_what_came_of_it_is_told_where_nothing_rang(rosa: httpx.Client) -> None:
    derek = lead(people.DEREK).id
    call(rosa, derek)
    with db.transaction() as session:
        session.execute(
            update(OutboundCall).values(wanted_at=OutboundCall.wanted_at - timedelta(minutes=1))
        )
        placing.give_up(session, clock.now(session))
    seen = row(rosa.get("/"), derek)
    assert "Not called: nobody was there to place the call" in seen
    assert "Call back" in seen
    assert "Not called: nobody was there" in rosa.get(f"/leads/{derek}").text


def test_an_unknown_outcome_is_told(rosa: httpx.Client) -> None:
    derek = lead(people.DEREK).id
    call(rosa, derek)
    with db.transaction() as session:
        [ringing] = placing.take(session, 8)
        placing.lost(session, ringing.id, clock.now(session))
    assert "Not known whether Front desk rings" in row(rosa.get("/"), derek)
    assert "Nothing is dialled again by itself" in rosa.get(f"/leads/{derek}").text


def test_who_may_not_be_called_is_said(rosa: httpx.Client) -> None:
    derek = lead(people.DEREK).id
    with db.transaction() as session:
        theirs = session.scalars(select(Phone).where(Phone.e164 == people.DEREK)).one()
        theirs.blocked_at = clock.now(session)
    refused = press(rosa, f"/leads/{derek}/call", phone=str(desk_phone()))
    assert refused.status_code == 422
    assert "This number is blocked. Unblock it first. Nothing was dialled." in refused.text
    assert clicks() == []


def test_only_the_desk_calls(address: str) -> None:
    with db.transaction() as session:
        add_staff(session, "mo@clinic.example", "marketing", people.PASSWORD, "Mo")
    maria = lead(people.MARIA).id
    with signed_in(address, "mo@clinic.example") as mo:
        told = {"csrf_token": "x"}
        assert mo.post(f"/leads/{maria}/call", data=told).status_code == 403
        assert mo.get(f"/leads/{maria}/call").status_code == 403
    assert clicks() == []
