"""The day's mail reaches a real mail server: once, for those who want it, and names nobody."""

import smtplib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from leads import clock, db
from leads.digest import DigestSent
from leads.lead import Lead
from leads.staff import Staff
from tests.browser import people
from tests.conftest import TUESDAY_TEN, forget_settings
from tests.workers.mailbox import Mailbox, mail_server
from workers import digest

CLOSING = TUESDAY_TEN + timedelta(hours=8)


@dataclass
class Outside:
    box: Mailbox
    setting: Callable[[str, str], None]


@pytest.fixture
def outside(morning: str, environment: pytest.MonkeyPatch) -> Iterator[Outside]:
    """The busy morning of the named people; it is the closing. Anna and Rosa want the mail."""
    assert morning
    with environment.context() as patch, mail_server() as box:

        def setting(name: str, value: str) -> None:
            patch.setenv(name, value)
            forget_settings()

        setting("SMTP_URL", f"smtp://127.0.0.1:{box.port}")
        with db.transaction() as session:
            clock.set_to(session, CLOSING)
            session.execute(update(Staff).values(digest=True))
        yield Outside(box, setting)
    forget_settings()


def rows() -> list[DigestSent]:
    with db.transaction() as session:
        return list(session.scalars(select(DigestSent).order_by(DigestSent.staff_id)))


def later(by: timedelta) -> None:
    with db.transaction() as session:
        clock.advance(session, by)


def test_each_gets_one_with_counts_and_a_link_and_no_name(outside: Outside) -> None:
    digest.send()
    assert outside.box.to == [[people.ADMIN], [people.RECEPTIONIST]]
    sent = outside.box.mails[0]
    assert str(sent["Subject"]).startswith("Ringback: Tuesday, ")
    body = sent.get_content().replace("\r\n", "\n")
    assert "http://127.0.0.1:8000/\n" in body
    assert "Texts from callers: 2" in body
    with db.transaction() as session:
        names = [word for name in session.scalars(select(Lead.name)) for word in name.split()]
        assert names
    assert not [name for name in names if name in body.replace("Back In Balance", "")]
    assert "555" not in body
    assert "+1" not in body


def test_what_it_counts_agrees_with_the_desk(outside: Outside) -> None:
    digest.send()
    body = outside.box.mails[0].get_content()
    with db.transaction() as session:
        waiting = session.execute(
            text("SELECT count(*) FROM lead WHERE needs_callback_since IS NOT NULL")
        ).scalar_one()
        calls = session.execute(
            text("SELECT count(*) FROM call WHERE started_at > :at"),
            {"at": CLOSING - timedelta(days=1)},
        ).scalar_one()
    assert f"Still waiting for a call: {waiting}" in body
    assert f"Calls: {calls}" in body


def test_two_beats_and_a_restart_send_it_once(outside: Outside) -> None:
    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(digest.send) for _ in range(8)]:
            each.result()
    assert len(outside.box.mails) == 2
    later(timedelta(hours=1))
    digest.send()
    assert len(outside.box.mails) == 2
    later(timedelta(days=1))
    digest.send()
    assert len(outside.box.mails) == 4


def test_who_does_not_want_it_or_may_not_sign_in_gets_none(outside: Outside) -> None:
    with db.transaction() as session:
        session.execute(update(Staff).where(Staff.role == "admin").values(digest=False))
        gone = update(Staff).where(Staff.role != "admin")
        session.execute(gone.values(disabled_at=db.database_time(session)))
    digest.send()
    assert (outside.box.mails, rows()) == ([], [])


def test_without_a_mail_server_nothing_is_said_and_nothing_written(
    outside: Outside, capsys: pytest.CaptureFixture[str]
) -> None:
    outside.setting("SMTP_URL", "")
    digest.send()
    assert rows() == []
    assert "digest" not in capsys.readouterr().err


def test_what_was_surely_refused_is_tried_again_later(outside: Outside) -> None:
    outside.box.code = 451
    digest.send()
    digest.send()
    assert [(row.sent_at, row.tries) for row in rows()] == [(None, 1), (None, 1)]
    outside.box.code = 250
    with db.transaction() as session:
        session.execute(update(DigestSent).values(retry_at=DigestSent.claimed_at))
    digest.send()
    assert len(outside.box.mails) == 2
    assert all(row.sent_at and row.tries == 2 for row in rows())


def test_what_may_have_been_taken_is_never_sent_again(
    outside: Outside, environment: pytest.MonkeyPatch
) -> None:
    with mail_server(data_size_limit=10) as strict:  # it says no once everything was handed over
        outside.setting("SMTP_URL", f"smtp://127.0.0.1:{strict.port}")
        with environment.context() as patch:
            patch.setattr(smtplib.SMTP, "getreply", _broken_off(smtplib.SMTP.getreply))
            digest.send()
    assert [(row.sent_at, row.retry_at) for row in rows()] == [(None, None)] * 2
    outside.setting("SMTP_URL", f"smtp://127.0.0.1:{outside.box.port}")
    later(timedelta(hours=2))
    digest.send()
    assert outside.box.mails == []


def _broken_off(getreply: Callable[..., tuple[int, bytes]]) -> Callable[..., tuple[int, bytes]]:
    """The connection breaks where the server would say what became of the mail."""

    def reply(smtp: smtplib.SMTP) -> tuple[int, bytes]:
        code, words = getreply(smtp)
        if code == 552:
            smtp.close()
            raise smtplib.SMTPServerDisconnected("it broke off")
        return code, words

    return reply


def test_after_an_outage_of_hours_nothing_stale_goes(outside: Outside) -> None:
    later(timedelta(hours=7))
    digest.send()
    assert outside.box.mails == []
