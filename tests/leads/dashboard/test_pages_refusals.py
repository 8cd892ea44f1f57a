"""A page that refuses something leads back to where one can go on."""

import httpx
import pytest

from leads import db
from leads.staff import add_staff
from tests.browser import people
from tests.leads.dashboard.desk import lead, press
from tests.leads.dashboard.people import browser, enter
from tests.leads.dashboard.test_pages import plain
from tests.leads.dashboard.test_pages_inbox import address, rosa

__all__ = ["address", "rosa"]  # fixtures

FILTER = "stage=lost&q=sam"


def leads_back(page: httpx.Response, to: str) -> None:
    assert page.status_code == 409
    assert f'<a class="button" href="{to.replace("&", "&amp;")}">Back to the list</a>' in page.text
    assert "Go to who needs a call" not in plain(page)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/views", {"of": "leads", "name": ""}),
        ("/leads/bulk", {"kind": "stage", "stage": "", "everybody": "yes"}),
        ("/leads/export", {"chosen": "yes"}),
    ],
)
def test_what_a_list_refuses_leads_back_to_it_as_it_was_filtered(
    rosa: httpx.Client, path: str, fields: dict[str, str]
) -> None:
    leads_back(press(rosa, path, query=FILTER, **fields), f"/leads?{FILTER}")


@pytest.mark.parametrize(
    ("path", "of", "fields"),
    [
        ("/leads/bulk", "leads", {"kind": "stage", "stage": "", "everybody": "yes"}),
        ("/leads/export", "leads", {"chosen": "yes"}),
        ("/calls/export", "calls", {"query": "outcome=nothing"}),
    ],
)
def test_what_a_list_refuses_leads_back_to_its_order_and_page(
    rosa: httpx.Client, path: str, of: str, fields: dict[str, str]
) -> None:
    told = {"query": FILTER, "place": "sort=name&after=WyJhIiwgN10", **fields}
    leads_back(press(rosa, path, **told), f"/{of}?{told['query']}&{told['place']}")


def test_a_view_that_is_not_renamed_leads_back_to_it(rosa: httpx.Client) -> None:
    press(rosa, "/views", of="calls", name="Missed", query="outcome=missed")
    press(rosa, "/views", of="calls", name="Answered", query="outcome=answered")
    page = rosa.get("/calls?outcome=missed").text
    view = page.split('id="change-view-')[1].split('"')[0]
    taken = press(rosa, f"/views/{view}/name", name="Answered")
    assert "There is a view “Answered” already." in plain(taken)
    leads_back(taken, "/calls?outcome=missed")


def test_what_leads_back_is_a_list_of_ours_whatever_was_sent(rosa: httpx.Client) -> None:
    page = press(rosa, "/leads/bulk", kind="stage", query='"><script>=1&//evil.example=2')
    leads_back(page, "/leads?%22%3E%3Cscript%3E=1&%2F%2Fevil.example=2")


def test_chosen_leads_are_exported_and_nobody_without_a_choice(rosa: httpx.Client) -> None:
    assert 'formaction="/leads/export" name="chosen" value="yes"' in rosa.get("/leads").text
    refused = press(rosa, "/leads/export", chosen="yes")
    assert "No lead is chosen." in plain(refused)
    maria = str(lead(people.MARIA).id)
    one = press(rosa, "/leads/export", chosen="yes", lead=maria).text
    assert "Maria" in one
    assert "Sam Whitfield" not in one
    for fields in ({"chosen": "yes", "everybody": "yes"}, {}):
        everybody = press(rosa, "/leads/export", **fields).text
        assert "Sam Whitfield" in everybody


def test_who_sees_no_desk_begins_at_their_account_and_goes_on_there(address: str) -> None:
    with db.transaction() as session:
        add_staff(session, "ad@clinic.example", "marketing", people.PASSWORD)
    with browser(address) as outsider:
        there = enter(outsider, "ad@clinic.example", people.PASSWORD)
        assert there.headers["location"] == "/account"
        assert outsider.get("/account").status_code == 200
        assert outsider.get("/sign-in").headers["location"] == "/account"
        page = outsider.get("/leads")
        assert page.status_code == 403
        assert '<a class="button" href="/account">Go to your account</a>' in page.text
        assert "Go to who needs a call" not in plain(page)
