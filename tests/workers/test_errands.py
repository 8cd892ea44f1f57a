"""What staff ask for on a page: done once, by a worker, and told in sentences."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import update

from leads import db, errand
from leads.errand import Errand
from leads.staff import add_staff
from tests.conftest import forget_settings
from tests.workers.conftest import Phones
from tests.workers.mailbox import mail_server
from workers import errands


@pytest.fixture
def anna(database: str) -> int:
    assert database
    with db.transaction() as session:
        return add_staff(session, "anna@clinic.example", "admin").id


@pytest.fixture
def forgetting(environment: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with environment.context() as patch:
        yield patch
    forget_settings()


def ask(kind: str, staff_id: int) -> int:
    with db.transaction() as session:
        return errand.ask(session, kind, staff_id).id


def said(errand_id: int) -> list[list[str]]:
    with db.transaction() as session:
        return session.get_one(Errand, errand_id).said


def test_a_test_alarm_is_sent_once_by_one_of_many_workers(
    anna: int, forgetting: pytest.MonkeyPatch
) -> None:
    with mail_server() as box:
        forgetting.setenv("SMTP_URL", f"smtp://127.0.0.1:{box.port}")
        forget_settings()
        asked = ask("alert_test", anna)
        assert ask("alert_test", anna) == asked  # it is under way
        with ThreadPoolExecutor(4) as pool:
            for each in [pool.submit(errands.do_next) for _ in range(8)]:
                each.result()
    assert box.to == [["anna@clinic.example"]]
    assert said(asked)[0] == ["good", "Mail: taken for 1 admin."]


def test_without_any_way_it_says_what_to_set(anna: int) -> None:
    asked = ask("alert_test", anna)
    errands.do_next()
    [[tone, sentence]] = said(asked)
    assert tone == "bad"
    assert "set SMTP_URL" in sentence


def test_what_nobody_began_in_time_is_not_begun_later(anna: int) -> None:
    asked = ask("alert_test", anna)
    with db.transaction() as session:
        ago = db.database_time(session) - timedelta(minutes=3)
        session.execute(update(Errand).values(asked_at=ago))
    errands.do_next()
    with db.transaction() as session:
        kept = session.get_one(Errand, asked)
        assert kept.begun_at is None
        assert not kept.under_way(db.database_time(session))


def test_numbers_are_compared_and_set(phones: Phones) -> None:
    with db.transaction() as session:
        anna = add_staff(session, "anna@clinic.example", "admin").id
    phones.text_us("+12065550142", "hello")  # the practice telephone takes the number up
    for kind in ("numbers_check", "numbers_set"):
        asked = ask(kind, anna)
        errands.do_next()
        [[tone, sentence]] = said(asked)
        assert sentence.startswith("425-437-9974") or "(425)" in sentence
        if kind == "numbers_set":
            assert (tone, sentence.split(" ", 1)[1]) == ("good", "leads here.")


def test_a_silent_twilio_is_told(anna: int, forgetting: pytest.MonkeyPatch) -> None:
    forgetting.setenv("TWILIO_API_BASE", "http://127.0.0.1:9")
    forget_settings()
    asked = ask("numbers_check", anna)
    errands.do_next()
    [[tone, sentence]] = said(asked)
    assert tone == "bad"
    assert sentence.startswith("Twilio did not answer")
