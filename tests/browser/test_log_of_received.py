"""The log of everything received, alarms and calls to review, as a person uses them."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select, update

from leads import alarm, clock, db, outage, silence
from leads.call import Call
from leads.reconciliation import Reconciliation
from leads.webhook_event import ASKED, WebhookEvent
from tests.browser import people
from tests.browser.conftest import watch
from tests.browser.looks import axe
from tests.browser.screenshots import sign_in
from tests.browser.telephone import Telephone

pytestmark = pytest.mark.browser
CALL = "CA" + "5f0e" * 8
BODY = (
    "AccountSid=AC11111111111111111111111111111111&ApiVersion=2010-04-01&CallSid="
    + CALL
    + "&CallStatus=ringing&Direction=inbound&From=%2B12065550142&To=%2B14254379974"
    + "&StirVerstat=TN-Validation-Passed-A&Forwarded="
    + "a" * 90
)
TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response><Say>Please hold.</Say></Response>'


def trouble() -> dict[str, int]:
    """A morning on which much went wrong; gives the failed event and a lead to review."""
    with db.transaction() as session:
        now, real = clock.now(session), db.database_time(session)
        events = [
            ("voice", "ringing", None, "webhook"),
            ("leg", "initiated", None, "webhook"),
            ("leg", "ringing", None, "spool"),
            ("dial", "no-answer", "OperationalError", "webhook"),
            ("status", "completed", ASKED, "webhook"),
        ]
        rows = [
            WebhookEvent(
                source="twilio", sid=CALL, event=event, status=status, error=error, came_by=came_by,
                query="phone=1", body=BODY, answer=TWIML,
                received_at=now - timedelta(seconds=9 - n),
                replayed_at=now if came_by == "spool" else None,
            )
            for n, (event, status, error, came_by) in enumerate(events)
        ]  # fmt: skip
        session.add_all(rows)
        hour = timedelta(hours=1)
        outage.happened(session, "The database did not answer.", real - hour, real - hour / 2)
        span = {"began_at": real, "finished_at": real, "since": real - hour, "until": real}
        session.add(Reconciliation(**span, found={"calls_added": 2, "to_review": 1}))
        session.add(Reconciliation(**span, found={}, error="Twilio did not answer in time."))
        for kind in ("beat_quiet", "spool"):
            text = silence.TEXTS[kind]
            alarm.raise_alarm(session, kind, text, now, real, stops_sending=False)
        over = alarm.open_alarms(session)[0]
        over.alerted_at = over.recovery_alerted_at = real
        alarm.clear(session, over, now, None)
        lead = Telephone(session).lead(people.DEREK)
        newest = select(Call.id).where(Call.lead_id == lead.id).order_by(Call.id.desc()).limit(1)
        call_id = session.scalars(newest).one()
        session.execute(
            update(Call).where(Call.id == call_id).values(needs_review_at=now, sid=CALL)
        )
        session.flush()
        return {"failed": rows[3].id, "lead": lead.id, "call": call_id}


def paths(ids: dict[str, int]) -> dict[str, str]:
    return {
        "received": "/settings/received",
        "failed": "/settings/received?show=failed",
        "event": f"/settings/received/{ids['failed']}",
        "nothing": "/settings/received?sid=CAnothing",
        "alarms": "/settings/alarms",
        "calls": "/calls",
        "lead": f"/leads/{ids['lead']}",
    }


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_accessible_and_fits(chrome: Browser, address: str, width: int) -> None:
    ids = trouble()
    with chrome.new_context(
        viewport={"width": width, "height": 800}, color_scheme="light", has_touch=width < 600
    ) as context:
        page = context.new_page()
        wrong = watch(page)
        sign_in(page, address)
        found = {}
        for path in paths(ids).values():
            page.goto(address + path)
            page.wait_for_timeout(250)
            found[path] = axe(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert {path: problems for path, problems in found.items() if problems} == {}
        assert wrong == []


@pytest.fixture
def anna(context: BrowserContext, address: str) -> Page:
    opened = context.new_page()
    sign_in(opened, address)
    return opened


def test_from_a_call_to_what_was_received_of_it_and_done_again(anna: Page, address: str) -> None:
    ids = trouble()
    anna.goto(f"{address}/calls")
    anna.locator(f"#call-{ids['call']}").get_by_role("link", name="what was received").click()
    expect(anna.locator("tbody tr")).to_have_count(5)
    anna.get_by_role("link", name="Ringing ended: no-answer").click()
    expect(anna.get_by_role("heading", name="Ringing ended")).to_be_visible()
    expect(anna.get_by_role("row", name="From +12065550142")).to_be_visible()
    anna.get_by_role("button", name="Do it again").click()
    expect(anna.get_by_text("It is done again within seconds")).to_be_visible()
    expect(anna.get_by_role("button", name="Do it again")).to_have_count(0)
    with db.transaction() as session:
        assert session.get_one(WebhookEvent, ids["failed"]).error == ASKED


BUTTONS = [("It was answered", "answered"), ("It was not", "missed")]


@pytest.mark.parametrize(("button", "outcome"), BUTTONS)
def test_the_desk_says_of_a_call_found_afterwards_whether_it_was_answered(
    page: Page, address: str, button: str, outcome: str
) -> None:
    ids = trouble()
    page.goto(f"{address}/leads/{ids['lead']}")
    expect(page.get_by_text("Needs review")).to_be_visible()
    expect(page.get_by_role("link", name="what was received")).to_have_count(0)
    page.wait_for_timeout(400)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_text("Needs review")).to_have_count(0)
    expect(page.get_by_text("Staff say that")).to_be_visible()
    with db.transaction() as session:
        call = session.get_one(Call, ids["call"])
        assert (call.outcome, call.needs_review_at) == (outcome, None)


def test_on_the_list_of_calls_it_is_one_click_too(page: Page, address: str) -> None:
    ids = trouble()
    page.goto(f"{address}/calls")
    row = page.locator(f"#call-{ids['call']}")
    expect(row).to_contain_text("Needs review")
    page.wait_for_timeout(400)
    row.get_by_role("button", name="It was not").click()
    expect(row).not_to_contain_text("Needs review")
    assert page.url == f"{address}/calls"


def test_an_alarm_that_goes_by_itself_comes_and_goes_on_an_open_page(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/calls")
    page.wait_for_timeout(400)
    bar = page.get_by_role("alert")
    expect(bar).to_have_count(0)
    with db.transaction() as session:
        now, real = clock.now(session), db.database_time(session)
        text = silence.TEXTS["worker_quiet"]
        alarm.raise_alarm(session, "worker_quiet", text, now, real, stops_sending=False)
    expect(bar).to_contain_text("No worker gives a sign of life")
    expect(page.get_by_role("button", name="It is mended")).to_have_count(0)
    with db.transaction() as session:
        alarm.clear(session, alarm.open_alarms(session)[0], clock.now(session), None)
    expect(bar).to_have_count(0)
