"""After a restore nobody is texted twice, and nobody before Twilio was asked for their STOP."""

from datetime import datetime, timedelta

import psycopg
import pytest
from sqlalchemy import delete, select, update

from leads import (
    alarm,
    clock,
    conversation,
    darkness,
    db,
    digest,
    due,
    lease,
    missed_call,
    outage,
    placing,
    restored,
    unknown,
)
from leads.call import Call
from leads.digest import DigestSent
from leads.follow_up import FollowUp
from leads.heartbeat import Heartbeat
from leads.message import Message
from leads.outbound_call import OutboundCall
from leads.practice import Practice
from leads.reminder import Reminder
from leads.staff import Staff, StaffSession
from leads.timeline import TimelineEntry
from leads.unknown import Listed
from tests.conftest import TUESDAY_TEN
from tests.services.sample import fill

# Of the sample's hundred follow-ups: what the backup found on its way.
ON_ITS_WAY = """
UPDATE message SET state = 'queued', sid = NULL, attempt = NULL WHERE id IN (1, 2);
UPDATE reminder SET state = 'sending' WHERE message_id IN (1, 2);
UPDATE message SET state = 'queued', sid = NULL, automated = false, reminder_id = NULL
    WHERE id = 3;
UPDATE reminder SET due_at = now() - interval '1 minute' WHERE id IN (110, 111);
UPDATE reminder SET state = 'cancelled' WHERE id = 10;
UPDATE follow_up SET plan = 'appointment' WHERE id = 20;
INSERT INTO heartbeat (name, kind, at, spooled) VALUES ('webhooks:old:1', 'webhooks', now(), 3);
UPDATE outbound_call SET state = 'wanted', sid = NULL, posted_at = NULL, over_at = NULL
    WHERE id = 1;
UPDATE staff_session SET revoked_at = NULL
"""


EVENING = TUESDAY_TEN + timedelta(hours=9)  # the practice has closed


@pytest.fixture
def made_at(database: str) -> datetime:
    """When the backup was made: an hour ago. Its rows have just been put back."""
    fill(database)
    with psycopg.connect(database) as session:
        for statement in ON_ITS_WAY.split(";\n"):
            session.execute(statement)
    with db.transaction() as session:
        at = db.database_time(session) - timedelta(hours=1)
        told = restored.settle(session, at)
    assert told.startswith("2 reminders came due since the backup and will not go out; 97 later")
    assert "3 texts that waited are looked for" in told
    return at


def test_what_waited_is_looked_for_in_twilios_list_and_never_sent_again(made_at: datetime) -> None:
    with db.transaction() as session:
        now = clock.now(session) + timedelta(minutes=30)
        assert lease.take(session, now, 100) == []
        waiting = unknown.waiting(session, 10)
        assert [each.message_id for each in waiting] == [1, 2, 3]
        sent = Listed("SM999", waiting[0].body, made_at + timedelta(minutes=5), "delivered", None)
        for each in waiting:
            found = unknown.match(each, [sent], {"SM999"} if each.message_id > 1 else set())
            unknown.settle(session, each, found, now)
    with db.transaction() as session:
        states = session.execute(select(Message.sid, Message.state).order_by(Message.id).limit(3))
        assert [tuple(row) for row in states] == [
            ("SM999", "delivered"),
            (None, "failed"),
            (None, "failed"),
        ]
        assert lease.take(session, now, 100) == []
        ids = due.reminders(session, now, 1000)
        assert ids == []


def test_what_came_due_meanwhile_is_cancelled_and_the_timeline_says_so(made_at: datetime) -> None:
    assert made_at
    with db.transaction() as session:
        cancelled = session.scalars(
            select(Reminder).where(Reminder.id.in_((110, 111))).order_by(Reminder.id)
        ).all()
        assert {(each.state, each.reason) for each in cancelled} == {
            ("cancelled", restored.MAYBE_SENT)
        }
        notes = session.scalars(
            select(TimelineEntry.text).where(
                TimelineEntry.kind == "reminder_cancelled",
                TimelineEntry.lead_id.in_({each.lead_id for each in cancelled}),
            )
        ).all()
        assert notes == [f"Text 2 not sent: {restored.MAYBE_SENT}"] * 2
        ended = session.get_one(FollowUp, cancelled[0].follow_up_id)
        assert ended.end_reason == "finished"


def test_whoever_may_have_pressed_the_key_for_no_texts_since_is_texted_no_more(
    made_at: datetime,
) -> None:
    assert made_at
    with db.transaction() as session:
        (kept,) = session.scalars(select(Reminder).where(Reminder.state == "scheduled"))
        assert session.get_one(FollowUp, kept.follow_up_id).plan == "appointment"
        open_runs = select(FollowUp.id).where(FollowUp.ended_at.is_(None))
        assert session.scalars(open_runs).all() == [kept.follow_up_id]
        why = select(TimelineEntry.text).where(
            TimelineEntry.kind == "reminder_cancelled", TimelineEntry.lead_id == 50
        )
        assert session.scalars(why).all() == [f"Text 2 not sent: {restored.MAYBE_DECLINED}"]
        assert due.reminders(session, clock.now(session) + timedelta(days=30), 1000) == [kept.id]


def test_automated_texts_wait_until_twilios_lists_were_gone_through(made_at: datetime) -> None:
    assert made_at
    with db.transaction() as session:
        why = darkness.why(session)
        assert why is not None
        assert "Everything was restored from a backup of" in why
        (open_alarm,) = alarm.open_alarms(session)
        assert (open_alarm.kind, open_alarm.stops_sending) == ("restored", False)
        assert "+1206" not in open_alarm.text
        assert "with a key on the phone" in open_alarm.text


def test_processes_and_sign_ins_of_the_other_place_are_forgotten(made_at: datetime) -> None:
    assert made_at
    with db.transaction() as session:
        assert session.scalars(select(Heartbeat.kind)).all() == ["backup"]
        assert (
            session.scalars(select(StaffSession).where(StaffSession.revoked_at.is_(None))).all()
            == []
        )


def test_what_is_learnt_late_of_the_time_before_begins_no_text(made_at: datetime) -> None:
    """Of calls and texts since the backup Twilio's lists tell: we may have texted them then."""
    with db.transaction() as session:
        session.execute(update(Call).values(follow_up_decided_at=None))
        found = session.scalars(select(Call).where(Call.lead_id == 202)).one()
        missed_call.consider(session, found, made_at + timedelta(minutes=20))
        for body in ("Who is this?", "HELP"):
            conversation.text_received(
                session,
                sid=f"SM-{body}",
                from_raw="+12065550202",
                to_raw="+14254379974",
                body=body,
                media_count=0,
                opt_out_type="",
                now=made_at + timedelta(minutes=30),
            )
        told = session.scalars(
            select(TimelineEntry.text).where(
                TimelineEntry.lead_id == 202, TimelineEntry.kind == "no_follow_up"
            )
        ).all()
        assert told[0] == f"No text: {outage.MAYBE_SENT}"
        assert f"No answer to their text: {outage.MAYBE_SENT}" in told
        assert session.scalars(select(FollowUp).where(FollowUp.lead_id == 202)).all() == []
        new = select(Message).where(Message.lead_id == 202, Message.direction == "outbound")
        assert session.scalars(new).all() == []


def test_what_happens_after_the_restore_goes_its_usual_way(made_at: datetime) -> None:
    assert made_at
    with db.transaction() as session:
        clock.set_to(session, clock.now(session) + timedelta(minutes=1))
        now = clock.now(session)
        call = session.scalars(select(Call).where(Call.lead_id == 202)).one()
        call.started_at = call.ended_at = now + timedelta(minutes=1)
        missed_call.consider(session, call, now + timedelta(minutes=2))
        assert session.scalars(select(FollowUp).where(FollowUp.lead_id == 202)).one()


def test_a_moment_before_the_restore_is_told_in_practice_time(made_at: datetime) -> None:
    with db.transaction() as session:
        clock.advance(session, timedelta(days=3))
        now = clock.now(session)
        assert outage.before_a_restore(session, now - timedelta(minutes=1))
        assert outage.before_a_restore(session, made_at)
        assert not outage.before_a_restore(session, now + timedelta(minutes=1))


def test_a_call_that_was_being_placed_is_not_placed_now(made_at: datetime) -> None:
    assert made_at
    with db.transaction() as session:
        assert placing.take(session, 10) == []
        assert placing.unsettled(session, clock.now(session)) == []
        told = session.get_one(OutboundCall, 1)
        assert told.state == "unknown"
        assert told.over_at is not None
        kinds = select(TimelineEntry.kind).where(TimelineEntry.lead_id == told.lead_id)
        assert "call_out_unknown" in session.scalars(kinds).all()


def test_the_days_mail_that_went_before_goes_no_second_time(database: str) -> None:
    fill(database)
    with db.transaction() as session:
        session.execute(delete(DigestSent))
        session.execute(update(Staff).values(digest=True))
        clock.set_to(session, EVENING)
        restored.settle(session, db.database_time(session))
        day = digest.due(Practice.get(session), clock.now(session))
        assert day is not None
        readers = session.scalars(select(DigestSent.staff_id).where(DigestSent.day == day.day))
        assert readers.all() == session.scalars(select(Staff.id)).all()
