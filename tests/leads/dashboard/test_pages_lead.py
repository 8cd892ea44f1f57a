"""One lead's page, and what can be done on it."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from leads import clock, db
from leads.audit import Audit
from leads.dashboard.app import app
from leads.lead import Lead
from leads.message import Message
from leads.phone import Phone
from leads.recording import Recording
from leads.reminder import Reminder
from tests.browser import people
from tests.browser.telephone import Telephone
from tests.leads.dashboard.people import browser, csrf_token, enter
from tests.leads.dashboard.test_pages import plain
from tests.server import serving

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def client(morning: str) -> Iterator[httpx.Client]:
    assert morning
    with serving(app) as address, browser(address) as opened:
        enter(opened, people.RECEPTIONIST, people.PASSWORD)
        yield opened


def lead(e164: str) -> Lead:
    with db.transaction() as session:
        found = Telephone(session).lead(e164)
        assert found.phones
        return found


def act(client: httpx.Client, e164: str, what: str, **fields: str) -> httpx.Response:
    path = f"/leads/{lead(e164).id}/{what}"
    return client.post(path, data={"csrf_token": csrf_token(), **fields}, headers=SAME_ORIGIN)


def test_the_timeline_tells_calls_texts_notes_and_what_was_not_sent(client: httpx.Client) -> None:
    said = plain(client.get(f"/leads/{lead(people.MARIA).id}"))
    assert "Missed call on Muscle spasms page" in said
    assert "Yes please! Could I come in tomorrow before noon? They texted" in said
    assert "Automatic · 10:24 AM Delivered" in said
    assert "Prefers mornings. Her sister Elena comes on Fridays. By Anna Berg" in said
    assert "Follow-up ended: they replied. Texts 2 and 3 not sent." in said
    assert "Call answered, 1:37" in said


def test_coming_texts_are_shown_with_their_words_and_time(client: httpx.Client) -> None:
    said = plain(client.get(f"/leads/{lead(people.DEREK).id}"))
    assert "with our last text about your call. Reply or call 425-437-9974 any time." in said
    assert "Goes Saturday 2:00 PM · Missed call, text 3 of 3" in said


def test_contacted_on_the_desk_settles_the_row_and_comes_back_to_the_desk(
    client: httpx.Client,
) -> None:
    answer = act(client, people.DEREK, "contact", back="desk")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert lead(people.DEREK).needs_callback_since is None
    assert "425-555-0119" not in client.get("/").text


def test_booked_takes_the_time_on_the_practices_clock(client: httpx.Client) -> None:
    answer = act(client, people.MARIA, "booking", day="2026-12-03", at="10:30")
    assert answer.status_code == 303
    booked = lead(people.MARIA)
    assert booked.stage == "booked"
    assert booked.appointment_at is not None
    assert booked.appointment_at.isoformat() == "2026-12-03T18:30:00+00:00"
    assert "Thursday 10:30 AM" in plain(client.get(f"/leads/{booked.id}"))


def test_half_an_appointment_is_refused_and_kept_in_the_form(client: httpx.Client) -> None:
    answer = act(client, people.MARIA, "booking", day="2026-12-03")
    assert answer.status_code == 422
    assert "Give the appointment both a day and a time" in answer.text
    assert 'value="2026-12-03"' in answer.text
    assert lead(people.MARIA).stage == "contacted"


def test_a_reply_is_queued_and_ends_the_follow_up(client: httpx.Client) -> None:
    answer = act(client, people.TOMAS, "texts", body="Hi Tomas, how is\r\n9:30 tomorrow?")
    assert answer.status_code == 303
    with db.transaction() as session:
        tomas = Telephone(session).lead(people.TOMAS)
        sent = session.scalars(
            select(Message).where(Message.lead_id == tomas.id, Message.staff_id.is_not(None))
        ).one()
        waiting = select(Reminder).where(
            Reminder.lead_id == tomas.id, Reminder.state == "scheduled"
        )
        assert (sent.body, sent.state) == ("Hi Tomas, how is\n9:30 tomorrow?", "queued")
        assert session.scalars(waiting).all() == []
        assert tomas.needs_callback_since is None


def test_a_refused_reply_says_why_and_keeps_the_words(client: httpx.Client) -> None:
    words = "a long story " * 150
    answer = act(client, people.TOMAS, "texts", body=words)
    assert answer.status_code == 422
    assert "1,600 is the most" in answer.text
    assert words.strip() in answer.text


def test_nobody_texts_after_an_opt_out(client: httpx.Client) -> None:
    assert act(client, people.TOMAS, "opt-out").status_code == 303
    page = client.get(f"/leads/{lead(people.TOMAS).id}")
    assert "They opted out of texts" in plain(page)
    assert 'id="send" disabled' in page.text
    answer = act(client, people.TOMAS, "texts", body="hello")
    assert answer.status_code == 422
    assert act(client, people.TOMAS, "opt-in").status_code == 303
    with db.transaction() as session:
        phone = session.scalars(select(Phone).where(Phone.e164 == people.TOMAS)).one()
        assert phone.opted_out_at is None


def test_a_note_and_closing_are_kept(client: httpx.Client) -> None:
    act(client, people.DEREK, "notes", text="Asked about parking.")
    act(client, people.DEREK, "closing", stage="won")
    derek = lead(people.DEREK)
    assert derek.stage == "won"
    said = plain(client.get(f"/leads/{derek.id}"))
    assert "Asked about parking. By Rosa Lopez" in said
    assert "Closed as won." in said


@pytest.mark.parametrize(
    ("what", "fields", "sentence"),
    [
        ("closing", {"stage": "asleep"}, "Nothing was changed."),
        ("notes", {"text": "  "}, "The note is empty."),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    client: httpx.Client, what: str, fields: dict[str, str], sentence: str
) -> None:
    answer = act(client, people.DEREK, what, **fields)
    assert answer.status_code == 422
    if what != "closing":
        assert sentence in answer.text


def test_a_lead_that_is_not_there_is_a_page(client: httpx.Client) -> None:
    assert client.get("/leads/999999").status_code == 404
    with_token = {"csrf_token": csrf_token()}
    answer = client.post("/leads/999999/contact", data=with_token, headers=SAME_ORIGIN)
    assert answer.status_code == 404


@pytest.mark.parametrize("lead_id", ["999999", "abc", "99999999999999999999", "-1"])
def test_an_id_that_is_none_is_the_same_page_in_the_same_frame(
    client: httpx.Client, lead_id: str
) -> None:
    page = client.get(f"/leads/{lead_id}")
    assert page.status_code == 404
    assert "There is no such lead" in plain(page)
    assert 'aria-label="Pages"' in page.text


def test_error_pages_speak_plainly_and_keep_the_sidebar(client: httpx.Client) -> None:
    for path, title in (
        ("/nothing/here", "There is nothing here"),
        ("/leads/1?before=x", "Something does not fit"),
        ("/settings/phones", "This is not open to you"),
        ("/sign-out", "This address cannot do that"),
    ):
        page = client.get(path)
        assert f"<h1>{title}</h1>" in page.text, path
        assert 'aria-label="Pages"' in page.text, path
        assert "Unprocessable" not in page.text
    client.cookies.clear()
    assert 'aria-label="Pages"' not in client.get("/nothing/here").text


def test_the_address_of_an_action_leads_back_to_the_lead(client: httpx.Client) -> None:
    lead_id = lead(people.DEREK).id
    for what in ("contact", "booking", "texts", "opt-out", "call-back"):
        answer = client.get(f"/leads/{lead_id}/{what}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/leads/{lead_id}"), what
    assert client.get(f"/leads/{lead_id}/nothing").status_code == 404


def test_who_was_settled_by_mistake_is_put_back_on_the_list(client: httpx.Client) -> None:
    derek = lead(people.DEREK).id
    assert "/call-back" not in client.get(f"/leads/{derek}").text
    act(client, people.DEREK, "contact", back="desk")
    assert f'action="/leads/{derek}/call-back"' in client.get(f"/leads/{derek}").text
    assert act(client, people.DEREK, "call-back").status_code == 303
    assert lead(people.DEREK).needs_callback_since is not None
    assert "425-555-0119" in client.get("/").text
    assert "Put on the list" in plain(client.get(f"/leads/{derek}"))


def test_without_the_token_nothing_changes(client: httpx.Client) -> None:
    path = f"/leads/{lead(people.DEREK).id}/contact"
    assert client.post(path, headers=SAME_ORIGIN).status_code == 403
    assert lead(people.DEREK).needs_callback_since is not None


def test_viewing_is_audited_and_a_live_refetch_is_not(client: httpx.Client) -> None:
    path = f"/leads/{lead(people.DEREK).id}"
    client.get(path)
    client.get(path, headers={"X-Ringback-Live": "1"})
    with db.transaction() as session:
        viewed = session.scalars(select(Audit).where(Audit.action == "lead_viewed")).all()
        assert [audit.lead_id for audit in viewed] == [lead(people.DEREK).id]


def test_a_voicemail_plays_in_parts_and_each_play_is_audited(client: httpx.Client) -> None:
    with db.transaction() as session:
        recording_id = session.scalars(select(Recording.id).order_by(Recording.id)).first()
    path = f"/recordings/{recording_id}/audio"
    whole = client.get(path)
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/wav")
    part = client.get(path, headers={"Range": "bytes=4-7"})
    assert part.status_code == 206
    assert part.content == whole.content[4:8]
    assert part.headers["content-range"] == f"bytes 4-7/{len(whole.content)}"
    assert client.get(path, headers={"Range": "bytes=-4"}).content == whole.content[-4:]
    assert client.get(path, headers={"Range": "bytes=99999999-"}).status_code == 416
    assert client.get("/recordings/999/audio").status_code == 404
    with db.transaction() as session:
        played = session.scalars(select(Audit).where(Audit.action == "voicemail_played")).all()
        assert len(played) == 1
        assert played[0].facts == {"recording_id": recording_id}
    endless = {"Range": f"bytes={'9' * 5_000}-"}
    assert client.get(path, headers=endless).content == whole.content  # that is no range


def test_staff_are_warned_when_it_is_night_for_them(client: httpx.Client) -> None:
    with db.transaction() as session:
        clock.set_to(session, people.at(0, 21, 15))
    assert "automated ones wait" in plain(client.get(f"/leads/{lead(people.TOMAS).id}"))
