"""The desk and its lists, as a browser without a script sees them."""

import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import event, select, update

from leads import clock, db, desk
from leads.audit import Audit
from leads.call import Call
from leads.dashboard.app import app
from leads.staff import add_staff
from tests.browser import people
from tests.browser.telephone import Telephone
from tests.leads.dashboard.people import browser, enter
from tests.server import serving


@pytest.fixture
def address(database: str) -> Iterator[str]:
    assert database
    with serving(app) as at:
        yield at


@pytest.fixture
def client(morning: str) -> Iterator[httpx.Client]:
    """Rosa's browser, signed in on a busy morning."""
    assert morning
    with serving(app) as address, browser(address) as opened:
        assert enter(opened, people.RECEPTIONIST, people.PASSWORD).status_code == 303
        yield opened


@pytest.fixture
def quiet(address: str) -> Iterator[httpx.Client]:
    """Rosa's browser on her first day, before anybody called."""
    with db.transaction() as session:
        people.hire(session)
        clock.set_to(session, people.NOW)
    with browser(address) as opened:
        enter(opened, people.RECEPTIONIST, people.PASSWORD)
        yield opened


def plain(page: httpx.Response) -> str:
    """What is written on a page."""
    body = re.sub(r"<svg.*?</svg>", "", page.text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).replace("&#39;", "'").split())


def rows(page: httpx.Response) -> list[str]:
    row = r'<li id="lead-\d+" data-row>\s*<div class="row">.*?<a[^>]*>([^<]+)</a>'
    return re.findall(row, page.text, re.DOTALL)


def test_who_replied_is_first_then_voicemail_then_who_tried_twice_then_new(
    client: httpx.Client,
) -> None:
    assert rows(client.get("/")) == [
        "Maria Alvarez",
        "Tomas Novak",
        "253-555-0177",
        "425-555-0119",
        "425-555-0188",
    ]


def test_a_row_says_what_happened_how_long_ago_and_what_we_texted(client: httpx.Client) -> None:
    said = plain(client.get("/"))
    assert "Yes please! Could I come in tomorrow before noon?" in said
    assert "Late by 31 min" in said
    assert "called twice, last 10:03 AM" in said
    assert "since last night, 7:48 PM" in said
    assert "Our text 10:37 AM: delivered" in said
    assert "Number withheld" in said


def test_a_ringing_call_is_on_top_with_who_it_is(client: httpx.Client) -> None:
    with db.transaction() as session:
        Telephone(session).ring(people.LINH, clock.now(session))
    said = plain(client.get("/"))
    assert "Ringing now Linh Tran 206-555-0151 Returning called once before, booked" in said


def test_an_empty_desk_says_so_kindly_and_how_to_fill_it(quiet: httpx.Client) -> None:
    said = plain(quiet.get("/"))
    assert "Nobody is waiting. Well done." in said
    assert "make call" in said
    assert "No leads yet." in plain(quiet.get("/leads"))
    assert "No calls here yet." in plain(quiet.get("/calls"))
    assert "No text is planned." in plain(quiet.get("/follow-ups"))


def test_leads_are_found_by_name_and_by_any_part_of_the_number(client: httpx.Client) -> None:
    for q in ("maria", "555-0142", "(206) 555-0142", "+1 206 555 0142", "5550142"):
        assert "Maria Alvarez" in plain(client.get("/leads", params={"q": q})), q
    assert "No lead fits." in plain(client.get("/leads", params={"q": "nobody%"}))
    with db.transaction() as session:
        searched = session.scalars(select(Audit).where(Audit.action == "searched")).all()
    assert len(searched) == 6
    assert all(audit.facts == {} for audit in searched)


def test_leads_are_listed_by_stage(client: httpx.Client) -> None:
    page = plain(client.get("/leads?stage=booked"))
    assert "Grace Kim" in page
    assert "Maria Alvarez" not in page


def test_a_list_goes_on_page_after_page(quiet: httpx.Client) -> None:
    with db.transaction() as session:
        phone = Telephone(session)
        for n in range(120):
            phone.ring(f"+1206555{n:04}", people.NOW - timedelta(minutes=n))
    for start in ("/leads", "/calls"):
        seen: list[str] = []
        page = quiet.get(start)
        while True:
            seen += re.findall(r'class="who[^"]*" href="/leads/(\d+)"', page.text)
            older = re.search(r'href="([^"]+after=[^"]+)"', page.text)
            if older is None:
                break
            page = quiet.get(older[1].replace("&amp;", "&"))
        assert len(seen) == len(set(seen)) == 120


def test_the_call_list_says_outcome_length_and_number(client: httpx.Client) -> None:
    said = plain(client.get("/calls"))
    assert "Maria Alvarez 206-555-0142 Missed Muscle spasms page 10:24 AM" in said
    assert "Answered New 2:12 Google Ads 9:04 AM" in said
    assert "Maria" not in plain(client.get("/calls?outcome=voicemail"))


def test_the_call_list_says_that_overflow_numbers_hide_answered_calls(
    quiet: httpx.Client,
) -> None:
    assert "not seen here" not in plain(quiet.get("/calls"))
    with db.transaction() as session:
        people.front_number(session).mode = "overflow"
    assert "Answered calls to Muscle spasms page are not seen here" in plain(quiet.get("/calls"))


def test_follow_ups_say_what_goes_out_and_why_the_rest_did_not(client: httpx.Client) -> None:
    said = plain(client.get("/follow-ups"))
    assert "425-555-0119 Missed call Text 2 of 3 9:41 AM Thursday 2:00 PM" in said
    assert "Tomas Novak Voicemail yesterday 7:48 PM Text 1: delivered" in said
    assert "Text 2 not sent: they replied." in said


def test_no_page_links_to_an_address_with_a_number_in_it(client: httpx.Client) -> None:
    """But for `tel:`, which rings from the device at hand and asks no server."""
    for path in ("/", "/leads", "/calls", "/follow-ups", "/leads/1"):
        page = client.get(path)
        assert page.status_code == 200
        for link in re.findall(r'(?:href|action|hx-get|hx-post|src)="([^"]*)"', page.text):
            if not re.fullmatch(r"tel:\+\d{8,15}", link):
                assert not re.search(r"\d{7}|%2B1", link), (path, link)


def test_every_row_and_lead_page_rings_the_number_at_a_touch(client: httpx.Client) -> None:
    with db.transaction() as session:
        lead_id = Telephone(session).lead(people.MARIA).id
    for path in ("/", f"/leads/{lead_id}"):
        assert f'href="tel:{people.MARIA}"' in client.get(path).text, path


def test_a_row_shows_the_reply_and_the_voicemail_the_newest_first(client: httpx.Client) -> None:
    with db.transaction() as session:
        phone = Telephone(session)
        phone.text(people.TOMAS, "Are mornings free?", people.NOW)
    said = plain(client.get("/"))
    assert re.search(r"Texted back 10:42 AM Are mornings free\? Voicemail .*0:23", said)
    assert "yesterday 7:48 PM Hi, this is Tomas Novak." in said
    with db.transaction() as session:
        Telephone(session).miss(people.TOMAS, people.NOW, voicemail_seconds=5)
        clock.set_to(session, people.NOW + timedelta(minutes=5))
    said = plain(client.get("/"))
    assert re.search(r"Voicemail .*0:05 10:42 AM , called twice Texted back", said)


def test_stop_after_an_answer_leaves_the_answer_on_the_row(client: httpx.Client) -> None:
    with db.transaction() as session:
        Telephone(session).text(people.MARIA, "STOP", people.NOW)
    said = plain(client.get("/"))
    assert "Texted back 10:31 AM , called once Yes please!" in said
    assert "Opted out: no texts" in said


def test_who_declined_by_key_asked_for_no_texts(quiet: httpx.Client) -> None:
    with db.transaction() as session:
        phone = Telephone(session)
        phone.miss(people.LINH, people.NOW - timedelta(minutes=9), declines=True)
    assert "Asked for no texts" in plain(quiet.get("/"))


def test_a_source_without_its_number_is_told_in_words(client: httpx.Client) -> None:
    with db.transaction() as session:
        phone = Telephone(session)
        lead = phone.lead(people.TOMAS)
        lead.source = "back-pain-page"
        session.execute(update(Call).where(Call.lead_id == lead.id).values(tracking_number_id=None))
        lead_id = lead.id
    for path in ("/", "/leads", f"/leads/{lead_id}"):
        page = client.get(path).text
        assert "Back pain page" in page, path
        assert "back-pain-page" not in page, path


def test_the_first_call_of_all_rings_on_the_desk(quiet: httpx.Client) -> None:
    with db.transaction() as session:
        Telephone(session).ring(people.LINH, clock.now(session))
    page = plain(quiet.get("/"))
    assert page.count("Ringing now 206-555-0151") == 1


def test_pages_carry_no_script_or_style_of_their_own(client: httpx.Client) -> None:
    for path in ("/", "/leads/1", "/leads", "/calls", "/follow-ups"):
        page = client.get(path).text
        assert not re.search(r"<script>|<style|\sstyle=|\son\w+=|javascript:", page), path


def test_what_people_write_is_shown_as_text(client: httpx.Client) -> None:
    with db.transaction() as session:
        phone = Telephone(session)
        phone.text(people.MARIA, "<script>alert(1)</script>", people.NOW)
        desk.rename(session, phone.lead(people.MARIA), None, people.NOW, "<b>Maria</b>")
        lead_id = phone.lead(people.MARIA).id
    for path in ("/", "/leads", f"/leads/{lead_id}"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "<b>Maria" not in page
        assert "&lt;b&gt;Maria" in page


def test_queries_do_not_grow_with_the_list(client: httpx.Client) -> None:
    before = {path: queries(client, path) for path in ("/", "/leads", "/calls", "/follow-ups")}
    with db.transaction() as session:
        phone = Telephone(session)
        for n in range(15):
            phone.miss(f"+1253555{n:04}", people.NOW - timedelta(minutes=40 + n))
    assert {path: queries(client, path) for path in before} == before
    assert max(before.values()) <= 28


def queries(client: httpx.Client, path: str) -> int:
    counted: list[str] = []

    def count(*event_facts: object) -> None:
        counted.append(str(event_facts[2]))

    event.listen(db.engine(), "before_cursor_execute", count)
    try:
        assert client.get(path, headers={"X-Ringback-Live": "1"}).status_code == 200
    finally:
        event.remove(db.engine(), "before_cursor_execute", count)
    return len(counted)


def test_marketing_sees_nobody(morning: str) -> None:
    assert morning
    with db.transaction() as session:
        add_staff(session, "ad@clinic.example", "marketing", people.PASSWORD)
    with serving(app) as address, browser(address) as outsider:
        enter(outsider, "ad@clinic.example", people.PASSWORD)
        for path in ("/", "/leads", "/leads/1", "/calls", "/follow-ups", "/recordings/1/audio"):
            page = outsider.get(path)
            assert page.status_code == 403
            assert "Maria" not in page.text
