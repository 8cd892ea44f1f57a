"""Merging, splitting and logging by hand, as a browser without a script sees them."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import func, select

from leads import db
from leads.audit import Audit
from leads.call import Call
from leads.consent import Consent
from leads.dashboard.app import app
from leads.lead import Lead
from leads.message import Message
from leads.timeline import TimelineEntry
from tests.browser import people
from tests.leads.dashboard.desk import lead, press, signed_in
from tests.leads.dashboard.test_pages import plain
from tests.server import serving

STRANGER = "425-555-0166"


@pytest.fixture
def client(morning: str) -> Iterator[httpx.Client]:
    assert morning
    with serving(app) as address, signed_in(address) as opened:
        yield opened


def count(noun: type) -> int:
    with db.transaction() as session:
        return session.scalar(select(func.count()).select_from(noun)) or 0


def audited(action: str) -> list[Audit]:
    with db.transaction() as session:
        return list(session.scalars(select(Audit).where(Audit.action == action)))


def log(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    return press(client, path, **{"how": "walked_in", "words": "Asked for prices.", **fields})


def test_a_merge_is_shown_before_it_happens_and_the_other_page_leads_on(
    client: httpx.Client,
) -> None:
    derek, new = lead(people.DEREK), lead(people.NEW_CALLER)
    said = plain(client.get(f"/leads/{derek.id}/merge?with={new.id}"))
    assert "425-555-0188 becomes a part of 425-555-0119" in said
    assert "move to 425-555-0119, with notes, voicemails and follow-ups. Nothing is deleted" in said
    assert "The follow-up “Missed call” of 425-555-0119 ends" in said
    assert lead(people.NEW_CALLER).id == new.id

    answer = press(client, f"/leads/{derek.id}/merge", other=str(new.id))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/leads/{derek.id}")
    moved = client.get(f"/leads/{new.id}")
    assert (moved.status_code, moved.headers["location"]) == (303, f"/leads/{derek.id}")
    said = plain(client.get(f"/leads/{derek.id}"))
    assert "Also calls from Call 425-555-0188" in said
    assert "Merged with 425-555-0188: 1 call and 1 text came along." in said
    assert [row.facts["from_lead_id"] for row in audited("leads_merged")] == [new.id]


def test_what_was_typed_for_a_merged_lead_is_kept_and_shown_on_the_other(
    client: httpx.Client,
) -> None:
    derek, new = lead(people.DEREK), lead(people.NEW_CALLER)
    press(client, f"/leads/{derek.id}/merge", other=str(new.id))
    answer = press(client, f"/leads/{new.id}/notes", text="Half a note")
    assert answer.status_code == 422
    assert "They were merged into this lead meanwhile" in plain(answer)
    assert "Half a note</textarea>" in answer.text


def test_a_merge_is_undone_where_it_can_be_seen_what_goes_back(client: httpx.Client) -> None:
    derek, new = lead(people.DEREK), lead(people.NEW_CALLER)
    press(client, f"/leads/{derek.id}/merge", other=str(new.id))
    page = client.get(f"/leads/{derek.id}/split")
    assert "Undo the merge with a lead without a name" in plain(page)
    answer = press(client, f"/leads/{derek.id}/separation", other=str(new.id))
    assert answer.headers["location"] == f"/leads/{new.id}"
    assert lead(people.NEW_CALLER).id == new.id
    again = press(client, f"/leads/{derek.id}/separation", other=str(new.id))
    assert again.status_code == 422
    assert "They are not merged any more" in plain(again)


def test_a_split_says_what_it_does_and_to_whom_later_calls_go(client: httpx.Client) -> None:
    maria = lead(people.MARIA)
    with db.transaction() as session:
        text = session.scalars(
            select(TimelineEntry.id).where(
                TimelineEntry.lead_id == maria.id, TimelineEntry.kind == "text_in"
            )
        ).one()
    fields = {"entries": str(text), "name": "Elena", "later": "old"}
    shown = press(client, f"/leads/{maria.id}/split", **fields)
    assert shown.status_code == 200
    said = plain(shown)
    assert "Elena stands beside Maria Alvarez" in said
    assert "The next call from this phone is taken for Maria Alvarez" in said
    answer = press(client, f"/leads/{maria.id}/split", **fields, sure="yes")
    assert answer.status_code == 303
    elena = client.get(answer.headers["location"])
    assert "Shares a phone with Maria Alvarez" in plain(elena)
    assert "taken for whoever was heard of last: at this moment Maria Alvarez" in plain(elena)
    nothing = press(client, f"/leads/{maria.id}/split")
    assert nothing.status_code == 422
    assert "Choose what belongs to the other person" in plain(nothing)


def test_a_walk_in_without_a_number_is_a_lead_and_no_consent(client: httpx.Client) -> None:
    consents, texts, calls = count(Consent), count(Message), count(Call)
    answer = log(client, "/leads/new", name="Ruth Osei", source="walk-in", needs_call="yes")
    assert answer.status_code == 303
    said = plain(client.get(answer.headers["location"]))
    assert "Ruth Osei New First time" in said
    assert "Walked in: Asked for prices. By Rosa Lopez" in said
    assert "Ruth Osei" in plain(client.get("/"))
    assert (count(Consent), count(Message), count(Call)) == (consents, texts, calls)
    assert len(audited("lead_created")) == 1


def test_a_known_number_is_found_and_offered(client: httpx.Client) -> None:
    leads = count(Lead)
    asked = log(client, "/leads/new", number="(206) 555-0142", name="Elena")
    assert asked.status_code == 422
    assert "Somebody has this number already" in plain(asked)
    assert "Maria Alvarez" in plain(asked)
    maria = lead(people.MARIA)
    theirs = log(client, "/leads/new", number="2065550142", person=str(maria.id))
    assert theirs.headers["location"] == f"/leads/{maria.id}"
    assert count(Lead) == leads
    assert lead(people.MARIA).needs_callback_since is None  # without the tick it is settled
    other = log(client, "/leads/new", number="2065550142", name="Elena", person="new")
    assert other.headers["location"] != f"/leads/{maria.id}"
    assert count(Lead) == leads + 1


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"number": "12"}, "This is not a telephone number"),
        ({"number": "425-437-9974"}, "own numbers. Write theirs"),
        ({}, "Give a name or a number"),
        ({"name": "Ruth", "words": "  "}, "Say in a few words what happened"),
        ({"name": "Ruth", "how": "flew"}, "Say whether they called or walked in"),
    ],
)
def test_what_cannot_be_logged_is_refused_in_words(
    client: httpx.Client, fields: dict[str, str], why: str
) -> None:
    leads = count(Lead)
    answer = log(client, "/leads/new", **fields)
    assert answer.status_code == 422
    assert why in plain(answer)
    assert count(Lead) == leads


def test_a_call_is_logged_on_the_lead(client: httpx.Client) -> None:
    tomas = lead(people.TOMAS)
    answer = log(client, f"/leads/{tomas.id}/log", how="called", words="Wants Friday.")
    assert answer.status_code == 303
    said = plain(client.get(f"/leads/{tomas.id}"))
    assert "Called (logged by hand): Wants Friday." in said
    assert lead(people.TOMAS).needs_callback_since is None
    refused = log(client, f"/leads/{tomas.id}/log", words=" ")
    assert refused.status_code == 422
    assert client.get(f"/leads/{tomas.id}/log").status_code == 303
