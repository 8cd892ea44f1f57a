"""A text whose outcome is unknown is looked for, and never sent again."""

from datetime import timedelta

from sqlalchemy import select, update

from leads import Message, Phone, Reminder, db
from leads.unknown import ABSENT_AFTER, FIRST_LOOK
from tests.workers.conftest import Phones
from tests.workers.test_sending import MARIA, first_reminder, missed, only
from workers import sending


def posted_ago(by: timedelta) -> None:
    """As if the post had been that long ago; real time cannot be moved."""
    with db.transaction() as session:
        session.execute(update(Message).values(lease_until=Message.lease_until - by))


def lose_the_answer(phones: Phones, fault: str) -> None:
    phones.fault("status_lost", probability=1)
    phones.fault(fault)
    missed()
    sending.send_due()
    assert only(Message).state == "unknown"


def test_a_text_that_is_listed_was_sent(phones: Phones) -> None:
    lose_the_answer(phones, "drop_after_accepting")
    sending.settle_unknown()
    assert only(Message).state == "unknown", "a status callback gets its chance first"
    posted_ago(FIRST_LOOK)
    sending.settle_unknown()
    message = only(Message)
    assert message.state in {"sent", "delivered"}
    assert message.sid
    assert first_reminder().state == "sent"
    assert len(phones.texts_to(MARIA)) == 1


def test_a_text_that_is_not_listed_may_still_come_for_a_while(phones: Phones) -> None:
    lose_the_answer(phones, "drop_before_accepting")
    posted_ago(FIRST_LOOK)
    sending.settle_unknown()
    assert only(Message).state == "unknown"


def test_a_text_that_is_surely_absent_failed_and_says_so(phones: Phones) -> None:
    lose_the_answer(phones, "drop_before_accepting")
    posted_ago(ABSENT_AFTER)
    sending.settle_unknown()
    message = only(Message)
    assert message.state == "failed"
    assert message.error_text
    assert "write again" in message.error_text
    assert first_reminder().state == "failed"
    sending.send_due()
    assert phones.texts_to(MARIA) == []


def test_another_text_with_the_same_words_is_not_taken_for_it(phones: Phones) -> None:
    lose_the_answer(phones, "drop_before_accepting")
    other = "+12065550143"
    with db.transaction() as session:
        session.execute(update(Reminder).where(Reminder.step > 1).values(state="cancelled"))
    missed(other, "CA2")
    sending.send_due()
    posted_ago(ABSENT_AFTER)
    sending.settle_unknown()
    assert phones.texts_to(MARIA) == []
    assert first_of(MARIA) == "failed"
    assert first_of(other) in {"sent", "delivered"}


def first_of(number: str) -> str:
    with db.transaction() as session:
        return session.scalars(
            select(Message.state)
            .join(Phone, Phone.id == Message.phone_id)
            .where(Phone.e164 == number)
        ).one()


def test_while_the_list_cannot_be_had_nothing_is_decided(phones: Phones) -> None:
    lose_the_answer(phones, "drop_after_accepting")
    posted_ago(ABSENT_AFTER)
    phones.fault("error_before_accepting", probability=1)
    sending.settle_unknown()
    assert only(Message).state == "unknown"
