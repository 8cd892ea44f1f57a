"""The log of everything received: admins alone, escaped, paged, and replayed where it is safe."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from leads import db
from leads.audit import Audit
from leads.call import CallLeg
from leads.dashboard.app import app
from leads.dashboard.pages.paging import PER_PAGE
from leads.webhook_event import ASKED, WebhookEvent
from tests.browser import people
from tests.leads.dashboard.desk import press, signed_in
from tests.leads.dashboard.test_pages import plain
from tests.server import serving

PAGE = "/settings/received"
CALL, LEG = "CA" + "a" * 32, "CA" + "b" * 32
BODY = "CallSid={sid}&From=%2B12065550142&Body=%3Cscript%3Ealert(1)%3C%2Fscript%3E&Empty="


@pytest.fixture
def address(morning: str) -> Iterator[str]:
    assert morning
    with serving(app) as at:
        yield at


@pytest.fixture
def admin(address: str) -> Iterator[httpx.Client]:
    with signed_in(address, people.ADMIN) as opened:
        yield opened


def received(sid: str = CALL, event: str = "voice", minutes_ago: int = 0, **more: Any) -> int:
    with db.transaction() as session:
        at = db.database_time(session) - timedelta(minutes=minutes_ago)
        told = {"answer": "<Response/>", "query": "phone=1", "received_at": at}
        told |= {"body": BODY.format(sid=sid)} | more
        row = WebhookEvent(source="twilio", sid=sid, event=event, **told)
        session.add(row)
        session.flush()
        return row.id


def error_of(event_id: int) -> str | None:
    with db.transaction() as session:
        return session.get_one(WebhookEvent, event_id).error


def audited(action: str) -> list[dict[str, object]]:
    with db.transaction() as session:
        return list(session.scalars(select(Audit.facts).where(Audit.action == action)))


def test_the_newest_is_first_and_every_page_goes_on_after_the_last(admin: httpx.Client) -> None:
    ids = [received(f"CA{number}", minutes_ago=number) for number in range(2 * PER_PAGE + 5)]
    seen: list[int] = []
    path = PAGE
    for _ in range(3):
        page = admin.get(path)
        seen += [int(row.partition('"')[0]) for row in page.text.split('id="event-')[1:]]
        path = page.text.partition('class="pager"')[2].partition('href="')[2].partition('"')[0]
        path = path.replace("&amp;", "&")
    assert seen == ids
    assert not path


def test_failures_are_found_at_once_and_say_what_was_kept(admin: httpx.Client) -> None:
    received()
    failed = received(LEG, "dial", status="no-answer", error="OperationalError", answer="<Say/>")
    page = admin.get(f"{PAGE}?show=failed")
    assert page.text.count('id="event-') == 1
    assert "Ringing ended: no-answer" in page.text
    page = admin.get(f"{PAGE}/{failed}")
    assert "What should have followed was not done" in plain(page)
    assert "kept as it came" in plain(page)
    assert "OperationalError" in page.text
    assert "&lt;Say/&gt;" in page.text


def test_a_call_is_shown_with_the_phones_that_rang_for_it(admin: httpx.Client) -> None:
    received()
    received(LEG, "leg", status="ringing")
    received("SM" + "c" * 32, "sms")
    with db.transaction() as session:
        session.add(CallLeg(sid=LEG, call_sid=CALL, asks_for_key=True))
    page = admin.get(f"{PAGE}?sid={CALL}")
    assert page.text.count('id="event-') == 2
    assert admin.get(f"{PAGE}?sid=CA-nothing").text.count("Nothing with this SID") == 1


def test_a_call_is_shown_with_its_recording_and_what_was_said(admin: httpx.Client) -> None:
    """Which have SIDs of their own."""
    body = f"CallSid={CALL}&RecordingSid=RE1"
    shown = {
        received(minutes_ago=5),
        received("RE1", "recording", minutes_ago=3, body=body),
        received("TR1", "transcription", minutes_ago=1, body=f"{body}&TranscriptionText=Hello"),
    }
    received("RE2", "recording", body="CallSid=CA2&RecordingSid=RE2")
    page = admin.get(f"{PAGE}?sid={CALL}").text
    assert {int(row.partition('"')[0]) for row in page.split('id="event-')[1:]} == shown


def test_what_others_typed_is_escaped_and_each_look_is_audited(admin: httpx.Client) -> None:
    event_id = received()
    page = admin.get(f"{PAGE}/{event_id}")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert '<th scope="row">From</th><td>+12065550142</td>' in page.text
    assert '<th scope="row">Empty</th><td></td>' in page.text
    assert audited("received_viewed") == [{"event_id": event_id}]
    assert admin.get(f"{PAGE}/999999").status_code == 404


def test_a_body_that_is_no_form_is_shown_as_it_came(admin: httpx.Client) -> None:
    with db.transaction() as session:
        row = WebhookEvent(source="website", sid="x", event="form", query="", body='{"<b>": 1}')
        session.add(row)
        session.flush()
        event_id = row.id
    assert "{&#34;&lt;b&gt;&#34;: 1}" in admin.get(f"{PAGE}/{event_id}").text


def test_what_failed_is_asked_for_again_once_and_audited(admin: httpx.Client) -> None:
    failed = received(error="OperationalError")
    answer = press(admin, f"{PAGE}/{failed}/replay")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}/{failed}")
    assert error_of(failed) == ASKED
    press(admin, f"{PAGE}/{failed}/replay")  # a colleague presses, too
    assert audited("received_replayed") == [{"event_id": failed}]
    assert "done again within seconds" in plain(admin.get(f"{PAGE}/{failed}"))


@pytest.mark.parametrize("error", [None, "Malformed"])
def test_what_was_done_or_never_can_be_is_not_offered(
    admin: httpx.Client, error: str | None
) -> None:
    event_id = received(error=error)
    assert "Do it again" not in admin.get(f"{PAGE}/{event_id}").text
    press(admin, f"{PAGE}/{event_id}/replay")
    assert error_of(event_id) == error
    assert audited("received_replayed") == []


def test_only_admins_see_it_and_no_other_site_asks_for_it(
    address: str, admin: httpx.Client
) -> None:
    failed = received(error="OperationalError")
    with signed_in(address) as rosa:
        for path in (PAGE, f"{PAGE}/{failed}", "/settings/alarms"):
            assert rosa.get(path).status_code == 403
        assert press(rosa, f"{PAGE}/{failed}/replay").status_code == 403
        assert "what was received" not in rosa.get("/calls").text
    cross = {"Sec-Fetch-Site": "cross-site"}
    data = {"csrf_token": "guessed"}
    assert admin.post(f"{PAGE}/{failed}/replay", data=data, headers=cross).status_code == 403
    assert error_of(failed) == "OperationalError"
    assert "what was received" in admin.get("/calls").text
