"""A text leaves once, whatever the telephone service does and whoever dies."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import select, update

from leads import (
    Call,
    FollowUp,
    Lead,
    Message,
    Phone,
    Practice,
    Reminder,
    TrackingNumber,
    clock,
    db,
    desk,
    lease,
    missed_call,
    opt_out,
    outbox,
)
from leads import call as calls
from leads.installation import WrongInstallation
from leads.lease import Claim
from leads.settings import settings
from tests.conftest import TUESDAY_TEN
from tests.workers.conftest import Phones
from workers import sending, twilio_api

Row = TypeVar("Row", bound=db.Base)
MARIA = "+12065550142"


def missed(caller: str = MARIA, sid: str = "CA1") -> int:
    """A missed call whose prompt was heard; gives the lead."""
    with db.transaction() as session:
        now = clock.now(session)
        call = calls.arrive(session, sid, caller, "+14254379974", "", now)
        missed_call.prompt(session, call, now)
        calls.settle(session, call, now)
        missed_call.heard(session, call, now)
        calls.end(call, now)
        missed_call.consider(session, call, now)
        assert call.lead_id
        return call.lead_id


def only(model: type[Row]) -> Row:
    with db.transaction() as session:
        return session.scalars(select(model)).one()


def has_opted_out() -> bool:
    with db.transaction() as session:
        opted_out = select(Phone).where(Phone.opted_out_at.is_not(None))
        return session.scalars(opted_out).first() is not None


def first_reminder() -> Reminder:
    with db.transaction() as session:
        return session.scalars(select(Reminder).where(Reminder.step == 1)).one()


def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def post(claims: list[Claim]) -> None:
    """Authorise, hand over, and write down what came of it."""
    sending.write_down([sending.post_one(each, time.time()) for each in sending.authorize(claims)])


def advance(by: timedelta) -> datetime:
    with db.transaction() as session:
        return clock.advance(session, by)


def test_a_due_reminder_is_texted_and_its_delivery_comes_back(phones: Phones) -> None:
    missed()
    sending.send_due()
    eventually(lambda: only(Message).state == "delivered")
    assert len(phones.texts_to(MARIA)) == 1
    assert "Back In Balance" in phones.texts_to(MARIA)[0]
    assert "425-437-9974" in phones.texts_to(MARIA)[0]
    assert first_reminder().state == "sent"
    sending.send_due()
    assert len(phones.texts_to(MARIA)) == 1


def test_each_reminder_goes_on_its_day(phones: Phones) -> None:
    missed()
    sending.send_due()
    for days, texts in ((1, 1), (1, 2), (1, 2), (1, 3), (7, 3)):
        advance(timedelta(days=days, hours=5 if days == 1 and texts == 1 else 0))
        sending.send_due()
        assert len(phones.texts_to(MARIA)) == texts
    assert only(FollowUp).end_reason == "finished"


def test_two_workers_at_once_send_one_text(phones: Phones) -> None:
    missed()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: sending.send_due(), range(8)))
    eventually(lambda: only(Message).state == "delivered")
    assert len(phones.texts_to(MARIA)) == 1


@pytest.mark.parametrize("fault", ["drop_after_accepting", "error_after_accepting"])
def test_what_may_have_gone_out_is_never_sent_again(phones: Phones, fault: str) -> None:
    phones.fault("status_lost", probability=1)
    phones.fault(fault)
    missed()
    sending.send_due()
    assert only(Message).state == "unknown"
    assert first_reminder().state == "unknown"
    sending.send_due()
    advance(timedelta(days=3))
    with db.transaction() as session:
        session.execute(update(Reminder).where(Reminder.step > 1).values(state="cancelled"))
    sending.send_due()
    assert len(phones.texts_to(MARIA)) == 1


def test_a_status_callback_settles_what_was_unknown(phones: Phones) -> None:
    phones.fault("drop_after_accepting")
    missed()
    sending.send_due()
    eventually(lambda: only(Message).state == "delivered")
    assert first_reminder().state == "sent"
    assert len(phones.texts_to(MARIA)) == 1


def test_a_service_that_hangs_leaves_the_outcome_unknown(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_api, "TIMEOUT_SECONDS", 0.3)
    phones.fault("hang", count=1, seconds=2)
    missed()
    sending.send_due()
    assert only(Message).state == "unknown"


def test_a_429_was_never_processed_and_is_tried_again(phones: Phones) -> None:
    phones.fault("rate_limit")
    missed()
    sending.send_due()
    message = only(Message)
    assert (message.state, message.error_code) == ("queued", 20429)
    assert message.retry_after is not None
    sending.send_due()
    assert phones.texts_to(MARIA) == [], "not before its time"
    with db.transaction() as session:
        session.execute(update(Message).values(retry_after=None))
        session.execute(update(TrackingNumber).values(tokens=3))
    sending.send_due()
    assert len(phones.texts_to(MARIA)) == 1


def test_the_carriers_block_is_an_opt_out_here(phones: Phones) -> None:
    phones.text_us(MARIA, "STOP")
    eventually(has_opted_out)
    with db.transaction() as session:
        session.execute(update(Phone).values(opted_out_at=None))
    before = len(phones.texts_to(MARIA))
    missed()
    sending.send_due()
    assert (only(Phone).opted_out_how, len(phones.texts_to(MARIA))) == ("carrier", before)
    assert first_reminder().state == "failed"


def test_an_opt_out_before_the_post_wins(phones: Phones) -> None:
    missed()
    sending.queue_due()
    with db.transaction() as session:
        [(message_id, attempt)] = lease.take(session, clock.now(session), 5)
    with db.transaction() as session:
        opt_out.record(session, only(Phone).id, clock.now(session), "text", "SM1")
    post([(message_id, attempt)])
    assert phones.texts_to(MARIA) == []
    assert first_reminder().state == "cancelled"
    assert first_reminder().reason == "they opted out of texts."


def test_an_opt_out_between_claim_and_post_stops_what_staff_wrote_too(phones: Phones) -> None:
    lead_id = missed()
    with db.transaction() as session:
        lead = session.get_one(Lead, lead_id)
        desk.reply(session, lead, None, clock.now(session), "Back In Balance: 3 PM is free.")
    with db.transaction() as session:
        claims = lease.take(session, clock.now(session), 5)
    with db.transaction() as session:
        opt_out.record(session, only(Phone).id, clock.now(session), "text", "SM1")
    post(claims)
    assert phones.texts_to(MARIA) == []
    assert only(Message).state == "failed"


def test_a_worker_that_dies_before_the_post_loses_nothing(phones: Phones) -> None:
    missed()
    sending.queue_due()
    with db.transaction() as session:
        assert lease.take(session, clock.now(session), 5)
        assert lease.take(session, clock.now(session), 5) == []
    with db.transaction() as session:
        session.execute(update(Message).values(lease_until=db.database_time(session)))
        session.execute(update(TrackingNumber).values(tokens=3))
    sending.send_due()
    assert len(phones.texts_to(MARIA)) == 1


def test_a_worker_that_dies_while_posting_leaves_an_unknown(phones: Phones) -> None:
    missed()
    sending.queue_due()
    with db.transaction() as session:
        [(message_id, attempt)] = lease.take(session, clock.now(session), 5)
    with db.transaction() as session:
        assert outbox.authorize(session, [(message_id, attempt)], clock.now(session))
    with db.transaction() as session:
        session.execute(update(Message).values(lease_until=db.database_time(session)))
    sending.send_due()
    assert only(Message).state == "unknown"
    assert phones.texts_to(MARIA) == []


def test_a_slow_holder_of_an_old_lease_may_not_post(phones: Phones) -> None:
    missed()
    sending.queue_due()
    with db.transaction() as session:
        [(message_id, old)] = lease.take(session, clock.now(session), 5)
        session.execute(update(Message).values(lease_until=db.database_time(session)))
        session.execute(update(TrackingNumber).values(tokens=3))
    with db.transaction() as session:
        [(_, new)] = lease.take(session, clock.now(session), 5)
    post([(message_id, old)])
    assert phones.texts_to(MARIA) == []
    post([(message_id, new)])
    assert len(phones.texts_to(MARIA)) == 1


def test_the_window_is_checked_again_at_the_moment_of_sending(phones: Phones) -> None:
    missed()
    sending.queue_due()
    with db.transaction() as session:
        [(message_id, attempt)] = lease.take(session, clock.now(session), 5)
    with db.transaction() as session:
        session.execute(update(Practice).values(zone="Asia/Tokyo"))
    post([(message_id, attempt)])
    assert phones.texts_to(MARIA) == [], "three in the morning where the clinic is now"
    assert first_reminder().state == "scheduled"
    sending.queue_due()
    assert first_reminder().due_at == TUESDAY_TEN + timedelta(hours=6)


def test_a_text_that_waited_too_long_in_the_queue_is_stale(phones: Phones) -> None:
    missed()
    sending.queue_due()
    advance(timedelta(hours=26))
    sending.send_due()
    with db.transaction() as session:
        session.execute(update(TrackingNumber).values(tokens=3))
    sending.send_due()
    assert first_reminder().state == "cancelled"
    assert len(phones.texts_to(MARIA)) <= 1, "the stale text and the next never go together"
    assert all("Sorry we missed" not in text for text in phones.texts_to(MARIA))


def test_without_a_connection_nothing_was_posted_and_it_is_tried_again(
    phones: Phones, environment: pytest.MonkeyPatch
) -> None:
    missed()
    with environment.context() as patch:
        patch.setenv("TWILIO_API_BASE", "http://127.0.0.1:1")
        settings.cache_clear()
        sending.send_due()
    settings.cache_clear()
    assert only(Message).state == "queued"
    assert phones.texts_to(MARIA) == []


def test_a_worker_of_another_account_sends_nothing(
    phones: Phones, environment: pytest.MonkeyPatch
) -> None:
    missed()
    with environment.context() as patch:
        patch.setenv("TWILIO_ACCOUNT_SID", "AC" + "9" * 32)
        settings.cache_clear()
        with pytest.raises(WrongInstallation):
            sending.send_due()
    settings.cache_clear()
    assert phones.texts_to(MARIA) == []


def test_a_staff_text_that_fails_puts_them_back_on_the_list(phones: Phones) -> None:
    lead_id = missed()
    phones.fails_with(MARIA, 30006)
    with db.transaction() as session:
        desk.reply(session, session.get_one(Lead, lead_id), None, clock.now(session), "Hello")
    sending.send_due()
    eventually(lambda: only(Message).state == "undelivered")
    assert only(Lead).needs_callback_since is not None


def test_a_sender_keeps_its_pace(phones: Phones) -> None:
    for index in range(8):
        missed(f"+1206555010{index}", f"CA{index}")
    with db.transaction() as session:
        session.execute(update(TrackingNumber).values(texts_per_second=0.001, tokens=3))
    sending.send_due()
    sending.send_due()
    assert sum(len(phones.texts_to(f"+1206555010{index}")) for index in range(8)) == 3


def test_one_missed_call_text_a_day_however_often_they_ring(phones: Phones) -> None:
    for index in range(4):
        missed(sid=f"CA{index}")
        sending.send_due()
        advance(timedelta(minutes=20))
    assert len(phones.texts_to(MARIA)) == 1
    with db.transaction() as session:
        assert len(session.scalars(select(Call)).all()) == 4


def test_a_patient_gets_the_first_text_and_no_more(phones: Phones) -> None:
    lead_id = missed()
    with db.transaction() as session:
        session.execute(update(Lead).values(relation="patient"))
    for _ in range(5):
        sending.send_due()
        advance(timedelta(days=1))
    assert lead_id
    assert len(phones.texts_to(MARIA)) == 1


def test_a_supplier_gets_none(phones: Phones) -> None:
    missed()
    with db.transaction() as session:
        session.execute(update(Lead).values(relation="other"))
    sending.send_due()
    assert phones.texts_to(MARIA) == []


def test_staff_replies_leave_the_same_safe_way_and_end_the_follow_up(phones: Phones) -> None:
    lead_id = missed()
    with db.transaction() as session:
        lead = session.get_one(Lead, lead_id)
        desk.reply(session, lead, None, clock.now(session), "Hello, shall we say 3pm?")
    sending.send_due()
    eventually(lambda: only(Message).state == "delivered")
    assert phones.texts_to(MARIA) == ["Hello, shall we say 3pm?"]
    assert only(FollowUp).end_reason == "contacted"
    assert only(Lead).needs_callback_since is None


def test_staff_cannot_text_after_an_opt_out(phones: Phones) -> None:
    lead_id = missed()
    with db.transaction() as session:
        lead = session.get_one(Lead, lead_id)
        desk.no_more_texts(session, lead, None, clock.now(session))
    with db.transaction() as session:
        lead, now = session.get_one(Lead, lead_id), clock.now(session)
        with pytest.raises(desk.Refused, match="opted out"):
            desk.reply(session, lead, None, now, "But still")
    sending.send_due()
    assert phones.texts_to(MARIA) == []


def test_who_was_stopped_after_the_last_check_posts_nothing_any_more(phones: Phones) -> None:
    missed()
    sending.queue_due()
    with db.transaction() as session:
        claims = lease.take(session, clock.now(session), 5)
    posts = sending.authorize(claims)
    a_minute_ago = time.time() - 60
    sending.write_down([sending.post_one(post, a_minute_ago) for post in posts])
    assert phones.texts_to(MARIA) == []
    assert only(Message).state == "queued"
