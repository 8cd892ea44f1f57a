"""Saved views: one's own and shared, renamed and deleted by whoever may."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from leads import db
from leads.dashboard.app import app
from leads.saved_view import MOST, SavedView
from tests.browser import people
from tests.leads.dashboard.desk import press, signed_in
from tests.leads.dashboard.test_pages import plain
from tests.server import serving


@pytest.fixture
def desk(morning: str) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Rosa and Anna, each at her own browser."""
    assert morning
    with (
        serving(app) as address,
        signed_in(address) as rosa,
        signed_in(address, people.ADMIN) as anna,
    ):
        yield rosa, anna


def save(client: httpx.Client, name: str, query: str, **more: str) -> httpx.Response:
    return press(client, "/views", of="leads", name=name, query=query, **more)


def only_view() -> SavedView:
    with db.transaction() as session:
        return session.scalars(select(SavedView)).one()


def test_a_view_leads_to_its_filter_and_order(desk: tuple[httpx.Client, httpx.Client]) -> None:
    rosa, anna = desk
    there = save(rosa, "Lost ones", "stage=lost&sort=name&csrf=x")
    assert there.headers["location"] == "/leads?stage=lost&sort=name"
    page = rosa.get("/leads?stage=lost&sort=name")
    assert "Lost ones" in plain(page)
    assert "Change this view" in plain(page)
    assert "Lost ones" not in plain(anna.get("/leads"))
    assert "Lost ones" not in plain(rosa.get("/calls"))


def test_a_shared_view_is_everybodys_and_changed_by_its_owner_or_an_admin(
    desk: tuple[httpx.Client, httpx.Client],
) -> None:
    rosa, anna = desk
    save(anna, "Booked", "stage=booked", shared="yes")
    view = only_view()
    assert "Booked" in plain(rosa.get("/leads"))
    refused = press(rosa, f"/views/{view.id}/name", name="Mine")
    assert refused.status_code == 409
    assert "colleague" in plain(refused)
    assert press(rosa, f"/views/{view.id}/deletion").status_code == 409
    assert press(anna, f"/views/{view.id}/name", name="Booked, all").status_code == 303
    assert (only_view().name, only_view().shared) == ("Booked, all", False)
    assert press(rosa, f"/views/{view.id}/deletion").status_code == 404
    assert press(anna, f"/views/{view.id}/deletion").status_code == 303
    assert "Booked, all" not in plain(anna.get("/leads"))


def test_the_same_name_is_the_same_view(desk: tuple[httpx.Client, httpx.Client]) -> None:
    rosa, _ = desk
    save(rosa, "Mine", "stage=lost")
    save(rosa, " mine ", "stage=won")
    assert only_view().query == "stage=won"


@pytest.mark.parametrize(
    ("name", "query", "said"),
    [
        ("", "stage=lost", "Give the view a name"),
        ("x" * 41, "stage=lost", "Give the view a name"),
        ("Broken", "stage=nowhere", "There is no stage “nowhere”."),
    ],
)
def test_what_is_no_view_is_refused(
    desk: tuple[httpx.Client, httpx.Client], name: str, query: str, said: str
) -> None:
    refused = save(desk[0], name, query)
    assert refused.status_code == 409
    assert said in plain(refused)


def test_nobody_has_more_views_than_can_be_looked_through(
    desk: tuple[httpx.Client, httpx.Client],
) -> None:
    rosa, _ = desk
    for number in range(MOST):
        assert save(rosa, f"View {number}", "stage=lost").status_code == 303
    assert f"You have {MOST} views" in plain(save(rosa, "One more", "stage=lost"))
