"""signs of life, outages, reconciliations, and what was alerted

Safe with the version before: everything is new, may be empty or has a default.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In the order in which live transactions lock: otherwise one of them and this would wait for
    # each other for ever. No row is written anew.
    op.execute("LOCK TABLE webhook_event, call, reminder, message, alarm IN ACCESS EXCLUSIVE MODE")
    time = sa.DateTime(timezone=True)
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("spooled", sa.Integer(), server_default="0", nullable=False),
        sa.Column("oldest_spooled_at", time, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "outage",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("began_at", time, nullable=False),
        sa.Column("ended_at", time, nullable=False),
        sa.Column("reconciled_at", time, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
    )
    op.create_index(
        "ix_outage_open",
        "outage",
        ["began_at"],
        postgresql_where=sa.text("reconciled_at IS NULL"),
    )
    op.create_table(
        "reconciliation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("began_at", time, nullable=False),
        sa.Column("finished_at", time, nullable=True),
        sa.Column("since", time, nullable=False),
        sa.Column("until", time, nullable=False),
        sa.Column("found", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation")),
    )
    op.add_column("alarm", sa.Column("alerted_at", time, nullable=True))
    op.add_column("alarm", sa.Column("recovery_alerted_at", time, nullable=True))
    op.add_column("call", sa.Column("needs_review_at", time, nullable=True))
    op.add_column("reminder", sa.Column("waits_since", time, nullable=True))
    op.add_column(
        "webhook_event",
        sa.Column("came_by", sa.Text(), server_default="webhook", nullable=False),
    )
    op.add_column("webhook_event", sa.Column("replayed_at", time, nullable=True))
    op.create_index(
        "ix_webhook_event_owed",
        "webhook_event",
        ["received_at"],
        postgresql_where=sa.text("error IS NOT NULL"),
    )
    op.create_index(
        "ix_message_unreported",
        "message",
        ["sent_at"],
        postgresql_where=sa.text("state = 'sent'"),
    )
