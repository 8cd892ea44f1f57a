"""Alarms as admins see them: what was wrong, who is told, and what Twilio's lists said."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest
from sqlalchemy import update

from leads import alarm, clock, db, outage, silence
from leads.dashboard.app import app
from leads.first_admin import FIRST_ADMIN
from leads.heartbeat import beat
from leads.reconciliation import Reconciliation
from leads.settings import settings
from leads.staff import Staff
from tests.browser import people
from tests.leads.dashboard.desk import press, signed_in
from tests.leads.dashboard.test_pages import plain
from tests.server import serving

PAGE = "/settings/alarms"


@pytest.fixture
def address(morning: str) -> Iterator[str]:
    assert morning
    with serving(app) as at:
        yield at


@pytest.fixture
def admin(address: str) -> Iterator[httpx.Client]:
    with signed_in(address, people.ADMIN) as opened:
        yield opened


def sound(kind: str) -> int:
    with db.transaction() as session:
        now, real = clock.now(session), db.database_time(session)
        alarm.raise_alarm(session, kind, silence.TEXTS[kind], now, real, stops_sending=False)
        return alarm.open_alarms(session)[-1].id


def real() -> datetime:
    with db.transaction() as session:
        return db.database_time(session)


def test_one_that_goes_by_itself_asks_nobody_to_say_so(address: str, admin: httpx.Client) -> None:
    alarm_id = sound("beat_quiet")
    with signed_in(address) as rosa:
        for client in (admin, rosa):
            page = client.get("/")
            assert "Beat, the clock of this service, gives no sign of life" in page.text
            assert "It is mended" not in page.text
    assert "Nobody has been told yet." in plain(admin.get(PAGE))
    with db.transaction() as session:
        row = session.get_one(alarm.Alarm, alarm_id)
        row.alerted_at = row.recovery_alerted_at = db.database_time(session)
        alarm.clear(session, row, clock.now(session), None)
    assert "Admins were told, and that it was over." in plain(admin.get(PAGE))


def test_it_says_who_is_told(admin: httpx.Client) -> None:
    page = plain(admin.get(PAGE))
    for name in ("SMTP_URL", "ALERT_WEBHOOK_URL", "DEAD_MANS_URL"):
        assert f"{name} is not set" in page


def test_no_mail_goes_to_the_admin_of_the_first_start(
    admin: httpx.Client, environment: pytest.MonkeyPatch
) -> None:
    with environment.context() as patch:
        patch.setenv("SMTP_URL", "smtp://mail.example.com")
        settings.cache_clear()
        assert f"of their own: {people.ADMIN}" in plain(admin.get(PAGE))
        with db.transaction() as session:
            session.execute(update(Staff).values(email=FIRST_ADMIN).where(Staff.role == "admin"))
        assert "of their own: nobody yet" in plain(admin.get(PAGE))
    settings.cache_clear()


def test_while_texts_wait_admins_are_told_on_every_page(address: str, admin: httpx.Client) -> None:
    words = "The machine was asleep."
    with db.transaction() as session:
        outage.happened(session, words, real() - timedelta(hours=1), real())
    for path in ("/", "/leads/1", "/calls", "/settings/plans", "/nothing/here"):
        page = admin.get(path).text
        assert 'class="alarm calm" role="status"' in page, path
        assert words in page, path
    assert words in admin.get(PAGE).text
    with signed_in(address) as rosa:
        assert words not in rosa.get("/").text
    with db.transaction() as session:
        outage.passed(session, real(), real())
    assert words not in admin.get("/").text


def test_a_spool_that_is_not_empty_is_a_banner(admin: httpx.Client) -> None:
    with db.transaction() as session:
        at = db.database_time(session)
        beat(session, "webhooks", "webhooks:here", spooled=3, oldest_spooled_at=at)
    assert "events that Twilio sent are not written down yet" in admin.get("/").text


def test_what_twilios_lists_said_is_in_words(admin: httpx.Client) -> None:
    at = real()
    span = {"began_at": at, "finished_at": at, "since": at - timedelta(hours=1), "until": at}
    counts = {"calls": 40, "calls_added": 2, "to_review": 1}
    with db.transaction() as session:
        session.add(Reconciliation(**span, found=counts))
        session.add(Reconciliation(**span, found={"calls": 40}))
        session.add(Reconciliation(**span, found={}, error="Twilio did not answer."))
    page = plain(admin.get(PAGE))
    for words in ("1 to review, 2 calls added", "Nothing was missing", "Twilio did not answer."):
        assert words in page
    assert "40" not in page.partition("Compared with")[2]


def test_nobody_clears_one_that_goes_by_itself(admin: httpx.Client) -> None:
    alarm_id = sound("spool")
    press(admin, f"/alarms/{alarm_id}/clearing")
    with db.transaction() as session:
        assert [one.id for one in alarm.open_alarms(session)] == [alarm_id]
