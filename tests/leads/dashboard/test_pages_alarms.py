"""The bar on top of every page while texts do not go out, and who may clear it."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from leads import alarm, clock, db, staff
from leads.audit import Audit
from leads.dashboard.app import app
from leads.delivery_errors import error_of
from tests.browser import people
from tests.leads.dashboard.desk import press, signed_in
from tests.leads.dashboard.test_pages import plain
from tests.server import serving

REFUSED, FILTERED = 20003, 30007
REVIEWER = "noor@clinic.example"


@pytest.fixture
def address(morning: str) -> Iterator[str]:
    assert morning
    with serving(app) as at:
        yield at


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with signed_in(address) as opened:
        yield opened


def sound(code: int) -> int:
    with db.transaction() as session:
        error = error_of(code)
        now, real = clock.now(session), db.database_time(session)
        stops = error.behaviour.stops_sending
        alarm.raise_alarm(session, error.kind, error.alarm, now, real, stops_sending=stops)
    with db.transaction() as session:
        return alarm.open_alarms(session)[-1].id


def test_every_page_says_what_is_wrong(client: httpx.Client) -> None:
    paths = ("/", "/leads", "/leads/1", "/calls", "/follow-ups", "/settings/plans", "/nothing/here")
    assert 'class="alarm' not in client.get("/").text.replace('class="alarms"', "")
    sound(REFUSED)
    for path in paths:
        page = client.get(path)
        assert "the telephone service refused our credentials" in page.text, path
        assert 'class="alarm stops" role="alert"' in page.text, path
        assert "It is mended: try again" in plain(page), path


def test_one_that_stops_nothing_is_calmer(client: httpx.Client) -> None:
    sound(FILTERED)
    page = client.get("/")
    assert 'class="alarm" role="alert"' in page.text
    assert "It is mended: try again" not in plain(page)


def test_the_front_desk_clears_it_and_that_is_audited(client: httpx.Client) -> None:
    alarm_id = sound(REFUSED)
    answer = press(client, f"/alarms/{alarm_id}/clearing", back="/calls?show=voicemail")
    assert (answer.status_code, answer.headers["location"]) == (303, "/calls?show=voicemail")
    press(client, f"/alarms/{alarm_id}/clearing")  # a colleague was faster
    assert "refused our credentials" not in client.get("/").text
    with db.transaction() as session:
        assert alarm.open_alarms(session) == []
        audited = session.scalars(select(Audit).where(Audit.action == "alarm_cleared")).one()
        assert audited.facts == {"alarm_id": alarm_id, "kind": "auth"}
        cleared = session.get_one(alarm.Alarm, alarm_id)
        assert cleared.cleared_by == audited.staff_id is not None


@pytest.mark.parametrize("back", ["https://elsewhere.example", "//elsewhere.example", "/\\x", ""])
def test_it_leads_back_to_a_page_of_ours_alone(client: httpx.Client, back: str) -> None:
    answer = press(client, f"/alarms/{sound(FILTERED)}/clearing", back=back)
    assert answer.headers["location"] == "/"


def test_a_reviewer_reads_it_and_cannot_clear_it(address: str) -> None:
    alarm_id = sound(REFUSED)
    with db.transaction() as session:
        staff.add_staff(session, REVIEWER, "reviewer", people.PASSWORD, name="Noor")
    with signed_in(address, REVIEWER) as reviewer:
        page = reviewer.get("/")
        assert "refused our credentials" in page.text
        assert "It is mended" not in page.text
        assert press(reviewer, f"/alarms/{alarm_id}/clearing").status_code == 403
    with db.transaction() as session:
        assert alarm.open_alarms(session) != []


def test_it_is_not_cleared_from_another_site(client: httpx.Client) -> None:
    alarm_id = sound(REFUSED)
    path = f"/alarms/{alarm_id}/clearing"
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(path, data={"csrf_token": "guessed"}, headers=cross).status_code == 403
    own = {"Sec-Fetch-Site": "same-origin"}
    assert client.post(path, data={"csrf_token": "guessed"}, headers=own).status_code == 403


def test_a_script_gets_the_bar_alone(client: httpx.Client) -> None:
    sound(REFUSED)
    bar = client.get("/alarms", headers={"HX-Request": "true"})
    assert bar.text.lstrip().startswith('<div class="alarms"')
    assert client.get("/alarms").status_code == 303
