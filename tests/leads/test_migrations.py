"""Models and migrations agree."""

from datetime import timedelta

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select, text

from leads import FollowUp, Message, PlanVersion, Practice, Reminder, db, migrations
from leads.quiet_hours import Window
from services import Servers
from tests.conftest import forget_settings


def test_the_migrations_make_what_the_models_say(database: str) -> None:
    assert database
    with db.engine().connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, db.Base.metadata) == []


def test_a_migrated_database_has_nothing_left_to_migrate(database: str) -> None:
    assert database
    at, head = migrations.heads()
    assert at == head == ScriptDirectory.from_config(migrations.config()).get_current_head()


def test_runs_from_before_plans_had_versions_go_on_as_they_began(
    servers: Servers, environment: pytest.MonkeyPatch
) -> None:
    """On a copy with data of the version before: a missed call, its text sent, another to come."""
    servers.create_database("before_0002")
    with environment.context() as patch:
        patch.setenv("DATABASE_URL", servers.database_url("before_0002"))
        forget_settings()
        command.upgrade(migrations.config(), "0001")
        with db.engine().begin() as connection:
            connection.execute(text(OF_THE_VERSION_BEFORE))
        migrations.upgrade()
        with db.transaction() as session:
            run = session.scalars(select(FollowUp)).one()
            first, second = session.scalars(select(Reminder).order_by(Reminder.step))
            sent = session.scalars(select(Message)).one()
            assert [step.days for step in run.steps(session).steps] == [None, 1, 3]
            assert (sent.topic, sent.reminder_id) == ("inquiry", first.id)
            assert second.stale_at == second.due_at + timedelta(hours=8)
            assert PlanVersion.current(session, "missed_call", run.started_at).number == 1
            assert Practice.get(session).window(MARIA) == Window()
        forget_settings()
    servers.drop_database("before_0002")
    forget_settings()


def test_the_search_of_the_version_before_goes_on_by_the_index_of_0006(
    servers: Servers, environment: pytest.MonkeyPatch
) -> None:
    """On a copy with data of 0005, notes among much else."""
    servers.create_database("before_0006")
    with environment.context() as patch:
        patch.setenv("DATABASE_URL", servers.database_url("before_0006"))
        forget_settings()
        command.upgrade(migrations.config(), "0005")
        with db.engine().begin() as connection:
            connection.execute(text(OF_0005))
        migrations.upgrade()
        with db.engine().begin() as connection:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            for asked, index, found in (
                (NOTES, "ix_timeline_written_letters", 20),
                (NO_TEXTS, "ix_phone_opted_out", 5),
            ):
                assert len(connection.execute(text(asked)).all()) == found
                plan = "\n".join(connection.execute(text(f"EXPLAIN {asked}")).scalars())
                assert index in plan, plan
        forget_settings()
    servers.drop_database("before_0006")
    forget_settings()


NOTES = "SELECT lead_id FROM timeline WHERE kind = 'note' AND text ILIKE '%pillow%'"
NO_TEXTS = "SELECT e164 FROM phone WHERE opted_out_at IS NOT NULL"
OF_0005 = """
INSERT INTO phone (e164, opted_out_at)
SELECT '+1206555' || to_char(n, 'FM0000'), CASE WHEN n <= 5 THEN now() END
FROM generate_series(1, 2000) n;
INSERT INTO lead (name, stage, relation, source, created_at, last_activity_at)
VALUES ('Maria', 'new', 'prospect', 'front', now(), now());
INSERT INTO timeline (lead_id, at, kind, text, facts)
SELECT lead.id, now(), CASE WHEN n <= 20 THEN 'note' ELSE 'logged' END, 'A pillow ' || md5(n::text),
       '{}'
FROM lead, generate_series(1, 40) n;
INSERT INTO timeline (lead_id, at, kind, text, facts)
SELECT lead.id, now(), 'text_out', md5(n::text), '{}' FROM lead, generate_series(1, 2000) n;
"""
MARIA = "+12065550142"
OF_THE_VERSION_BEFORE = """
INSERT INTO practice (id, name, phone, zone, weekly_hours, closed_days, consent_mode,
                      promise_minutes, transcribe_voicemail)
VALUES (1, 'Back In Balance', '+14254379974', 'America/Los_Angeles', '{}', '{}', 'call', 30, false);
INSERT INTO tracking_number (id, e164, label, source, mode, recording, greeting,
                             texts_per_second, tokens)
VALUES (1, '+14254379974', 'Front', 'front', 'front', false, '', 1, 1);
INSERT INTO phone (e164) VALUES ('+12065550142');
INSERT INTO lead (name, stage, relation, source, created_at, last_activity_at)
VALUES ('Maria', 'new', 'prospect', 'front', now(), now());
INSERT INTO lead_phone VALUES (1, 1, true);
INSERT INTO consent (phone_id, at, kind, basis, evidence, wording, wording_version)
VALUES (1, now(), 'given', 'notice', 'CA1', 'texts will follow', '1');
INSERT INTO follow_up (lead_id, phone_id, tracking_number_id, plan, trigger, started_at)
VALUES (1, 1, 1, 'missed_call', 'missed', now());
INSERT INTO message (sid, lead_id, phone_id, tracking_number_id, direction, body, media_count,
                     segments, automated, state, created_at, due_at, attempts)
VALUES ('SM1', 1, 1, 1, 'outbound', 'Hi', 0, 1, true, 'sent', now(), now(), 1);
INSERT INTO reminder (follow_up_id, lead_id, step, due_at, state, consent_id, message_id)
VALUES (1, 1, 1, now(), 'sent', 1, 1), (1, 1, 2, now() + interval '1 day', 'scheduled', 1, NULL);
"""
