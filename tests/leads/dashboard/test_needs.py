"""Who has said that they call is told on every page of a person, and can be said there."""

from collections.abc import Iterator

import httpx
import pytest

from leads.dashboard.app import app
from tests.browser import people
from tests.leads.dashboard.desk import lead, press, signed_in
from tests.leads.dashboard.test_pages import plain
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


# Where a form comes from: the page of the person, and what a form of it says of that.
PLACES = [("/leads/%d", ""), ("/inbox/%d", "inbox"), ("/inbox/%d?show=waiting", "inbox-waiting")]


@pytest.mark.parametrize(("place", "back"), PLACES)
def test_a_claim_from_the_page_of_a_person_is_one_on_the_desk(
    rosa: httpx.Client, anna: httpx.Client, place: str, back: str
) -> None:
    maria = lead(people.MARIA).id
    path = place % maria
    page = rosa.get(path)
    assert f'action="/leads/{maria}/claim"' in page.text
    assert f'data-claims="claim-{maria}"' in page.text, "dialling the number claims them"
    if back:
        assert f'name="back" value="{back}"' in page.text
    assert press(rosa, f"/leads/{maria}/claim", back=back).headers["location"] == path
    page = rosa.get(path)
    assert "You have this until 10:57 AM" in plain(page)
    assert f'action="/leads/{maria}/claim/return"' in page.text
    assert "data-claims" not in page.text
    seen = anna.get(path)
    assert "Rosa Lopez has this until 10:57 AM" in plain(seen)
    assert "Rosa Lopez has them Call 206-555-0142" in plain(seen), "before the number"
    assert f'action="/leads/{maria}/claim"' not in seen.text
    assert f'action="/leads/{maria}/call"' not in seen.text
    on_desk = row(anna.get("/"), maria)
    assert "Rosa Lopez has them 206-555-0142" in on_desk, "to be read, and not to be dialled"


@pytest.mark.parametrize("back", ["", "inbox", "inbox-waiting"])
def test_what_is_refused_is_told_on_the_page_that_it_came_from(
    rosa: httpx.Client, anna: httpx.Client, back: str
) -> None:
    maria = lead(people.MARIA).id
    press(anna, f"/leads/{maria}/claim", back="desk")
    heading = "Needs a call, since" if not back else "Conversations"
    for action, fields in (("claim", {}), ("snooze", {"length": "30m"})):
        lost = press(rosa, f"/leads/{maria}/{action}", back=back, **fields)
        assert lost.status_code == 422
        assert "Anna Berg has this until 10:57 AM. Nothing was changed." in plain(lost)
        assert heading in plain(lost)
    half = press(anna, f"/leads/{maria}/snooze", back=back, length="own", until="")
    assert half.status_code == 422
    assert "Give both a day and a time" in plain(half)


@pytest.mark.parametrize(("place", "back"), PLACES)
def test_a_call_from_ones_own_phone_and_a_snooze_are_noted_from_there(
    rosa: httpx.Client, place: str, back: str
) -> None:
    derek = lead(people.DEREK).id
    path = place % derek
    sent = press(rosa, f"/leads/{derek}/attempts", back=back, result="no_answer")
    assert sent.headers["location"] == path
    assert "We tried once, 10:42 AM: no answer" in row(rosa.get("/"), derek)
    sent = press(rosa, f"/leads/{derek}/snooze", back=back, length="30m")
    assert sent.headers["location"] == path
    assert row(rosa.get("/"), derek) == ""
    assert "Snoozed until today 11:12 AM" in plain(rosa.get(path))
    press(rosa, f"/leads/{derek}/snooze/end", back=back)
    assert f'id="wake-{derek}"' not in rosa.get(path).text
    press(rosa, f"/leads/{derek}/attempts", back=back, result="spoke")
    assert f'action="/leads/{derek}/claim"' not in rosa.get(path).text


def test_who_needs_no_call_is_claimed_by_nobody(rosa: httpx.Client) -> None:
    grace = lead(people.GRACE).id
    for page in (rosa.get(f"/leads/{grace}"), rosa.get(f"/inbox/{grace}")):
        assert f'action="/leads/{grace}/claim"' not in page.text
        assert "data-claims" not in page.text
