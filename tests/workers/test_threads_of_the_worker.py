"""Twilio that answers nobody holds one thread of the worker, and not one more at every tick."""

import time
from threading import Thread

from sqlalchemy import update

from leads import Message, db
from leads.unknown import FIRST_LOOK
from tests.workers.conftest import Phones
from tests.workers.test_sending import only
from tests.workers.test_unknown import lose_the_answer, posted_ago
from workers import tasks


def look_again() -> None:
    with db.transaction() as session:
        session.execute(update(Message).values(retry_after=None))


def test_what_became_of_texts_is_asked_by_one_at_a_time(phones: Phones) -> None:
    lose_the_answer(phones, "drop_after_accepting")
    posted_ago(FIRST_LOOK)
    phones.fault("hang", seconds=6, path="Messages", method="GET")
    first = Thread(target=tasks.settle_unknown)
    first.start()
    time.sleep(1)
    look_again()
    began = time.monotonic()
    tasks.settle_unknown()
    assert time.monotonic() - began < 1
    assert first.is_alive()
    first.join()


def test_one_that_failed_lets_the_next_one_begin(phones: Phones) -> None:
    lose_the_answer(phones, "drop_after_accepting")
    posted_ago(FIRST_LOOK)
    phones.fault("error_before_accepting", count=1)
    tasks.settle_unknown()
    assert only(Message).state == "unknown"
    look_again()
    tasks.settle_unknown()
    assert only(Message).state in {"sent", "delivered"}
