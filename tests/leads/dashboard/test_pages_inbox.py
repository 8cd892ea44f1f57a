"""The inbox as a browser without a script sees it: lists, threads, and what reading does."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import import_module

import httpx
import pytest
from sqlalchemy import select, update

from leads import clock, db
from leads.audit import Audit
from leads.dashboard.app import app
from leads.lead import Lead
from leads.message import Message
from leads.phone import Phone
from leads.staff import add_staff
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


def listed(page: httpx.Response) -> list[str]:
    """The ids of the leads in the list, from the top."""
    return re.findall(r'<li id="conversation-(\d+)"', page.text)


def ids(*numbers: str) -> list[str]:
    return [str(lead(number).id) for number in numbers]


def texts(number: str, body: str, at: datetime = people.NOW) -> None:
    with db.transaction() as session:
        Telephone(session).text(number, body, at)


def failed(number: str, code: int) -> int:
    """The last text to them did not arrive."""
    with db.transaction() as session:
        found = select(Message).where(
            Message.lead_id == lead(number).id, Message.direction == "outbound"
        )
        text = session.scalars(found.order_by(Message.id.desc()).limit(1)).one()
        text.state, text.error_code, text.error_text = "undelivered", code, None
        return text.id


def unread_in_menu(page: httpx.Response) -> str:
    found = re.search(r'<span id="nav-inbox">(.*?)</a>', page.text, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def test_whom_people_wrote_with_last_is_first(rosa: httpx.Client) -> None:
    page = rosa.get("/inbox")
    assert listed(page) == ids(people.GRACE, people.MARIA)
    said = plain(page)
    assert "Unread: Maria Alvarez 10:31 AM Yes please!" in said
    assert "Waiting for us" in said
    # Tomas had texts that went by themselves alone.
    assert "Tomas Novak" not in said


def test_opening_a_conversation_reads_it_and_looking_on_does_not(rosa: httpx.Client) -> None:
    maria = lead(people.MARIA).id
    assert unread_in_menu(rosa.get("/")) == "2 unread"
    assert listed(rosa.get("/inbox?show=unread")) == ids(people.GRACE, people.MARIA)
    rosa.get(f"/inbox/{maria}", headers={"X-Ringback-Live": "1"})
    assert unread_in_menu(rosa.get("/")) == "2 unread"
    page = rosa.get(f"/inbox/{maria}?show=unread")
    assert unread_in_menu(page) == "1 unread"
    # It stays in the list for as long as it is open.
    assert listed(page) == ids(people.GRACE, people.MARIA)
    assert listed(rosa.get("/inbox?show=unread")) == ids(people.GRACE)
    texts(people.MARIA, "Or on Friday?")
    assert unread_in_menu(rosa.get("/leads")) == "2 unread"
    page = rosa.get(f"/inbox/{maria}", headers={"X-Ringback-Live": "1"})
    assert "New They texted" in plain(page)
    assert "Mark as read" in plain(page)
    with db.transaction() as session:
        seen = select(Audit).where(Audit.action == "lead_viewed", Audit.lead_id == maria)
        assert len(session.scalars(seen).all()) == 1


def test_marking_as_unread_leaves_it_to_a_colleague(rosa: httpx.Client) -> None:
    maria = lead(people.MARIA).id
    rosa.get(f"/inbox/{maria}")
    answer = press(rosa, f"/inbox/{maria}/unread")
    assert answer.headers["location"] == "/inbox"
    assert unread_in_menu(rosa.get("/inbox")) == "2 unread"
    assert press(rosa, f"/inbox/{maria}/read").headers["location"] == f"/inbox/{maria}"
    assert unread_in_menu(rosa.get("/inbox")) == "1 unread"
    assert rosa.get(f"/inbox/{maria}/read").headers["location"] == f"/inbox/{maria}"


def test_a_text_that_is_found_afterwards_is_unread_although_it_is_older(
    rosa: httpx.Client,
) -> None:
    rosa.get(f"/inbox/{lead(people.MARIA).id}")
    texts(people.MARIA, "I have called before", people.NOW - timedelta(minutes=30))
    with db.transaction() as session:  # as leads/late_text.py leaves it
        session.execute(
            update(Lead)
            .where(Lead.id == lead(people.MARIA).id)
            .values(last_text_in_at=people.NOW - timedelta(minutes=11))
        )
    assert unread_in_menu(rosa.get("/inbox")) == "2 unread"


def test_who_waits_for_us_waits_until_somebody_answers_or_settles_it(rosa: httpx.Client) -> None:
    assert listed(rosa.get("/inbox?show=waiting")) == ids(people.MARIA)
    maria, grace = lead(people.MARIA).id, lead(people.GRACE).id
    sent = press(rosa, f"/inbox/{maria}/texts?show=waiting", body="Tomorrow at 11?", back="inbox")
    assert sent.headers["location"] == f"/inbox/{maria}?show=waiting"
    assert listed(rosa.get("/inbox?show=waiting")) == []
    assert "Nobody waits for an answer." in plain(rosa.get("/inbox?show=waiting"))
    texts(people.GRACE, "Thank you!")
    assert listed(rosa.get("/inbox?show=waiting")) == ids(people.GRACE)
    press(rosa, f"/inbox/{grace}/settlement")
    assert listed(rosa.get("/inbox?show=waiting")) == []


def test_a_thread_has_every_text_with_its_state_the_newest_last(rosa: httpx.Client) -> None:
    said = plain(rosa.get(f"/inbox/{lead(people.GRACE).id}"))
    asked, answered, thanked = (
        said.rindex(words)
        for words in ("Do you have anything Thursday", "Shall I put you down?", "3:30 is perfect")
    )
    assert asked < answered < thanked
    assert "Rosa Lopez · 4:50 PM Delivered" in said
    assert "Automatic · " in said


def test_a_long_list_goes_on_page_after_page(rosa: httpx.Client) -> None:
    with db.transaction() as session:
        phone = Telephone(session)
        for n in range(110):
            phone.text(f"+1206555{n:04}", "Hello", people.NOW - timedelta(days=1, minutes=n))
    for show in ("", "?show=unread", "?show=waiting"):
        seen: list[str] = []
        page = rosa.get(f"/inbox{show}")
        while True:
            seen += listed(page)
            older = re.search(r'href="(/inbox[^"]+after=[^"]+)"', page.text)
            if older is None:
                break
            page = rosa.get(older[1].replace("&amp;", "&"))
        assert len(seen) == len(set(seen))
        assert len(seen) == {"": 112, "?show=unread": 112, "?show=waiting": 111}[show]


def test_what_did_not_arrive_is_said_in_words_and_can_be_tried_again(rosa: httpx.Client) -> None:
    assert listed(rosa.get("/inbox?show=undeliverable")) == []
    grace = lead(people.GRACE).id
    text = failed(people.GRACE, 30003)
    assert listed(rosa.get("/inbox?show=undeliverable")) == ids(people.GRACE)
    said = plain(rosa.get(f"/inbox/{grace}"))
    assert "Not delivered: the phone could not be reached" in said
    assert "Try again" in said
    sent = press(rosa, f"/texts/{text}/again", back="inbox")
    assert sent.headers["location"] == f"/inbox/{grace}"
    page = rosa.get(f"/inbox/{grace}")
    assert page.text.count("Shall I put you down?") == 3  # twice in the thread
    assert "Try again" not in plain(page)
    assert listed(rosa.get("/inbox?show=undeliverable")) == []
    twice = press(rosa, f"/texts/{text}/again", back="inbox")
    assert twice.status_code == 422
    assert "sent these words again already" in plain(twice)


def test_words_that_a_carrier_filtered_are_not_tried_again(rosa: httpx.Client) -> None:
    text = failed(people.GRACE, 30007)
    assert "Try again" not in plain(rosa.get(f"/inbox/{lead(people.GRACE).id}"))
    refused = press(rosa, f"/texts/{text}/again")
    assert refused.status_code == 422
    assert "cannot be sent again as it stands" in plain(refused)
    assert "Shall I put you down?" in refused.text  # in the field, to be written differently


def test_a_stop_while_somebody_writes_keeps_the_words_and_says_when_and_how(
    rosa: httpx.Client,
) -> None:
    maria = lead(people.MARIA).id
    texts(people.MARIA, "STOP")
    for path in (f"/inbox/{maria}/texts", f"/leads/{maria}/texts"):
        refused = press(rosa, path, body="Tomorrow at 11 is free", back="")
        assert refused.status_code == 422
        assert "Tomorrow at 11 is free</textarea>" in refused.text
        said = plain(refused)
        assert "They opted out of texts 10:42 AM , by text. No text can go to them." in said
    with db.transaction() as session:
        sent = select(Message).where(Message.body == "Tomorrow at 11 is free")
        assert session.scalars(sent).all() == []


def test_who_is_confidential_is_shown_by_opening_alone(rosa: httpx.Client) -> None:
    with db.transaction() as session:
        maria = session.get_one(Lead, lead(people.MARIA).id)
        maria.confidential_at = clock.now(session)
    page = rosa.get("/inbox")
    said = plain(page)
    assert "Unread: Confidential" in said
    for hidden in ("Maria", "555-0142", "Yes please!"):
        assert hidden not in said
    assert "Maria Alvarez" in plain(rosa.get(f"/inbox/{maria.id}"))


def test_nobody_reads_it_who_may_not(address: str) -> None:
    with db.transaction() as session:
        add_staff(session, "mark@clinic.example", "marketing", people.PASSWORD, name="Mark")
    with signed_in(address, "mark@clinic.example") as mark:
        maria = lead(people.MARIA).id
        for path in ("/inbox", f"/inbox/{maria}", "/settings/replies", f"/texts/replies/{maria}"):
            assert mark.get(path).status_code == 403, path


def test_outside_the_window_staff_are_warned_with_both_clocks(rosa: httpx.Client) -> None:
    with db.transaction() as session:
        clock.set_to(session, people.at(0, 17, 30))
        phone = session.scalars(select(Phone).where(Phone.e164 == people.MARIA)).one()
        assert phone.opted_out_at is None
    texts("+12125550142", "Hello", people.at(0, 17, 20))
    page = rosa.get(f"/inbox/{lead('+12125550142').id}")
    assert "It is after 8 PM in New York (8:30 PM there, 5:30 PM here)." in plain(page)
    assert "It is after" not in plain(rosa.get(f"/inbox/{lead(people.MARIA).id}"))


def test_a_text_that_is_found_late_stands_once_in_a_thread_of_several_pages(
    rosa: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("leads.dashboard.pages.inbox"), "TEXTS", 3)
    for minute in range(7):
        texts(people.MARIA, "Hello", people.NOW - timedelta(minutes=7 - minute))
    texts(people.MARIA, "Found late", people.NOW - timedelta(minutes=6))  # of all the newest id
    maria = lead(people.MARIA).id
    with db.transaction() as session:
        mine = select(Message.id).where(Message.lead_id == maria)
        wanted = list(session.scalars(mine.order_by(Message.created_at, Message.id)))
    seen: list[int] = []
    path: str | None = f"/inbox/{maria}"
    while path:
        page = rosa.get(path)
        seen = [int(each) for each in re.findall(r'id="text-(\d+)"', page.text)] + seen
        earlier = re.search(r'href="([^"]+before=[^"]+)"', page.text)
        path = earlier[1].replace("&amp;", "&") if earlier else None
    assert seen == wanted
    assert rosa.get(f"/inbox/{maria}?before=7").status_code == 200  # as addresses were before
