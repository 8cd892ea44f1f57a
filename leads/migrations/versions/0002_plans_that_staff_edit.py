"""plans that staff edit, alarms, tries, and what replies mean

Safe with the version before: every new column may be empty or has a default, without its index of
the outbox it is merely slower, and texts that it queues afterwards are adopted when they leave.
Stop its workers soon, though: they know nothing of paused follow-ups.
"""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The plan as it was before plans had versions: what runs of that time go on with.
FIRST_MISSED_CALL = [
    {
        "purpose": "responsive",
        "text": "Hi, this is {clinic}. Sorry we missed your call. "
        "Reply here or call {phone} to book. Reply STOP to opt out.",
        "hours": 0,
        "days": None,
        "at": None,
        "lateness_hours": 4,
    },
    {
        "purpose": "informational",
        "text": "Hi, {clinic} again. We would still like to help. "
        "Reply with a good time or call {phone}. Reply STOP to opt out.",
        "hours": 0,
        "days": 1,
        "at": "10:00",
        "lateness_hours": 8,
    },
    {
        "purpose": "informational",
        "text": "{clinic} here, with our last text about your call. "
        "Reply or call {phone} any time. Reply STOP to opt out.",
        "hours": 0,
        "days": 3,
        "at": "15:00",
        "lateness_hours": 8,
    },
]


def upgrade() -> None:
    # In the order in which live transactions lock: otherwise one of them and this would wait for
    # each other for ever.
    op.execute(
        "LOCK TABLE phone, lead, call, follow_up, reminder, message, practice"
        " IN ACCESS EXCLUSIVE MODE"
    )
    op.create_table(
        "alarm",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("stops_sending", sa.Boolean(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("probed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cleared_by"], ["staff.id"], name=op.f("fk_alarm_cleared_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    op.create_index(
        "uq_alarm_open",
        "alarm",
        ["kind"],
        unique=True,
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.create_table(
        "plan_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_plan_version_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_version")),
        sa.UniqueConstraint("plan", "number", name=op.f("uq_plan_version_plan_number")),
    )
    moment = sa.DateTime(timezone=True)
    for table, column in (
        ("follow_up", sa.Column("plan_version_id", sa.BigInteger(), nullable=True)),
        ("follow_up", sa.Column("appointment_at", moment, nullable=True)),
        ("follow_up", sa.Column("paused_at", moment, nullable=True)),
        ("reminder", sa.Column("stale_at", moment, nullable=True)),
        ("reminder", sa.Column("tries", sa.Integer(), server_default="0", nullable=False)),
        ("message", sa.Column("topic", sa.Text(), nullable=True)),
        ("message", sa.Column("reminder_id", sa.BigInteger(), nullable=True)),
        ("message", sa.Column("posted_at", moment, nullable=True)),
        ("phone", sa.Column("unclear_at", moment, nullable=True)),
        ("phone", sa.Column("identified_at", moment, nullable=True)),
        ("phone", sa.Column("line_type", sa.Text(), nullable=True)),
        ("phone", sa.Column("looked_up_at", moment, nullable=True)),
        ("lead", sa.Column("appointment_confirmed_at", moment, nullable=True)),
        ("lead", sa.Column("appointment_change_asked_at", moment, nullable=True)),
        (
            "practice",
            sa.Column(
                "lookup_landlines", sa.Boolean(), server_default=sa.text("false"), nullable=False
            ),
        ),
        (
            "practice",
            sa.Column("opening_hold_minutes", sa.Integer(), server_default="0", nullable=False),
        ),
        (
            "practice",
            sa.Column(
                "texting_days",
                postgresql.JSONB(astext_type=sa.Text()),
                server_default="[0, 1, 2, 3, 4, 5]",
                nullable=False,
            ),
        ),
        ("practice", sa.Column("texting_from", sa.Time(), server_default="09:00", nullable=False)),
        ("practice", sa.Column("texting_until", sa.Time(), server_default="20:00", nullable=False)),
        (
            "practice",
            sa.Column("optout_owner", sa.Text(), server_default="twilio", nullable=False),
        ),
    ):
        op.add_column(table, column)
    op.create_foreign_key(
        op.f("fk_follow_up_plan_version_id_plan_version"),
        "follow_up",
        "plan_version",
        ["plan_version_id"],
        ["id"],
    )
    op.create_index("ix_message_reminder_id", "message", ["reminder_id"])
    op.create_index(
        "ix_message_outbox_order",
        "message",
        ["tracking_number_id", "automated", "due_at"],
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.drop_index("ix_message_outbox", "message")
    op.create_index(
        "ix_message_filtered",
        "message",
        [sa.text("md5(body)")],
        postgresql_where=sa.text("error_code = 30007"),
    )
    op.create_index(
        "ix_message_unknown",
        "message",
        ["lease_until"],
        postgresql_where=sa.text("state = 'unknown'"),
    )
    op.create_index(
        "ix_call_undecided",
        "call",
        [sa.text("coalesce(prompt_heard_at, text_asked_at)")],
        postgresql_where=sa.text("follow_up_decided_at IS NULL AND ended_at IS NULL"),
    )
    _carry_over()


def _carry_over() -> None:
    """Runs under way go on with the plan that they began with; texts know their reminders."""
    op.execute(
        sa.text(
            "WITH first AS ("
            "  INSERT INTO plan_version (plan, number, active, steps, saved_at)"
            "  SELECT 'missed_call', 0, true, CAST(:steps AS jsonb), now() RETURNING id)"
            "UPDATE follow_up SET plan_version_id = first.id FROM first"
        ).bindparams(steps=json.dumps(FIRST_MISSED_CALL))
    )
    op.execute(
        "UPDATE message SET topic = 'inquiry', reminder_id = reminder.id FROM reminder"
        " WHERE reminder.message_id = message.id"
    )
    op.execute("UPDATE message SET topic = 'inquiry' WHERE automated AND topic IS NULL")
    op.execute(
        "UPDATE reminder SET stale_at = due_at"
        " + CASE step WHEN 1 THEN interval '4 hours' ELSE interval '8 hours' END"
        " WHERE state = 'scheduled'"
    )
