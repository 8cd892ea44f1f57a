"""the desk: claims, snoozes, tags, blocked phones, in which order phones ring

Safe with the version before: every column may be empty or has a default.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    # In the order in which live transactions lock; no row is written anew.
    op.execute("LOCK TABLE phone, call, lead IN ACCESS EXCLUSIVE MODE")
    _lead()
    _phone_and_call()
    _practice_and_staff()


def _lead() -> None:
    op.add_column("lead", sa.Column("claimed_by_id", sa.Integer(), nullable=True))
    op.add_column("lead", sa.Column("claimed_until", TIME, nullable=True))
    op.add_column("lead", sa.Column("snoozed_until", TIME, nullable=True))
    op.add_column("lead", sa.Column("texts_read_at", TIME, nullable=True))
    op.add_column("lead", sa.Column("confidential_at", TIME, nullable=True))
    op.add_column("lead", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "lead", sa.Column("tags", postgresql.JSONB(), server_default="[]", nullable=False)
    )
    op.create_foreign_key(
        op.f("fk_lead_claimed_by_id_staff"), "lead", "staff", ["claimed_by_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_lead_merged_into_id_lead"), "lead", "lead", ["merged_into_id"], ["id"]
    )


def _phone_and_call() -> None:
    op.add_column("phone", sa.Column("blocked_at", TIME, nullable=True))
    op.add_column("phone", sa.Column("blocked_by_id", sa.Integer(), nullable=True))
    op.add_column("phone", sa.Column("blocked_why", sa.Text(), nullable=True))
    op.create_foreign_key(
        op.f("fk_phone_blocked_by_id_staff"), "phone", "staff", ["blocked_by_id"], ["id"]
    )
    op.add_column("call", sa.Column("stir", sa.Text(), nullable=True))
    op.add_column("call", sa.Column("staff_id", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_call_staff_id_staff"), "call", "staff", ["staff_id"], ["id"])


def _practice_and_staff() -> None:
    op.add_column(
        "practice", sa.Column("ring_order", sa.Text(), server_default="together", nullable=False)
    )
    for greeting in ("greeting_open", "greeting_missed", "greeting_closed", "greeting_voicemail"):
        op.add_column("practice", sa.Column(greeting, sa.Text(), server_default="", nullable=False))
    op.add_column(
        "practice_phone", sa.Column("position", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("staff", sa.Column("rings_on_id", sa.Integer(), nullable=True))
    op.add_column(
        "staff", sa.Column("digest", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_foreign_key(
        op.f("fk_staff_rings_on_id_practice_phone"),
        "staff",
        "practice_phone",
        ["rings_on_id"],
        ["id"],
    )
