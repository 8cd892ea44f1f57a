"""The place in a list: what is chosen besides, and the way back to it."""

import re
from html import unescape

import httpx
import pytest

from leads.dashboard.pages import ordering
from tests.browser import people
from tests.leads.dashboard.desk import lead, press
from tests.leads.dashboard.people import field
from tests.leads.dashboard.test_pages_lists import client, says

__all__ = ["client"]  # a fixture


def links(page: httpx.Response, label: str) -> dict[str, str]:
    nav = re.search(rf'<nav aria-label="{label}">(.*?)</nav>', page.text, re.DOTALL)
    assert nav
    found = re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', nav[1])
    return {words: unescape(href) for href, words in found}


def test_a_stage_is_chosen_and_all_else_stays(client: httpx.Client) -> None:
    page = client.get("/leads?q=ma&owner=none&stage=new&source=google-ads&sort=name&after=x")
    tabs = links(page, "Stage")
    rest = "owner=none&source=google-ads"
    assert tabs["All"] == f"/leads?q=ma&{rest}&sort=name"
    assert tabs["Booked"] == f"/leads?q=ma&{rest}&stage=booked&sort=name"
    assert links(client.get("/leads"), "Stage")["All"] == "/leads"
    assert 'stage=booked" aria-current="true"' in client.get("/leads?stage=booked").text


def test_an_outcome_is_chosen_and_all_else_stays(client: httpx.Client) -> None:
    page = client.get("/calls?q=maria&outcome=answered&direction=inbound&sort=oldest")
    tabs = links(page, "Which calls")
    assert tabs["All"] == "/calls?q=maria&direction=inbound&sort=oldest"
    assert tabs["Voicemail"] == "/calls?q=maria&direction=inbound&outcome=voicemail&sort=oldest"
    assert tabs["Not answered"].count("outcome=") > 1
    assert 'outcome=answered" aria-current="true"' in client.get("/calls?outcome=answered").text


def test_a_change_of_many_leads_back_to_the_same_place(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "PER_PAGE", 2)
    first = client.get("/leads?stage=new&stage=contacted&sort=name")
    more = unescape(re.findall(r'<p class="pager"><a class="button" href="([^"]+)"', first.text)[0])
    page = client.get(more)
    told = {name: unescape(field(page, name)) for name in ("query", "place")}
    asked = press(client, "/leads/bulk", **told, kind="owner", owner="none", everybody="yes")
    shown = client.get(asked.headers["location"])
    assert f'href="{more}">Leave it'.replace("&", "&amp;") in shown.text
    done = press(client, asked.headers["location"]).headers["location"]
    says(client, done, "Back to the leads")
    assert f'href="{more}">Back to'.replace("&", "&amp;") in client.get(done).text


def test_every_page_of_a_list_draws_itself_anew(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "PER_PAGE", 2)
    for path in ("/leads?sort=name", "/calls?sort=oldest"):
        page = client.get(path)
        more = re.findall(r'<p class="pager"><a class="button" href="([^"]+)"', page.text)[0]
        assert f'hx-get="{more}"' in client.get(unescape(more)).text
    maria = lead(people.MARIA).id
    assert f'hx-get="/leads/{maria}?before=9999"' in client.get(f"/leads/{maria}?before=9999").text


def test_no_column_is_without_a_heading(client: httpx.Client) -> None:
    csrf = field(client.get("/leads/import"), "csrf_token")
    told = {"data": {"csrf_token": csrf}, "headers": {"Sec-Fetch-Site": "same-origin"}}
    file = ("a.csv", b"Name,Phone\nMaria Alvarez,2065550142\n", "text/csv")
    there = client.post("/leads/import", files={"file": file}, **told).headers["location"]  # type: ignore[arg-type]
    client.post(
        f"{there}/columns",
        data={"csrf_token": csrf, "name": "0", "phone": "1"},
        headers=told["headers"],
    )
    for shown in ("new", "changed", "same", "refused"):
        page = client.get(f"{there}?show={shown}").text
        assert not re.search(r"<th[^>]*>\s*</th>", page)
    assert "Remark" in client.get(f"{there}?show=same").text
