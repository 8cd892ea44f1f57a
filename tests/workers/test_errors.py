"""What the carrier says no to, by the table: kept, told, tried again or never."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from leads import (
    FollowUp,
    Message,
    Phone,
    Reminder,
    TimelineEntry,
    TrackingNumber,
    clock,
    db,
    desk,
    plan_edit,
)
from leads.alarm import Alarm, open_alarms
from leads.lead import Lead
from leads.shipped_plans import SHIPPED
from tests.workers.conftest import Phones
from tests.workers.test_sending import MARIA, advance, eventually, first_reminder, missed, only
from workers import sending

SOMEBODY_ELSE = "+12065550143"


def alarms() -> list[tuple[str, bool]]:
    with db.transaction() as session:
        return [(alarm.kind, alarm.stops_sending) for alarm in open_alarms(session)]


def texts(model_state: str) -> int:
    with db.transaction() as session:
        return len(session.scalars(select(Message).where(Message.state == model_state)).all())


def has_failed(times: int) -> bool:
    return texts("undelivered") == times


def tell(phones: Phones, number: str, **how: object) -> None:
    phones.client.put(f"/sandbox/api/phones/{number}", json=how).raise_for_status()


def real_time_passes() -> None:
    """Longer than between two tries while sending is stopped."""
    with db.transaction() as session:
        session.execute(update(Alarm).values(probed_at=Alarm.probed_at - timedelta(minutes=6)))
        session.execute(update(Message).values(retry_after=None, lease_until=None))
        session.execute(update(TrackingNumber).values(tokens=3))


@pytest.mark.parametrize(("fault", "kind"), [("unauthorized", "auth"), ("suspended", "suspended")])
def test_refused_credentials_stop_the_queue_and_lose_nothing(
    phones: Phones, fault: str, kind: str
) -> None:
    missed()
    missed(SOMEBODY_ELSE, "CA2")
    phones.fault(fault, probability=1, path="/Messages")
    sending.send_due()
    assert alarms() == [(kind, True)]
    sending.send_due()
    assert texts("queued") == 2
    phones.client.delete("/sandbox/api/faults").raise_for_status()
    sending.send_due()
    assert phones.texts_to(MARIA) == [], "nothing goes while the queue is stopped"
    real_time_passes()
    sending.send_due()  # one text is let through, and it works
    eventually(lambda: alarms() == [])
    sending.send_due()
    assert len(phones.texts_to(MARIA)) == 1
    assert len(phones.texts_to(SOMEBODY_ELSE)) == 1


@pytest.mark.parametrize("code", [21408, 30034, 21617])
def test_what_is_ours_to_mend_fails_in_words_and_raises_an_alarm(phones: Phones, code: int) -> None:
    tell(phones, MARIA, refuse_code=code)
    missed()
    sending.send_due()
    message = only(Message)
    assert (message.state, message.error_code) == ("failed", code)
    assert first_reminder().reason
    assert [stops for _, stops in alarms()] == [False]
    sending.send_due()
    assert only(Message).attempts == 1


def test_words_that_a_carrier_filtered_never_go_out_again(phones: Phones) -> None:
    phones.fails_with(MARIA, 30007)
    missed()
    sending.send_due()
    eventually(lambda: only(Message).state == "undelivered")
    missed(SOMEBODY_ELSE, "CA2")
    sending.send_due()
    assert phones.texts_to(SOMEBODY_ELSE) == []
    with db.transaction() as session:
        second = session.scalars(select(Reminder).where(Reminder.state == "cancelled")).one()
    assert "filtered these very words" in (second.reason or "")
    assert [kind for kind, _ in alarms()] == ["filtered: the carrier filtered the text."]


@pytest.mark.parametrize("code", [30003, 30008])
def test_a_phone_that_was_off_is_tried_again_while_it_makes_sense(
    phones: Phones, code: int
) -> None:
    tell(phones, MARIA, error_code=code, error_times=1)
    missed()
    sending.send_due()
    eventually(lambda: first_reminder().state == "scheduled")
    assert "tried again:" in (first_reminder().reason or "")
    assert len(phones.texts_to(MARIA)) == 1
    advance(timedelta(minutes=14))
    sending.send_due()
    eventually(lambda: first_reminder().state == "sent" and texts("delivered") == 1)
    assert len(phones.texts_to(MARIA)) == 2


def test_a_phone_that_stays_off_is_given_up_after_three_tries(phones: Phones) -> None:
    phones.fails_with(MARIA, 30003)
    missed()
    for tries in range(1, 6):
        sending.send_due()
        eventually(partial(has_failed, min(tries, 3)))
        advance(timedelta(minutes=80))
    assert len(phones.texts_to(MARIA)) == 3
    assert first_reminder().state == "failed"
    assert first_reminder().reason == "the phone could not be reached."


def test_a_daily_limit_moves_texts_to_the_next_morning(phones: Phones) -> None:
    tell(phones, MARIA, refuse_code=30027)
    missed()
    sending.send_due()
    assert first_reminder().state == "scheduled"
    assert "tried again: Wednesday, Dec 2, 9 AM" in (first_reminder().reason or "")
    assert [stops for _, stops in alarms()] == [False]
    tell(phones, MARIA)
    sending.send_due()
    assert phones.texts_to(MARIA) == []
    advance(timedelta(hours=23, minutes=30))
    real_time_passes()
    sending.send_due()
    assert len(phones.texts_to(MARIA)) == 1


def test_a_limit_of_the_day_that_never_ends_is_given_up_after_three_mornings(
    phones: Phones,
) -> None:
    tell(phones, MARIA, refuse_code=63038)
    with db.transaction() as session:
        plan = replace(SHIPPED["missed_call"], steps=SHIPPED["missed_call"].steps[:1])
        plan_edit.save(session, plan, None, clock.now(session), "keep")
    missed()
    for _ in range(5):
        sending.send_due()
        advance(timedelta(days=1))
        real_time_passes()
    assert first_reminder().state == "failed"
    assert first_reminder().reason == "the carrier's limit for our sender is reached."
    assert only(Message).error_code == 63038
    assert only(FollowUp).end_reason == "finished"


def test_what_was_refused_for_a_while_and_then_sent_has_no_error(phones: Phones) -> None:
    phones.fault("rate_limit")
    missed()
    sending.send_due()
    assert only(Message).error_code == 20429
    real_time_passes()
    phones.fault("status_lost", probability=1)
    sending.send_due()
    assert (only(Message).state, only(Message).error_code) == ("sent", None)


def test_a_text_that_expired_is_looked_at_again(phones: Phones) -> None:
    lead_id = missed()
    tell(phones, MARIA, error_code=30036, error_times=1)
    sending.send_due()
    eventually(lambda: first_reminder().tries == 1)
    with db.transaction() as session:
        desk.contacted(session, session.get_one(Lead, lead_id), None, clock.now(session))
    sending.send_due()
    assert len(phones.texts_to(MARIA)) == 1, "it was not wanted any more"
    assert first_reminder().state == "cancelled"


def test_a_delivery_report_after_a_failure_calls_the_next_try_off(phones: Phones) -> None:
    tell(phones, MARIA, error_code=30003, error_times=1)
    missed()
    sending.send_due()
    eventually(lambda: first_reminder().state == "scheduled")
    from leads import delivery

    message = only(Message)
    with db.transaction() as session:
        now = clock.now(session)
        delivery.status_changed(session, message.id, message.sid or "", "delivered", None, now)
    advance(timedelta(minutes=20))
    sending.send_due()
    assert len(phones.texts_to(MARIA)) == 1
    assert first_reminder().state == "sent"


@pytest.mark.parametrize("code", [21211, 21614, 30005, 30006])
def test_a_number_that_gets_no_texts_is_marked_and_told(phones: Phones, code: int) -> None:
    phones.fails_with(MARIA, code)
    missed()
    sending.send_due()
    eventually(lambda: only(Phone).untextable_at is not None)
    with db.transaction() as session:
        assert session.scalars(select(FollowUp.end_reason)).one() == "untextable"
        told = session.scalars(select(TimelineEntry.text)).all()
    assert any(text.startswith("Call instead of texting:") for text in told)


def test_who_waits_for_an_answer_of_the_desk_does_not_wait_behind_a_backlog(
    phones: Phones,
) -> None:
    for index in range(5):
        missed(f"+1206555016{index}", f"CA{index}")
    sending.queue_due()
    lead_id = missed(MARIA, "CAmaria")
    with db.transaction() as session:
        lead = session.get_one(Lead, lead_id)
        desk.reply(session, lead, None, clock.now(session), "Back In Balance: 3 PM is free.")
        session.execute(update(TrackingNumber).values(tokens=3, texts_per_second=0.1))
    sending.send_due()
    assert phones.texts_to(MARIA) == ["Back In Balance: 3 PM is free."]
    assert sum(len(phones.texts_to(f"+1206555016{index}")) for index in range(5)) < 5


def test_an_account_that_takes_texts_and_delivers_none_loses_none(phones: Phones) -> None:
    phones.fails_with(MARIA, 30002)
    missed()
    for _ in range(4):
        sending.send_due()
        eventually(lambda: first_reminder().state == "scheduled")
        real_time_passes()
    assert alarms() == [("suspended", True)]
    tell(phones, MARIA)
    sending.send_due()
    eventually(lambda: first_reminder().state == "sent" and alarms() == [])


def test_a_retired_number_sends_nothing(phones: Phones) -> None:
    missed()
    with db.transaction() as session:
        session.execute(update(TrackingNumber).values(retired_at=clock.now(session)))
    sending.send_due()
    assert phones.texts_to(MARIA) == []
    assert first_reminder().reason == "there is no number to text from."


@pytest.mark.parametrize("by_hand", [False, True])
def test_what_was_queued_for_a_number_that_is_retired_since_goes_from_another(
    phones: Phones, by_hand: bool
) -> None:
    lead_id = missed()
    with db.transaction() as session:
        other = TrackingNumber.add(session, "+14255550177", "Second", "front").e164
        if by_hand:
            lead = session.get_one(Lead, lead_id)
            desk.reply(session, lead, None, clock.now(session), "Back In Balance: 3 PM is free.")
    sending.queue_due()
    with db.transaction() as session:
        kept = update(TrackingNumber).values(retired_at=clock.now(session), tokens=3)
        session.execute(kept.where(TrackingNumber.e164 != other))
    sending.send_due()
    arrived = f"/sandbox/api/phones/{MARIA}/texts"
    eventually(lambda: [text["from"] for text in phones.client.get(arrived).json()] == [other])


@pytest.mark.parametrize("by_hand", [False, True])
def test_what_was_queued_for_the_only_number_is_not_sent_once_that_is_retired(
    phones: Phones, by_hand: bool
) -> None:
    lead_id = missed()
    if by_hand:
        with db.transaction() as session:
            lead = session.get_one(Lead, lead_id)
            desk.reply(session, lead, None, clock.now(session), "Back In Balance: 3 PM is free.")
    sending.queue_due()
    with db.transaction() as session:
        session.execute(update(TrackingNumber).values(retired_at=clock.now(session)))
    sending.send_due()
    assert phones.texts_to(MARIA) == []
    told = only(Message).error_text if by_hand else first_reminder().reason
    assert told == "there is no number to text from."


def test_a_text_that_the_version_before_queued_is_adopted(phones: Phones) -> None:
    missed()
    sending.queue_due()
    with db.transaction() as session:
        session.execute(update(Message).values(reminder_id=None, topic=None))
    sending.send_due()
    eventually(lambda: first_reminder().state == "sent")
    assert len(phones.texts_to(MARIA)) == 1
