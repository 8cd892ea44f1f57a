"""Who is on the staff: changed, kept out, let in again, and never without an admin."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from leads import db
from leads.audit import Audit
from leads.dashboard.app import app
from leads.staff import Staff, StaffSession
from tests.browser import people
from tests.leads.dashboard.people import browser, enter, field
from tests.leads.dashboard.test_pages import plain
from tests.server import serving

PAGE = "/settings/staff"


@pytest.fixture
def address(database: str) -> Iterator[str]:
    assert database
    with db.transaction() as session:
        people.hire(session)
    with serving(app) as at:
        yield at


@pytest.fixture
def anna(address: str) -> Iterator[httpx.Client]:
    with browser(address) as opened:
        enter(opened, people.ADMIN, people.PASSWORD)
        yield opened


@pytest.fixture
def rosa(address: str) -> Iterator[httpx.Client]:
    with browser(address) as opened:
        enter(opened, people.RECEPTIONIST, people.PASSWORD)
        yield opened


def press(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    told = {"csrf_token": field(client.get("/account"), "csrf_token"), **fields}
    return client.post(path, data=told, headers={"Sec-Fetch-Site": "same-origin"})


def member(email: str) -> Staff:
    with db.transaction() as session:
        return session.scalars(select(Staff).where(Staff.email == email)).one()


def audited() -> list[dict[str, object]]:
    with db.transaction() as session:
        found = select(Audit).where(Audit.action == "settings_changed").order_by(Audit.id)
        return [audit.facts for audit in session.scalars(found)]


def test_a_new_role_and_name_hold_from_the_next_click(
    anna: httpx.Client, rosa: httpx.Client
) -> None:
    who = member(people.RECEPTIONIST).id
    assert rosa.get(PAGE).status_code == 403
    assert press(anna, f"{PAGE}/{who}", name=" Rosa  Diaz ", role="admin").status_code == 303
    assert rosa.get(PAGE).status_code == 200
    assert "Rosa Diaz" in plain(rosa.get(PAGE))
    told = {"page": "staff", "changed": ["name", "role"], "member": who, "role": "admin"}
    assert audited() == [told]
    assert press(anna, f"{PAGE}/{who}", name="Rosa Diaz", role="owner").status_code == 422


def test_somebody_kept_out_is_out_at_once_and_comes_back_with_their_password(
    address: str, anna: httpx.Client, rosa: httpx.Client
) -> None:
    who = member(people.RECEPTIONIST).id
    assert press(anna, f"{PAGE}/{who}/disabling").status_code == 303
    assert rosa.get("/").status_code == 303
    assert "Cannot sign in" in plain(anna.get(PAGE))
    assert press(anna, f"{PAGE}/{who}/link").status_code == 422
    with browser(address) as again:
        assert enter(again, people.RECEPTIONIST, people.PASSWORD).status_code == 403
        assert press(anna, f"{PAGE}/{who}/enabling").status_code == 303
        assert enter(again, people.RECEPTIONIST, people.PASSWORD).status_code == 303
    assert [*audited()[0]] == ["page", "disabled"]


def test_the_last_admin_can_neither_be_kept_out_nor_demoted(anna: httpx.Client) -> None:
    who = member(people.ADMIN).id
    for path, fields in (("/disabling", {}), ("", {"name": "Anna", "role": "reviewer"})):
        answer = press(anna, f"{PAGE}/{who}{path}", **fields)
        assert answer.status_code == 422
        assert "Anna Berg is the last admin" in answer.text
    kept = member(people.ADMIN)
    assert (kept.role, kept.disabled_at, kept.name) == ("admin", None, "Anna Berg")
    assert audited() == []


def test_of_two_admins_one_may_go(anna: httpx.Client) -> None:
    rosa = member(people.RECEPTIONIST).id
    press(anna, f"{PAGE}/{rosa}", name="Rosa Lopez", role="admin")
    me = member(people.ADMIN).id
    gone = press(anna, f"{PAGE}/{me}", name="Anna Berg", role="front_desk")
    # She has just given the settings away, so she is led to where she may be.
    assert (gone.status_code, gone.headers["location"]) == (303, "/")
    assert anna.get(PAGE).status_code == 403


def test_signed_out_everywhere_ends_every_browser_and_unused_links(
    address: str, anna: httpx.Client, rosa: httpx.Client
) -> None:
    who = member(people.RECEPTIONIST).id
    page = press(anna, f"{PAGE}/{who}/link")
    token = page.text.split("/sign-in/link?token=")[1].split("<")[0]
    with browser(address) as second:
        enter(second, people.RECEPTIONIST, people.PASSWORD)
        assert "2 browsers are signed in." in plain(anna.get(PAGE))
        press(anna, f"{PAGE}/{who}/sign-out")
        assert rosa.get("/").status_code == second.get("/").status_code == 303
    with browser(address) as third:
        csrf = field(third.get(f"/sign-in/link?token={token}"), "csrf_token")
        told = {"token": token, "csrf_token": csrf}
        answer = third.post("/sign-in/link", data=told, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 403


def test_ones_own_browser_stays_signed_in(anna: httpx.Client) -> None:
    me = member(people.ADMIN).id
    press(anna, f"{PAGE}/{me}/sign-out")
    assert anna.get("/").status_code == 200


def test_the_front_desk_changes_nobody(rosa: httpx.Client) -> None:
    me = member(people.RECEPTIONIST).id
    for path in ("", "/link", "/disabling", "/enabling", "/sign-out"):
        assert press(rosa, f"{PAGE}/{me}{path}", role="admin").status_code == 403
    assert member(people.RECEPTIONIST).role == "front_desk"


def test_the_address_of_a_button_leads_back(anna: httpx.Client) -> None:
    for path in ("/1", "/1/link", "/1/sign-out"):
        assert anna.get(PAGE + path).headers["location"] == PAGE


def test_a_session_says_when_it_ends_and_a_sign_of_life_puts_it_off(rosa: httpx.Client) -> None:
    with db.transaction() as session:
        for each in session.scalars(select(StaffSession)):
            each.last_active_at = db.database_time(session).replace(microsecond=0)
    live = {"X-Ringback-Live": "1"}
    before = int(rosa.get("/account", headers=live).text.split('data-idle="')[1].split('"')[0])
    assert 35_900 < before <= 36_000
    assert press(rosa, "/session/activity").status_code == 204
    assert rosa.post("/session/activity").status_code == 403
