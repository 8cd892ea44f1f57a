"""Stage, owner, value, tags, name, relation and confidence, on the side of the lead's page."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from leads import db
from leads.audit import Audit
from leads.dashboard.app import app
from leads.recording import Recording
from leads.staff import Staff
from leads.timeline import TimelineEntry
from tests.browser import people
from tests.leads.dashboard.desk import lead, press, signed_in
from tests.leads.dashboard.test_pages import plain
from tests.server import serving


@pytest.fixture
def address(morning: str) -> Iterator[str]:
    assert morning
    with serving(app) as at:
        yield at


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with signed_in(address) as opened:
        yield opened


def save(client: httpx.Client, e164: str, **wanted: str) -> httpx.Response:
    """Send the form as the page has it, with these fields changed."""
    found = lead(e164)
    told = {
        "name": found.name,
        "stage": found.stage,
        "owner": str(found.owner_id or ""),
        "relation": found.relation,
        "value": "",
        "tags": ", ".join(found.tags),
    }
    fields = {f"was_{key}": value for key, value in told.items()} | told | wanted
    return press(client, f"/leads/{found.id}/details", **fields)


def rosa() -> int:
    with db.transaction() as session:
        wanted = select(Staff.id).where(Staff.email == people.RECEPTIONIST)
        return session.scalars(wanted).one()


def told(lead_id: int) -> list[str]:
    with db.transaction() as session:
        wanted = select(TimelineEntry.text).where(TimelineEntry.lead_id == lead_id)
        return list(session.scalars(wanted.order_by(TimelineEntry.id)))


def test_each_detail_is_saved_told_and_audited(client: httpx.Client) -> None:
    answer = save(
        client,
        people.DEREK,
        name="Derek  Moss",
        owner=str(rosa()),
        value="$1,200.50",
        tags="massage, Insurance question, massage",
        stage="contacted",
        relation="patient",
    )
    assert answer.status_code == 303
    derek = lead(people.DEREK)
    assert (derek.name, derek.stage, derek.relation) == ("Derek Moss", "contacted", "patient")
    assert (derek.owner_id, derek.value_cents) == (rosa(), 120_050)
    assert derek.tags == ["massage", "Insurance question"]
    assert derek.needs_callback_since is None  # as the button Contacted does
    assert {
        "Name changed.",
        "Owner: Rosa Lopez.",
        "Value: $1,200.50.",
        "Tagged massage, Insurance question.",
        "Marked as a patient: the first text only.",
        "Marked as contacted.",
    } <= set(told(derek.id))
    with db.transaction() as session:
        row = session.scalars(select(Audit).where(Audit.action == "lead_changed")).one()
        assert row.facts["fields"] == ["name", "owner", "value", "tags", "relation", "stage"]
    said = plain(client.get(f"/leads/{derek.id}"))
    assert "Derek Moss Contacted" in said
    assert "Rosa Lopez" in said
    assert "$1,200.50" in said


def test_only_what_was_changed_is_saved(client: httpx.Client) -> None:
    """A colleague set the stage while Rosa typed a name."""
    stale = {"stage": "new", "was_stage": "new", "name": "Derek Moss"}
    save(client, people.DEREK, stage="lost")
    assert save(client, people.DEREK, **stale).status_code == 303
    assert (lead(people.DEREK).name, lead(people.DEREK).stage) == ("Derek Moss", "lost")


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ({"stage": "asleep"}, "There is no such stage"),
        ({"value": "a lot"}, "Write the value in dollars"),
        ({"value": "99999999"}, "between $0 and $1,000,000"),
        ({"owner": "4096"}, "They are not at the desk any more"),
        ({"relation": "friend"}, "Choose prospect, patient or other"),
        ({"tags": "a word that is much longer than any tag"}, "longer than 30 characters"),
        ({"tags": ",".join("abcdefghijklm")}, "13 tags are too many"),
    ],
)
def test_what_cannot_be_saved_is_marked_and_kept_as_typed(
    client: httpx.Client, wanted: dict[str, str], why: str
) -> None:
    answer = save(client, people.DEREK, **{"name": "Derek Moss", **wanted})
    assert answer.status_code == 422
    assert why in plain(answer)
    assert 'value="Derek Moss"' in answer.text
    assert "aria-invalid" in answer.text
    assert lead(people.DEREK).name == ""  # all of it or nothing


def test_who_has_an_appointment_ahead_stays_booked(client: httpx.Client) -> None:
    answer = save(client, people.GRACE, stage="new")
    assert answer.status_code == 422
    assert "They have an appointment ahead, so they stay booked" in plain(answer)
    assert lead(people.GRACE).stage == "booked"


@pytest.mark.parametrize("stage", ["booked", "won", "lost", "not_a_lead"])
def test_a_stage_ends_what_its_button_ends(client: httpx.Client, stage: str) -> None:
    derek = lead(people.DEREK)
    assert "Coming up" in plain(client.get(f"/leads/{derek.id}"))
    save(client, people.DEREK, stage=stage)
    assert (lead(people.DEREK).stage, lead(people.DEREK).needs_callback_since) == (stage, None)
    assert "Coming up" not in plain(client.get(f"/leads/{derek.id}"))
    save(client, people.DEREK, stage="new")
    assert lead(people.DEREK).stage == "new"


def test_lists_do_not_say_who_is_confidential_and_looking_is_audited(client: httpx.Client) -> None:
    maria = lead(people.MARIA)
    press(client, f"/leads/{maria.id}/confidence", confidential="yes")
    press(client, f"/leads/{maria.id}/block", why="spam")
    for path in ("/", "/leads", "/calls", "/follow-ups", "/inbox", "/junk", "/junk?show=blocked"):
        page = client.get(path).raise_for_status().text
        for secret in ("Maria", "Alvarez", "206-555-0142", "+12065550142", "before noon"):
            assert secret not in page, (path, secret)
    assert "Confidential" in plain(client.get("/leads"))
    assert "Confidential · Inbox · Ringback</title>" in client.get(f"/inbox/{maria.id}").text
    assert "Maria Alvarez" in plain(client.get(f"/leads/{maria.id}"))
    with db.transaction() as session:
        seen = select(Audit.facts).where(Audit.action == "lead_viewed", Audit.lead_id == maria.id)
        assert session.scalars(seen).all() == [{"confidential": True}] * 2
    press(client, f"/leads/{maria.id}/confidence", confidential="no")
    assert "Maria Alvarez" in plain(client.get("/leads"))


def test_first_time_or_returning(client: httpx.Client) -> None:
    assert "First time" in plain(client.get(f"/leads/{lead(people.DEREK).id}"))
    assert "Returning" in plain(client.get(f"/leads/{lead(people.MARIA).id}"))


def test_recorded_calls_are_on_the_timeline_of_those_who_may_hear_them(
    client: httpx.Client, address: str
) -> None:
    tomas = lead(people.TOMAS)
    page = client.get(f"/leads/{tomas.id}").text
    assert 'aria-label="Voicemail, 0:23"' in page
    with db.transaction() as session:
        for row in session.scalars(select(Recording).where(Recording.seconds == 23)):
            row.kind = "call"
    assert "data-player" not in client.get(f"/leads/{tomas.id}").text
    with signed_in(address, people.ADMIN) as anna:
        page = anna.get(f"/leads/{tomas.id}").text
        assert 'aria-label="Recorded call, 0:23"' in page
