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
    tables = "practice, practice_phone, staff, phone, call, lead"
    op.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
    _lead()
    _phone_and_call()
    _practice_and_staff()
    _junk()
    _claims()
    _errands_and_digests()
    _inbox()
    _outbound_calls()
    _lists()
    _scale()


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


def _errands_and_digests() -> None:
    """What staff ask of a worker, whom the day's mail has reached, and who wants the chime."""
    op.add_column(
        "staff", sa.Column("chime", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.create_table(
        "errand",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", TIME, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("begun_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("outcome", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["staff.id"], name=op.f("fk_errand_asked_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errand")),
    )
    op.create_index(
        "ix_errand_waiting", "errand", ["id"], postgresql_where=sa.text("begun_at IS NULL")
    )
    op.create_table(
        "digest_sent",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("claimed_at", TIME, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("retry_at", TIME, nullable=True),
        sa.Column("tries", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_digest_sent_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("day", "staff_id", name=op.f("pk_digest_sent")),
    )


def _inbox() -> None:
    """Reading begins now: what has been answered counts as read."""
    op.execute(
        "UPDATE lead SET texts_read_at = last_text_in_at"
        " WHERE last_text_in_at IS NOT NULL AND needs_callback_since IS NULL"
    )
    op.create_index(
        "ix_lead_unread",
        "lead",
        [sa.text("last_text_in_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text(
            "last_text_in_at IS NOT NULL AND merged_into_id IS NULL"
            " AND (texts_read_at IS NULL OR texts_read_at < last_text_in_at)"
        ),
    )
    op.create_index(
        "ix_message_written",
        "message",
        [sa.text("created_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("direction = 'inbound' OR NOT automated"),
    )
    op.create_index(
        "ix_message_undelivered",
        "message",
        [sa.text("created_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("state IN ('failed', 'undelivered')"),
    )
    op.create_table(
        "saved_reply",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["staff.id"], name=op.f("fk_saved_reply_changed_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_reply")),
    )
    op.create_table(
        "picture",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("told_type", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("fetched_at", TIME, nullable=True),
        sa.Column("fetch_attempts", sa.Integer(), nullable=False),
        sa.Column("fetch_after", TIME, nullable=True),
        sa.Column("fetch_error", sa.Text(), nullable=True),
        sa.Column("refused_why", sa.Text(), nullable=True),
        sa.Column("opened_by", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_picture_message_id_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
        sa.UniqueConstraint("message_id", "place", name=op.f("uq_picture_message_id_place")),
    )
    op.create_index(
        "ix_picture_unfetched",
        "picture",
        ["id"],
        postgresql_where=sa.text("fetched_at IS NULL AND refused_why IS NULL"),
    )
    op.create_table(
        "picture_data",
        sa.Column("picture_id", sa.BigInteger(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["picture_id"],
            ["picture.id"],
            name=op.f("fk_picture_data_picture_id_picture"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("picture_id", name=op.f("pk_picture_data")),
    )


def _claims() -> None:
    """Almost no lead is claimed at any one time: the index stays tiny."""
    op.create_index(
        "ix_lead_claimed_by_id",
        "lead",
        ["claimed_by_id"],
        postgresql_where=sa.text("claimed_by_id IS NOT NULL"),
    )


def _outbound_calls() -> None:
    """Calls back by click, placed once by a worker."""
    op.create_table(
        "outbound_call",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("phone_id", sa.BigInteger(), nullable=False),
        sa.Column("practice_phone_id", sa.Integer(), nullable=False),
        sa.Column("tracking_number_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("sid", sa.Text(), nullable=True),
        sa.Column("wanted_at", TIME, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("posted_at", TIME, nullable=True),
        sa.Column("over_at", TIME, nullable=True),
        sa.Column("waited_since", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound_call")),
        sa.UniqueConstraint("sid", name=op.f("uq_outbound_call_sid")),
    )
    for column, table in (
        ("lead_id", "lead"),
        ("phone_id", "phone"),
        ("practice_phone_id", "practice_phone"),
        ("tracking_number_id", "tracking_number"),
        ("staff_id", "staff"),
    ):
        name = op.f(f"fk_outbound_call_{column}_{table}")
        op.create_foreign_key(name, "outbound_call", table, [column], ["id"])
    op.create_index("ix_outbound_call_lead_id", "outbound_call", ["lead_id"])
    op.create_index(
        "ix_outbound_call_open",
        "outbound_call",
        ["id"],
        postgresql_where=sa.text("over_at IS NULL"),
    )


def _junk() -> None:
    """Of callers without a number: which were listened to. Of numbers: which are blocked."""
    op.add_column("call", sa.Column("heard_at", TIME, nullable=True))
    op.add_column("call", sa.Column("heard_by_id", sa.Integer(), nullable=True))
    op.create_foreign_key(
        op.f("fk_call_heard_by_id_staff"), "call", "staff", ["heard_by_id"], ["id"]
    )
    op.create_index(
        "ix_phone_blocked",
        "phone",
        ["blocked_at", "id"],
        postgresql_where=sa.text("blocked_at IS NOT NULL"),
    )
    op.create_index(
        "ix_call_withheld",
        "call",
        ["started_at", "id"],
        postgresql_where=sa.text("lead_id IS NULL AND phone_id IS NULL"),
    )
    op.create_index(
        "ix_call_dubious",
        "call",
        ["started_at", "phone_id"],
        postgresql_where=sa.text(
            "outcome IN ('missed', 'abandoned') AND (stir LIKE 'TN-Validation-Failed%' OR "
            "stir = 'TN-Validation-Passed-C' OR ended_at - started_at < interval '3 seconds')"
        ),
    )


def _lists() -> None:
    # Trusted since PostgreSQL 13: whoever owns the database may create it.
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", TIME, server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_saved_view_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
    )
    op.create_index(
        "uq_saved_view_name",
        "saved_view",
        ["staff_id", "list", sa.text("lower(name)")],
        unique=True,
    )
    op.create_table(
        "bulk_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("lead_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        *(
            sa.Column(name, sa.Integer(), server_default="0", nullable=False)
            for name in ("through", "done", "same", "refused")
        ),
        sa.Column("refusals", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("asked_at", TIME, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("begun_at", TIME, nullable=True),
        sa.Column("moved_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_bulk_change_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_change")),
    )
    _imports()
    _list_indexes()


def _imports() -> None:
    op.create_table(
        "import_batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.Column("columns", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("state", sa.Text(), server_default="choosing", nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("through", sa.Integer(), server_default="0", nullable=False),
        sa.Column("moved_at", TIME, nullable=True),
        sa.Column("applied_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_import_batch_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_index(op.f("ix_import_batch_created_at"), "import_batch", ["created_at"])
    op.create_table(
        "import_row",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("told", postgresql.JSONB(), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["import_batch.id"],
            name=op.f("fk_import_row_batch_id_import_batch"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("batch_id", "line", name=op.f("pk_import_row")),
    )
    op.create_index("ix_import_row_verdict", "import_row", ["batch_id", "verdict", "line"])


def _list_indexes() -> None:
    """On a long-lived installation these take a minute, and everybody waits for it."""
    for name, table, column, where in (
        ("ix_lead_name_letters", "lead", "name", None),
        ("ix_phone_e164_letters", "phone", "e164", None),
        ("ix_timeline_note_letters", "timeline", "text", "kind = 'note'"),
        ("ix_message_body_letters", "message", "body", "NOT automated"),
        ("ix_recording_transcript_letters", "recording", "transcript", "transcript IS NOT NULL"),
    ):
        op.create_index(
            name,
            table,
            [column],
            postgresql_using="gin",
            postgresql_ops={column: "gin_trgm_ops"},
            postgresql_where=where,
        )
    op.create_index("ix_lead_created_at", "lead", ["created_at", "id"])
    op.create_index("ix_lead_name_order", "lead", [sa.text("NULLIF(lower(name), ''::text)"), "id"])
    op.create_index("ix_lead_stage", "lead", ["stage", "last_activity_at", "id"])
    op.create_index("ix_lead_source", "lead", ["source", "last_activity_at", "id"])
    for column, where in (
        ("owner_id", "owner_id IS NOT NULL"),
        ("relation", "relation <> 'prospect'"),
    ):
        op.create_index(
            f"ix_lead_{column}",
            "lead",
            [column, "last_activity_at", "id"],
            postgresql_where=where,
        )
    op.create_index(
        "ix_lead_tags",
        "lead",
        ["tags"],
        postgresql_using="gin",
        postgresql_ops={"tags": "jsonb_path_ops"},
        postgresql_where="tags <> '[]'::jsonb",
    )
    op.create_index(
        "ix_phone_opted_out_at",
        "phone",
        ["opted_out_at"],
        postgresql_where="opted_out_at IS NOT NULL",
    )
    op.create_index("ix_call_outcome", "call", ["outcome", "started_at", "id"])
    op.create_index(
        "ix_call_tracking_number_id", "call", ["tracking_number_id", "started_at", "id"]
    )
    op.create_index(
        "ix_call_talk_seconds",
        "call",
        [sa.text("talk_seconds DESC"), sa.text("id DESC")],
        postgresql_where="talk_seconds IS NOT NULL",
    )
    op.create_index(
        "ix_call_outbound",
        "call",
        ["started_at", "id"],
        postgresql_where="direction = 'outbound'",
    )
    op.create_index(
        "ix_call_leg_accepted",
        "call_leg",
        ["practice_phone_id", "call_sid"],
        postgresql_where="accepted_at IS NOT NULL",
    )


def _scale() -> None:
    """What pages read of long tables that no list sorts or filters by."""
    op.create_index("ix_follow_up_started_at", "follow_up", ["started_at", "id"])
    op.create_index(
        "ix_message_automated", "message", ["created_at"], postgresql_where=sa.text("automated")
    )
    op.create_index(
        "ix_phone_unclear",
        "phone",
        ["id"],
        postgresql_where=sa.text("unclear_at IS NOT NULL"),
    )
    op.create_index(
        "ix_lead_merged_into_id",
        "lead",
        ["merged_into_id"],
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
