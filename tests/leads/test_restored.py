"""After a restore nobody is texted twice, and nobody before Twilio was asked for their STOP."""

from datetime import datetime, timedelta

import psycopg
import pytest
from sqlalchemy import select

from leads import alarm, clock, darkness, db, due, outbox, restored, unknown
from leads.follow_up import FollowUp
from leads.heartbeat import Heartbeat
from leads.message import Message
from leads.reminder import Reminder
from leads.staff import StaffSession
from leads.timeline import TimelineEntry
from leads.unknown import Listed
from tests.services.sample import fill

# Of the sample's hundred follow-ups: what the backup found on its way.
ON_ITS_WAY = """
UPDATE message SET state = 'queued', sid = NULL, attempt = NULL WHERE id IN (1, 2);
UPDATE reminder SET state = 'sending' WHERE message_id IN (1, 2);
UPDATE message SET state = 'queued', sid = NULL, automated = false, reminder_id = NULL
    WHERE id = 3;
UPDATE reminder SET due_at = now() - interval '1 minute' WHERE id IN (110, 111);
UPDATE reminder SET state = 'cancelled' WHERE id = 10;
INSERT INTO heartbeat (name, kind, at, spooled) VALUES ('webhooks:old:1', 'webhooks', now(), 3);
UPDATE staff_session SET revoked_at = NULL
"""


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
    assert told.startswith("2 reminders came due since the backup and will not go out, and 3 texts")
    return at


def test_what_waited_is_looked_for_in_twilios_list_and_never_sent_again(made_at: datetime) -> None:
    with db.transaction() as session:
        now = clock.now(session) + timedelta(minutes=30)
        assert outbox.claim(session, now, 100) == []
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
        assert outbox.claim(session, now, 100) == []
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
            select(TimelineEntry.text).where(TimelineEntry.kind == "reminder_cancelled")
        ).all()
        assert notes == [f"Text 2 not sent: {restored.MAYBE_SENT}"] * 2
        ended = session.get_one(FollowUp, cancelled[0].follow_up_id)
        assert ended.end_reason == "finished"
        later = session.scalars(select(Reminder).where(Reminder.state == "scheduled")).all()
        assert len(later) == 98


def test_automated_texts_wait_until_twilios_lists_were_gone_through(made_at: datetime) -> None:
    assert made_at
    with db.transaction() as session:
        why = darkness.why(session)
        assert why is not None
        assert "Everything was restored from a backup of" in why
        (open_alarm,) = alarm.open_alarms(session)
        assert (open_alarm.kind, open_alarm.stops_sending) == ("restored", False)
        assert "+1206" not in open_alarm.text


def test_processes_and_sign_ins_of_the_other_place_are_forgotten(made_at: datetime) -> None:
    assert made_at
    with db.transaction() as session:
        assert session.scalars(select(Heartbeat.kind)).all() == ["backup"]
        assert (
            session.scalars(select(StaffSession).where(StaffSession.revoked_at.is_(None))).all()
            == []
        )


def test_only_what_happened_between_the_backup_and_the_restore_is_lost(made_at: datetime) -> None:
    with db.transaction() as session:
        clock.advance(session, timedelta(days=3))
        now = clock.now(session)
        assert restored.lost(session, now - timedelta(minutes=30))
        assert not restored.lost(session, now + timedelta(minutes=1))
        assert not restored.lost(session, now - timedelta(minutes=70))
        assert not restored.lost(session, made_at)
