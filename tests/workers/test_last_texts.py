"""The last text of a run, or its only one: what the carrier makes of it is heard after the run has
ended, and it is tried again all the same."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from leads import (
    FollowUp,
    Lead,
    Message,
    Phone,
    Reminder,
    clock,
    conversation,
    db,
    delivery,
    desk,
    missed_call,
    plan_edit,
    voicemail,
)
from leads import call as calls
from leads.alarm import open_alarms
from leads.shipped_plans import SHIPPED
from tests.workers.conftest import Phones
from tests.workers.test_errors import has_failed, real_time_passes, tell, texts
from tests.workers.test_sending import MARIA, advance, eventually, missed, only
from workers import sending


def left_a_voicemail(caller: str = MARIA, sid: str = "CA1") -> int:
    """A voicemail, whose plan has one text; gives the lead."""
    with db.transaction() as session:
        now = clock.now(session)
        call = calls.arrive(session, sid, caller, "+14254379974", "", now)
        missed_call.prompt(session, call, now)
        calls.settle(session, call, now)
        missed_call.heard(session, call, now)
        voicemail.left(session, call, sid=f"RE{sid}", url="https://x", seconds=9, now=now)
        calls.settle(session, call, now)
        calls.end(call, now)
        missed_call.consider(session, call, now)
        assert call.lead_id
        return call.lead_id


def did_not_come() -> int:
    """A missed appointment, whose plan has one text, due in an hour; gives the lead."""
    lead_id = missed()
    with db.transaction() as session:
        lead, now = session.get_one(Lead, lead_id), clock.now(session)
        desk.book(session, lead, None, now, now + timedelta(minutes=5), texts_agreed=True)
    advance(timedelta(minutes=10))
    with db.transaction() as session:
        lead = session.get_one(Lead, lead_id)
        desk.miss_appointment(session, lead, None, clock.now(session))
    advance(timedelta(minutes=65))
    return lead_id


def last_run() -> FollowUp:
    with db.transaction() as session:
        return session.scalars(select(FollowUp).order_by(FollowUp.id.desc()).limit(1)).one()


def reminder() -> Reminder:
    """Of the last run."""
    with db.transaction() as session:
        mine = select(Reminder).order_by(Reminder.follow_up_id.desc(), Reminder.step.desc())
        return session.scalars(mine.limit(1)).one()


def is_to_be_tried_again() -> bool:
    return reminder().state == "scheduled" and last_run().ended_at is None


def has_arrived() -> bool:
    return reminder().state == "sent" and texts("delivered") > 0


@pytest.mark.parametrize("begins", [left_a_voicemail, did_not_come])
@pytest.mark.parametrize("code", [30003, 30008, 30036])
def test_the_only_text_of_a_run_is_tried_again(
    phones: Phones, begins: Callable[[], int], code: int
) -> None:
    begins()
    tell(phones, MARIA, error_code=code, error_times=1)
    sending.send_due()
    eventually(is_to_be_tried_again)
    advance(timedelta(minutes=14))
    sending.send_due()
    eventually(has_arrived)
    assert last_run().end_reason == "finished"
    for _ in range(3):
        advance(timedelta(hours=1))
        sending.send_due()
    assert len(phones.texts_to(MARIA)) == 2, "the one that was lost, and the one that arrived"


def test_a_phone_that_stays_off_gets_three_tries_of_the_only_text(phones: Phones) -> None:
    did_not_come()
    phones.fails_with(MARIA, 30003)
    for tries in range(1, 6):
        sending.send_due()
        eventually(partial(has_failed, min(tries, 3)))
        advance(timedelta(minutes=80 if tries > 1 else 14))
    assert len(phones.texts_to(MARIA)) == 3
    assert reminder().reason == "the phone could not be reached."
    assert last_run().end_reason == "finished"


def test_a_suspended_account_loses_no_only_text_and_no_text_that_was_tried_meanwhile(
    phones: Phones,
) -> None:
    left_a_voicemail()
    phones.fails_with(MARIA, 30002)
    for times in range(1, 5):
        sending.send_due()
        eventually(partial(has_failed, times))
        assert is_to_be_tried_again()
        real_time_passes()
    with db.transaction() as session:
        assert [alarm.kind for alarm in open_alarms(session)] == ["suspended"]
    tell(phones, MARIA)
    sending.send_due()
    eventually(has_arrived)
    with db.transaction() as session:
        assert open_alarms(session) == []
    sending.send_due()
    assert len(phones.texts_to(MARIA)) == 5
    assert texts("delivered") == 1


def _they_write() -> None:
    with db.transaction() as session:
        conversation.text_received(
            session,
            sid="SM1",
            from_raw=MARIA,
            to_raw="+14254379974",
            body="Thank you, four suits me.",
            media_count=0,
            opt_out_type="",
            now=clock.now(session),
        )


def _staff_speak_with_them() -> None:
    with db.transaction() as session:
        desk.contacted(session, session.scalars(select(Lead)).one(), None, clock.now(session))


def _staff_stop_it() -> None:
    with db.transaction() as session:
        lead = session.scalars(select(Lead)).one()
        desk.stop_follow_ups(session, lead, None, clock.now(session))


def _somebody_is_answered_on_that_phone() -> None:
    with db.transaction() as session:
        call = calls.arrive(session, "CA8", MARIA, "+14254379974", "", clock.now(session))
        call.outcome = "answered"


def _they_become_neither_and_a_prospect_again() -> None:
    with db.transaction() as session:
        lead, now = session.scalars(select(Lead)).one(), clock.now(session)
        desk.relate(session, lead, None, now, "other")
        desk.relate(session, lead, None, now, "prospect")


def _somebody_else_of_that_phone_writes() -> None:
    with db.transaction() as session:
        phone = session.scalars(select(Phone)).one()
        now = clock.now(session)
        other = Lead(name="Ivan", created_at=now, last_activity_at=now)
        session.add(other)
        session.flush()
        session.add(
            Message(
                lead_id=other.id,
                phone_id=phone.id,
                direction="inbound",
                body="Who is that voicemail from?",
                segments=1,
                state="received",
                created_at=now,
                due_at=now,
            )
        )


@pytest.mark.parametrize(
    "happens",
    [
        _they_write,
        _staff_speak_with_them,
        _staff_stop_it,
        _somebody_else_of_that_phone_writes,
        _somebody_is_answered_on_that_phone,
        _they_become_neither_and_a_prospect_again,
    ],
)
def test_what_has_happened_since_ends_it_for_good(
    phones: Phones, happens: Callable[[], None]
) -> None:
    left_a_voicemail()
    phones.fault("status_lost", probability=1)
    sending.send_due()
    happens()
    fails()
    assert last_run().end_reason == "finished"
    assert reminder().state == "failed"
    advance(timedelta(minutes=20))
    sending.send_due()
    assert len(phones.texts_to(MARIA)) == 1


def fails(code: int = 30003) -> None:
    """The report on the first text that we sent comes in."""
    with db.transaction() as session:
        message = session.scalars(
            select(Message).where(Message.direction == "outbound").order_by(Message.id)
        ).first()
        assert message
        assert message.sid
        now = clock.now(session)
        delivery.status_changed(session, message.id, message.sid, "undelivered", code, now)


def test_a_newer_follow_up_is_the_only_one(phones: Phones) -> None:
    left_a_voicemail()
    phones.fault("status_lost", probability=1)
    sending.send_due()
    advance(timedelta(hours=1))
    with db.transaction() as session:  # a missed call's first text would wait for the caps
        session.execute(update(Message).values(sent_at=None, posted_at=None))
        session.execute(update(Message).values(created_at=Message.created_at - timedelta(days=2)))
    missed(MARIA, "CA9")
    fails()
    with db.transaction() as session:
        runs = session.scalars(select(FollowUp).order_by(FollowUp.id)).all()
        assert [(run.plan, run.end_reason) for run in runs] == [
            ("voicemail", "finished"),
            ("missed_call", None),
        ]


def test_an_appointment_that_was_moved_has_reminders_of_its_own(phones: Phones) -> None:
    """The failure of the last reminder of what is no appointment any more."""
    with db.transaction() as session:
        plan = replace(SHIPPED["appointment"], active=True)
        plan_edit.save(session, plan, None, clock.now(session), "keep")
    lead_id = missed()
    with db.transaction() as session:
        lead, now = session.get_one(Lead, lead_id), clock.now(session)
        desk.book(session, lead, None, now, now + timedelta(hours=3), texts_agreed=True)
    advance(timedelta(hours=1, minutes=1))
    phones.fault("status_lost", probability=1)
    sending.send_due()
    assert only(Message).body.startswith("Back In Balance Chiropractic: see you")
    assert last_run().end_reason == "finished"
    with db.transaction() as session:
        desk.cancel_appointment(session, session.get_one(Lead, lead_id), None, clock.now(session))
    fails()
    assert last_run().end_reason == "finished"
