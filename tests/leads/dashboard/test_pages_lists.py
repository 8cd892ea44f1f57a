"""The lists of leads and calls: what stands in the address, who fits, and in which order."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import select

from leads import db, details
from leads.audit import Audit
from leads.dashboard import background
from leads.dashboard.app import app
from leads.demo.telephone import Telephone
from leads.lead import Lead
from leads.phone import LeadPhone, Phone
from leads.staff import Staff
from tests.browser import people
from tests.leads.dashboard.desk import lead, press, signed_in
from tests.leads.dashboard.people import field
from tests.leads.dashboard.test_pages import plain
from tests.server import serving


@pytest.fixture
def client(morning: str) -> Iterator[httpx.Client]:
    assert morning
    with serving(app) as address, signed_in(address) as opened:
        yield opened
        while not background.idle():
            time.sleep(0.05)


def listed(page: httpx.Response) -> list[str]:
    assert page.status_code == 200, page.text[:300]
    return re.findall(r'class="who[^"]*" href="/leads/\d+">([^<]+)</a>', page.text)


def says(client: httpx.Client, path: str, words: str) -> None:
    """The page says so, once what goes on behind it is done."""
    until = time.monotonic() + 20
    while words not in (told := plain(client.get(path))):
        assert time.monotonic() < until, told
        time.sleep(0.1)


def staff_id(email: str = people.RECEPTIONIST) -> int:
    with db.transaction() as session:
        return session.scalars(select(Staff.id).where(Staff.email == email)).one()


def test_leads_are_filtered_by_each_field(client: httpx.Client) -> None:
    with db.transaction() as session:
        maria = Telephone(session).lead(people.MARIA)
        details.tag(session, maria, staff_id(), people.NOW, ["insurance"])
        details.assign(session, maria, staff_id(), people.NOW, staff_id())
    for address, inside, outside in (
        ("stage=lost", "Sam Whitfield", "Maria Alvarez"),
        ("stage=lost&stage=booked", "Grace Kim", "Maria Alvarez"),
        (f"owner={staff_id()}", "Maria Alvarez", "Grace Kim"),
        ("owner=none", "Grace Kim", "Maria Alvarez"),
        ("source=google-ads", "Grace Kim", "Maria Alvarez"),
        ("relation=other", "Northwest Linen", "Maria Alvarez"),
        ("tag=insurance", "Maria Alvarez", "Grace Kim"),
        ("waiting=yes", "Maria Alvarez", "Grace Kim"),
        ("since=2026-12-01", "Maria Alvarez", "Sam Whitfield"),
        ("until=2026-11-25", "Sam Whitfield", "Maria Alvarez"),
    ):
        page = client.get(f"/leads?{address}")
        assert inside in listed(page), address
        assert outside not in listed(page), address
    assert listed(client.get("/leads?no_texts=yes")) == []
    press(client, f"/leads/{lead(people.MARIA).id}/opt-out")
    assert listed(client.get("/leads?no_texts=yes")) == ["Maria Alvarez"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/leads?stage=nowhere", "There is no stage “nowhere”."),
        ("/leads?owner=me", "There is no member of the staff “me”."),
        ("/leads?since=yesterday", "“yesterday” is no day."),
        ("/leads?since=0001-01-01", "Days are between 2000 and 2100."),
        ("/leads?q=x", "type two letters or more"),
        ("/calls?outcome=lost", "There is no outcome “lost”."),
        ("/calls?number=abc", "There is no tracking number “abc”."),
        ("/calls?length=endless", "There is no length “endless”."),
    ],
)
def test_what_is_no_value_is_said_and_shows_nobody(
    client: httpx.Client, address: str, said: str
) -> None:
    page = client.get(address)
    assert said in plain(page)
    assert listed(page) == []


def test_calls_are_filtered_by_each_field(client: httpx.Client) -> None:
    for address, inside, outside in (
        ("outcome=answered", "Linh Tran", "Tomas Novak"),
        ("outcome=voicemail&outcome=missed", "Tomas Novak", "Linh Tran"),
        ("direction=inbound", "Maria Alvarez", "Nobody"),
        ("number=2", "Grace Kim", "Linh Tran"),
        ("answered_by=1", "Linh Tran", "Grace Kim"),
        ("length=middle", "Linh Tran", "Northwest Linen"),
        ("since=2026-12-01", "Maria Alvarez", "Linh Tran"),
        ("q=linh", "Linh Tran", "Maria Alvarez"),
    ):
        page = client.get(f"/calls?{address}")
        assert inside in listed(page), address
        assert outside not in listed(page), address
    assert listed(client.get("/calls?direction=outbound")) == []


@pytest.mark.parametrize("sort", ["heard", "first", "name", "waiting"])
def test_every_order_shows_everybody_once_page_after_page(client: httpx.Client, sort: str) -> None:
    """120 with the same name, time and wait, and 30 with none at all."""
    with db.transaction() as session:
        for number in range(150):
            tied = number < 120
            made = Lead(
                name="Same Name" if tied else "",
                created_at=people.NOW,
                last_activity_at=people.NOW,
                needs_callback_since=people.NOW - timedelta(hours=1) if tied else None,
            )
            session.add(made)
            session.flush()
            phone = Phone.of(session, f"+1206555{4000 + number}")
            session.add(LeadPhone(lead_id=made.id, phone_id=phone.id))
        everybody = set(session.scalars(select(Lead.id)))
    seen: list[str] = []
    address = f"/leads?sort={sort}"
    while address:
        page = client.get(address)
        seen += re.findall(r'<tr id="lead-(\d+)"', page.text)
        more = re.search(r'class="pager"><a class="button" href="([^"]+)"', page.text)
        address = more[1].replace("&amp;", "&") if more else ""
    assert len(seen) == len(set(seen)) == len(everybody)
    assert {int(each) for each in seen} == everybody


def test_names_are_in_order_and_who_has_none_comes_last(client: httpx.Client) -> None:
    shown = listed(client.get("/leads?sort=name"))
    named = [name for name in shown if not name[0].isdigit()]
    assert shown[: len(named)] == named == sorted(named, key=str.lower)
    waiting = listed(client.get("/leads?sort=waiting"))
    assert waiting.index("Tomas Novak") < waiting.index("Maria Alvarez")
    longest = listed(client.get("/calls?sort=length"))
    assert longest[0] == "Linh Tran"


@pytest.mark.parametrize("cursor", ["x", "bm9uZQ", "WzEsMl0", "W251bGwsMV0", "WyJhIiwyXQ", "W10"])
def test_a_broken_cursor_shows_the_first_page(client: httpx.Client, cursor: str) -> None:
    for path in ("/leads", "/leads?sort=name", "/leads?sort=waiting", "/calls?sort=length"):
        joined = "&" if "?" in path else "?"
        assert client.get(f"{path}{joined}after={cursor}").status_code == 200


def test_where_it_was_found_is_shown_with_the_words_marked(client: httpx.Client) -> None:
    page = client.get("/leads?q=sister")
    assert listed(page) == ["Maria Alvarez"]
    assert "Her <mark>sister</mark> Elena" in page.text
    press(client, f"/leads/{lead(people.MARIA).id}/notes", text="<script>sister</script>")
    assert "&lt;script&gt;<mark>sister</mark>" in client.get("/leads?q=sister").text


def test_who_is_confidential_is_found_and_not_shown(client: httpx.Client) -> None:
    with db.transaction() as session:
        maria = Telephone(session).lead(people.MARIA)
        details.keep_confidential(session, maria, staff_id(), people.NOW, confidential=True)
    for address in ("/leads?q=sister", "/leads?q=maria", "/leads", "/calls"):
        page = client.get(address)
        assert "Confidential" in listed(page), address
        told = re.sub(r'value="[^"]*"|“[^”]*”', "", page.text)  # but for what they typed
        for word in ("Alvarez", "206-555-0142", "Elena"):
            assert word not in told, (address, word)


def test_a_merged_lead_is_in_no_list(client: httpx.Client) -> None:
    with db.transaction() as session:
        phone = Telephone(session)
        phone.lead(people.MARIA).merged_into_id = phone.lead(people.DEREK).id
    assert "Maria Alvarez" not in listed(client.get("/leads"))
    assert "Maria Alvarez" not in listed(client.get("/leads?q=maria"))


def test_chosen_leads_are_changed_and_all_that_fit_after_a_yes(client: httpx.Client) -> None:
    ids = [lead(people.MARIA).id, lead(people.DEREK).id]
    csrf = field(client.get("/leads"), "csrf_token")
    headers = {"Sec-Fetch-Site": "same-origin"}
    told = {"csrf_token": csrf, "kind": "stage", "stage": "lost", "lead": ids}
    there = client.post("/leads/bulk", data=told, headers=headers)
    assert there.status_code == 303
    says(client, there.headers["location"], "Done 2 changed")
    told = {"csrf_token": csrf, "kind": "owner", "owner": str(staff_id()), "everybody": "yes"}
    there = client.post("/leads/bulk", data=told | {"query": "stage=lost"}, headers=headers)
    assert "3 leads will be changed" in plain(client.get(there.headers["location"]))
    client.post(there.headers["location"], data={"csrf_token": csrf}, headers=headers)
    says(client, there.headers["location"], "Done 3 changed")
    assert len(listed(client.get(f"/leads?owner={staff_id()}"))) == 3
    told = {"csrf_token": csrf, "kind": "stage", "stage": "won", "everybody": "yes"}
    refused = client.post("/leads/bulk", data=told | {"query": "stage=nowhere"}, headers=headers)
    assert refused.status_code == 409
    assert "There is no stage" in plain(refused)


def test_an_export_is_a_file_audited_and_only_from_our_own_page(client: httpx.Client) -> None:
    file = press(client, "/leads/export", query="stage=lost")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.headers["content-disposition"] == 'attachment; filename="leads-2026-12-01.csv"'
    assert "Sam Whitfield" in file.text
    assert "Maria" not in file.text
    assert "Linh Tran" in press(client, "/calls/export", query="outcome=answered").text
    assert client.post("/leads/export", data={"query": ""}).status_code == 403
    assert client.get("/leads/export").status_code == 303
    with db.transaction() as session:
        audited = session.scalars(select(Audit).where(Audit.action == "exported")).all()
    assert [each.facts for each in audited] == [
        {"what": "leads", "fields": ["stage"]},
        {"what": "calls", "fields": ["outcome"]},
    ]


def test_a_contact_list_is_looked_at_and_then_imported(client: httpx.Client) -> None:
    csrf = field(client.get("/leads/import"), "csrf_token")
    told = {"data": {"csrf_token": csrf}, "headers": {"Sec-Fetch-Site": "same-origin"}}
    file = ("my list.csv", b"Name,Phone\nNora Quist,206-555-0201\nMia,2065550142\n", "text/csv")
    there = client.post("/leads/import", files={"file": file}, **told).headers["location"]  # type: ignore[arg-type]
    page = client.get(there)
    assert "my list.csv, 2 rows, read as UTF-8" in plain(page)
    chosen = {"csrf_token": csrf, "name": "0", "phone": "1"}
    client.post(f"{there}/columns", data=chosen, headers=told["headers"])
    says(client, there, "1 new")
    assert "Maria Alvarez Mia" in plain(client.get(there))  # before and after
    assert listed(client.get(f"/leads?q={quote('Nora')}")) == []
    client.post(f"{there}/application", **told)  # type: ignore[arg-type]
    says(client, there, "Imported 1 new 1 changed")
    assert listed(client.get("/leads?q=nora")) == ["Nora Quist"]
    broken = ("list.xlsx", b"PK\x03\x04", "application/zip")
    refused = client.post("/leads/import", files={"file": broken}, **told)  # type: ignore[arg-type]
    assert refused.status_code == 422
    assert "This is a workbook, not a CSV." in plain(refused)


def test_only_a_contact_list_may_be_large(client: httpx.Client) -> None:
    csrf = field(client.get("/leads/import"), "csrf_token")
    told = {"data": {"csrf_token": csrf}, "headers": {"Sec-Fetch-Site": "same-origin"}}
    rows = b"Name,Phone\n" + b"".join(b"Person %d,20655%05d\n" % (n, n) for n in range(30_000))
    assert len(rows) > 500_000
    there = client.post("/leads/import", files={"file": ("l.csv", rows, "text/csv")}, **told)  # type: ignore[arg-type]
    assert there.status_code == 303
    assert client.post("/leads/bulk", content=b"x" * 300_000).status_code == 413
