"""Admins hear of an alarm once and of its end once, whoever tells and whatever is down."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import update

from leads import alarm, clock, db
from leads.alarm import Alarm
from leads.first_admin import FIRST_ADMIN
from leads.staff import Staff, add_staff
from tests.conftest import forget_settings
from tests.workers.mailbox import Mailbox, Webhook, mail_server, webhook
from workers import alert, mail, notify
from workers.mail import NotTold
from workers.notify import Notifier

ANNA, BEN = "anna@clinic.example", "ben@clinic.example"
TEXT = "Texts are late: the oldest has been due for more than two minutes."


@dataclass
class Outside:
    box: Mailbox
    hook: Webhook
    setting: Callable[[str, str], None]


@pytest.fixture
def outside(database: str, environment: pytest.MonkeyPatch) -> Iterator[Outside]:
    """A mail server and a webhook; Anna and Ben are admins, Rosa is not, Cleo left."""
    assert database
    with environment.context() as patch, mail_server() as box, webhook() as hook:

        def setting(name: str, value: str) -> None:
            patch.setenv(name, value)
            forget_settings()

        setting("SMTP_URL", f"smtp://127.0.0.1:{box.port}")
        setting("ALERT_WEBHOOK_URL", hook.address)
        with db.transaction() as session:
            for email, role in ((ANNA, "admin"), (BEN, "admin"), ("rosa@x.example", "front_desk")):
                add_staff(session, email, role)
            gone = add_staff(session, "cleo@clinic.example", "admin")
            gone.disabled_at = db.database_time(session)
        yield Outside(box, hook, setting)
    forget_settings()


def sound(kind: str = "due_late") -> int:
    with db.transaction() as session:
        now, real = clock.now(session), db.database_time(session)
        alarm.raise_alarm(session, kind, TEXT, now, real, stops_sending=False)
        return alarm.open_alarms(session)[-1].id


def mended(alarm_id: int) -> None:
    with db.transaction() as session:
        alarm.clear(session, session.get_one(Alarm, alarm_id), clock.now(session), None)


def row(alarm_id: int) -> Alarm:
    with db.transaction() as session:
        return session.get_one(Alarm, alarm_id)


def test_every_admin_is_told_once_and_once_that_it_is_over(outside: Outside) -> None:
    alarm_id = sound()
    teller = Notifier()
    for _ in range(3):
        teller.tell_what_is_owed()
    assert outside.box.to == [[ANNA, BEN]]
    assert outside.box.subjects == ["Ringback: Something needs you (due late)"]
    body = outside.box.mails[0].get_content()
    assert TEXT in body
    assert "http://127.0.0.1:8000" in body
    assert row(alarm_id).alerted_at is not None
    mended(alarm_id)
    for _ in range(3):
        teller.tell_what_is_owed()
    assert outside.box.subjects[1:] == ["Ringback: It is over (due late)"]
    assert [post["event"] for post in outside.hook.posts] == ["raised", "cleared"]
    assert set(outside.hook.posts[0]) == {"event", "kind", "text", "at", "url"}
    assert row(alarm_id).recovery_alerted_at is not None


def test_the_admin_of_the_first_start_has_no_address_and_is_not_mailed(outside: Outside) -> None:
    with db.transaction() as session:
        add_staff(session, FIRST_ADMIN, "admin")
    sound()
    Notifier().tell_what_is_owed()
    assert outside.box.to == [[ANNA, BEN]]


def test_where_nobody_else_is_an_admin_mail_reaches_nobody_and_the_test_says_so(
    outside: Outside,
) -> None:
    with db.transaction() as session:
        add_staff(session, FIRST_ADMIN, "admin")
        session.execute(update(Staff).where(Staff.email.in_((ANNA, BEN))).values(role="front_desk"))
    outside.setting("ALERT_WEBHOOK_URL", "")
    alarm_id = sound()
    Notifier().tell_what_is_owed()
    assert (outside.box.mails, row(alarm_id).alerted_at) == ([], None)
    went, words = alert.tried()[0]
    assert not went
    assert words.startswith("Mail: not taken. No admin has an e-mail address of their own")
    assert outside.box.mails == []


def test_of_many_that_tell_at_once_one_does(outside: Outside) -> None:
    for kind in ("due_late", "spool", "unknowns"):
        sound(kind)
    with ThreadPoolExecutor(8) as pool:
        for each in [pool.submit(Notifier().tell_what_is_owed) for _ in range(16)]:
            each.result()
    assert len(outside.box.mails) == len(outside.hook.posts) == 3


def test_it_is_tried_again_ever_later_until_it_is_taken(outside: Outside) -> None:
    alarm_id = sound()
    outside.box.code, outside.hook.status = 451, 503
    seconds = 0.0
    teller = Notifier(clock=lambda: seconds)
    tried = []
    while seconds < 1000:
        before = teller.pauses.copy()
        was = next(iter(before.values())).until if before else -1
        teller.tell_what_is_owed()
        if next(iter(teller.pauses.values())).until != was:
            tried.append(seconds)
        seconds += 10
    assert tried == [0, 10, 30, 70, 150, 310, 610, 910]
    assert row(alarm_id).alerted_at is None
    outside.box.code = 250
    seconds += 300
    teller.tell_what_is_owed()
    assert len(outside.box.mails) == 1
    assert row(alarm_id).alerted_at is not None


def test_what_one_way_took_is_told_and_the_other_follows(outside: Outside) -> None:
    sound()
    outside.hook.status = 500
    seconds = 0.0
    teller, other = Notifier(clock=lambda: seconds), Notifier()
    teller.tell_what_is_owed()
    other.tell_what_is_owed()
    assert (len(outside.box.mails), outside.hook.posts) == (1, [])
    outside.hook.status = 200
    seconds = 11
    for _ in range(3):
        teller.tell_what_is_owed()
    assert (len(outside.box.mails), len(outside.hook.posts)) == (1, 1)


def test_what_was_over_before_it_could_be_told_is_not_told(outside: Outside) -> None:
    outside.box.code, outside.hook.status = 451, 500
    alarm_id = sound()
    teller = Notifier()
    teller.tell_what_is_owed()
    mended(alarm_id)
    outside.box.code, outside.hook.status = 250, 200
    Notifier().tell_what_is_owed()
    assert (outside.box.mails, outside.hook.posts) == ([], [])


def test_a_cause_that_flaps_mails_twice_in_an_hour(outside: Outside) -> None:
    for _ in range(6):
        alarm_id = sound()
        Notifier().tell_what_is_owed()
        mended(alarm_id)
        Notifier().tell_what_is_owed()
    assert len(outside.box.mails) == 2
    # One that stands is told all the same.
    alarm_id = sound()
    Notifier().tell_what_is_owed()
    assert len(outside.box.mails) == 2
    with db.transaction() as session:
        ago = clock.now(session) - timedelta(minutes=11)
        session.execute(update(Alarm).where(Alarm.id == alarm_id).values(raised_at=ago))
    Notifier().tell_what_is_owed()
    assert len(outside.box.mails) == 3


def test_another_kind_is_told_at_once(outside: Outside) -> None:
    sound("due_late")
    Notifier().tell_what_is_owed()
    sound("spool")
    Notifier().tell_what_is_owed()
    assert len(outside.box.mails) == 2


def test_without_any_way_to_tell_it_stays_owed(outside: Outside) -> None:
    outside.setting("SMTP_URL", "")
    outside.setting("ALERT_WEBHOOK_URL", "")
    alarm_id = sound()
    Notifier().tell_what_is_owed()
    assert row(alarm_id).alerted_at is None
    outside.setting("SMTP_URL", f"smtp://127.0.0.1:{outside.box.port}")
    Notifier().tell_what_is_owed()
    assert len(outside.box.mails) == 1


def test_without_an_admin_the_webhook_is_told(outside: Outside) -> None:
    with db.transaction() as session:
        session.execute(update(Staff).values(disabled_at=db.database_time(session)))
    sound()
    Notifier().tell_what_is_owed()
    assert (outside.box.mails, len(outside.hook.posts)) == ([], 1)


def test_a_mail_setting_that_cannot_work_leaves_the_webhook(outside: Outside) -> None:
    outside.setting("SMTP_URL", f"smtp://clinic:pa[ss@127.0.0.1:{outside.box.port}")
    alarm_id = sound()
    Notifier().tell_what_is_owed()
    assert len(outside.hook.posts) == 1
    assert row(alarm_id).alerted_at is not None


def test_a_fault_of_one_way_that_nobody_foresaw_leaves_the_other(
    outside: Outside, environment: pytest.MonkeyPatch
) -> None:
    sound()
    with environment.context() as patch:
        patch.setattr(mail, "_message", lambda *_: 1 / 0)
        Notifier().tell_what_is_owed()
        assert len(outside.hook.posts) == 1


def test_the_webhooks_address_is_never_said() -> None:
    with webhook() as hook:
        hook.status = 404
        with pytest.raises(NotTold) as refusal:
            notify.post(hook.address, b"{}", "ALERT_WEBHOOK_URL")
    assert str(refusal.value) == "ALERT_WEBHOOK_URL answered with status 404. It is tried again."
