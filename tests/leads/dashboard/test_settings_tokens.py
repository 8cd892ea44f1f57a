"""Tokens: made on a page, shown once, revoked at once, and audited."""

import re
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from leads import db
from leads.audit import Audit
from leads.dashboard.app import app
from leads.staff import APIToken
from tests.browser import people
from tests.leads.dashboard.desk import press
from tests.leads.dashboard.people import browser, enter
from tests.leads.dashboard.test_pages import plain
from tests.server import serving

PAGE = "/settings/tokens"


@pytest.fixture
def address(database: str) -> Iterator[str]:
    assert database
    with db.transaction() as session:
        people.hire(session)
    with serving(app) as at:
        yield at


@pytest.fixture
def admin(address: str) -> Iterator[httpx.Client]:
    with browser(address) as opened:
        enter(opened, people.ADMIN, people.PASSWORD)
        yield opened


def test_a_token_is_shown_once_works_and_is_revoked(admin: httpx.Client, address: str) -> None:
    page = press(admin, PAGE, name="Website", scope="read")
    raw = re.search(r"ringback_[\w-]{43}", page.text)
    assert raw is not None
    later = admin.get(PAGE)
    assert raw[0] not in later.text
    assert "Never used." in plain(later)
    header = {"Authorization": f"Bearer {raw[0]}"}
    with httpx.Client(base_url=address, headers=header) as program:
        assert program.get("/api/v1/leads").status_code == 200
        assert "Last used" in plain(admin.get(PAGE))
        with db.transaction() as session:
            token_id = session.scalars(select(APIToken.id)).one()
        assert press(admin, f"{PAGE}/{token_id}/revocation").status_code == 303
        assert program.get("/api/v1/leads").status_code == 401
    assert "Revoked" in plain(admin.get(PAGE))
    assert press(admin, f"{PAGE}/{token_id}/revocation").status_code == 422
    with db.transaction() as session:
        told = select(Audit.action, Audit.staff_id, Audit.token_id).where(
            Audit.action.startswith("token_")
        )
        anna = session.scalars(select(Audit.staff_id).where(Audit.action == "signed_in")).first()
        assert [tuple(row) for row in session.execute(told.order_by(Audit.id))] == [
            ("token_created", anna, token_id),
            ("token_revoked", anna, token_id),
        ]


@pytest.mark.parametrize(
    ("name", "scope", "sentence"),
    [
        ("", "read", "Give a name for the token"),
        ("Website", "everything", "Choose one of these."),
        ("Taken", "read", "There is a token named"),
    ],
)
def test_a_token_that_cannot_be_made_is_said(
    admin: httpx.Client, name: str, scope: str, sentence: str
) -> None:
    press(admin, PAGE, name="Taken", scope="read")
    answer = press(admin, PAGE, name=name, scope=scope)
    assert answer.status_code == 422
    assert sentence in answer.text
    with db.transaction() as session:
        assert len(session.scalars(select(APIToken.id)).all()) == 1


def test_the_front_desk_makes_no_token(address: str) -> None:
    with browser(address) as rosa:
        enter(rosa, people.RECEPTIONIST, people.PASSWORD)
        assert rosa.get(PAGE).status_code == 403
        assert press(rosa, PAGE, name="Mine", scope="admin").status_code == 403
