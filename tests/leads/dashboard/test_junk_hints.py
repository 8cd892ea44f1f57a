"""Hints of spam: looked for until somebody is found, and told once for each number."""

from datetime import timedelta
from importlib import import_module

import httpx
import pytest

from leads import db, merge
from leads.lead import Lead
from tests.browser import people
from tests.browser.telephone import Telephone
from tests.conftest import TUESDAY_TEN
from tests.leads.dashboard.desk import lead
from tests.leads.dashboard.test_pages import plain, queries
from tests.leads.dashboard.test_pages_junk import FORGED, address, forged_call, rosa

__all__ = ["address", "rosa"]  # fixtures
junk_page = import_module("leads.dashboard.pages.junk")  # the package has the router by that name


def weak_signs(count: int) -> None:
    """Later calls, each with one weak sign: no hint comes of it."""
    with db.transaction() as session:
        for number in range(count):
            at = TUESDAY_TEN + timedelta(minutes=number + 1)
            call = Telephone(session).miss(f"+1425555{number + 1}100", at)
            call.stir = "TN-Validation-Passed-C"


def test_the_first_page_goes_on_looking_until_somebody_looks_like_spam(
    rosa: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged_call()
    weak_signs(3)
    monkeypatch.setattr(junk_page, "LOOKED_THROUGH", 1)
    assert "509-234-0171" in plain(rosa.get("/junk"))
    monkeypatch.setattr(junk_page, "MOST_LOOKS", 2)
    page = rosa.get("/junk")
    assert "None of these looks like spam." in plain(page)
    assert "Nothing looks like spam." not in plain(page)
    older = page.text.split('href="/junk?after=')[1].split('"')[0]
    page = rosa.get(f"/junk?after={older}")
    assert "509-234-0171" in plain(page)
    assert f'hx-get="/junk?after={older}"' in page.text


def test_a_reason_is_told_once_for_all_calls_of_a_number(rosa: httpx.Client) -> None:
    for _ in range(3):
        forged_call()
    with db.transaction() as session:
        for minutes in (1, 2):
            call = Telephone(session).miss(FORGED, TUESDAY_TEN + timedelta(minutes=minutes))
            call.ended_at = call.started_at + timedelta(seconds=1)
    said = plain(rosa.get("/calls"))
    assert said.count("Likely spam.") == 5
    assert said.count("failed the carriers' check") == 1
    assert "hung up within 3 seconds" not in said
    assert "hung up within 3 seconds, 2 times" in plain(rosa.get(f"/leads/{lead(FORGED).id}"))


def test_queries_of_the_split_page_do_not_grow_with_the_merges(rosa: httpx.Client) -> None:
    maria = lead(people.MARIA).id
    path = f"/leads/{maria}/split"
    counts = []
    for number in (1, 6):
        with db.transaction() as session:
            kept = session.get_one(Lead, maria)
            for one in range(number):
                at = TUESDAY_TEN
                other = Lead(name=f"Other {number} {one}", created_at=at, last_activity_at=at)
                session.add(other)
                session.flush()
                merge.merge(session, kept, other, None, at)
        counts.append(queries(rosa, path))
    assert counts[0] == counts[1]
    assert plain(rosa.get(path)).count("Undo the merge with Other") == 7
