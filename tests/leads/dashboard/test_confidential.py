"""Who is confidential is named on no list, in no reply and on nobody else's timeline."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from leads import db, saved_reply
from leads.dashboard.app import app
from leads.demo.telephone import Telephone
from leads.lead import Lead
from leads.timeline import TimelineEntry
from tests.browser import people
from tests.leads.dashboard.desk import lead, press, signed_in
from tests.leads.dashboard.test_pages import plain
from tests.server import serving


@pytest.fixture
def client(morning: str) -> Iterator[httpx.Client]:
    assert morning
    with serving(app) as address, signed_in(address) as opened:
        yield opened


def hide(client: httpx.Client, lead_id: int) -> None:
    assert press(client, f"/leads/{lead_id}/confidence", confidential="yes").status_code == 303


def test_a_saved_reply_calls_nobody_by_name_beside_the_word_confidential(
    client: httpx.Client,
) -> None:
    with db.transaction() as session:
        row = saved_reply.SavedReply(title="Soon", body="Hi {name}, soon.", changed_at=people.NOW)
        session.add(row)
    tomas = lead(people.TOMAS).id
    path = f"/texts/replies/{tomas}"
    assert "Hi Tomas, soon." in [each["text"] for each in client.get(path).json()["replies"]]
    hide(client, tomas)
    assert "Hi, soon." in [each["text"] for each in client.get(path).json()["replies"]]


def test_a_voicemail_of_theirs_is_played_from_their_own_page_alone(client: httpx.Client) -> None:
    with db.transaction() as session:
        heard = Telephone(session).lead(people.TOMAS).id
    assert "/recordings/" in client.get("/calls?outcome=voicemail&q=tomas").text
    hide(client, heard)
    listed = client.get("/calls?outcome=voicemail")
    assert "Confidential" in plain(listed)
    shown = client.get(f"/leads/{heard}").text
    (recording,) = {part.split('"')[0] for part in shown.split('src="/recordings/')[1:]}
    assert f"/recordings/{recording}" not in listed.text


def texted(lead_id: int) -> str:
    with db.transaction() as session:
        wanted = select(TimelineEntry.id).where(
            TimelineEntry.lead_id == lead_id, TimelineEntry.kind == "text_in"
        )
        return str(session.scalars(wanted).one())


def test_a_split_names_nobody_who_becomes_confidential_later(client: httpx.Client) -> None:
    maria = lead(people.MARIA).id
    fields = {"entries": texted(maria), "name": "Elena Quist", "sure": "yes"}
    elena = int(
        press(client, f"/leads/{maria}/split", **fields).headers["location"].rsplit("/", 1)[-1]
    )
    said = plain(client.get(f"/leads/{maria}"))
    assert "went to another lead, on the same phone. Rosa Lopez Elena Quist" in said.replace(
        "By Rosa", "Rosa"
    )
    for hidden, name, other in ((elena, "Quist", maria), (maria, "Alvarez", elena)):
        hide(client, hidden)
        assert name not in client.get(f"/leads/{other}").text
    with db.transaction() as session:
        told = session.scalars(select(TimelineEntry.text).where(TimelineEntry.kind == "split"))
        assert not [text for text in told if "Quist" in text or "Maria" in text]


def test_an_undone_merge_names_nobody_either(client: httpx.Client) -> None:
    maria, tomas = lead(people.MARIA).id, lead(people.TOMAS).id
    hide(client, tomas)
    press(client, f"/leads/{maria}/merge", other=str(tomas))
    press(client, f"/leads/{maria}/separation", other=str(tomas))
    with db.transaction() as session:
        assert session.get_one(Lead, tomas).merged_into_id is None
        told = session.scalars(select(TimelineEntry.text).where(TimelineEntry.lead_id == maria))
        assert not [text for text in told if "Tomas" in text or "Reed" in text]
    assert "Confidential" in plain(client.get(f"/leads/{maria}"))
