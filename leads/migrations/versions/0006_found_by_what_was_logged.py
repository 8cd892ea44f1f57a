"""what was logged by hand is searched like a note; who wants no texts is an index by phone

Safe with the version before: the search asks there for notes alone, which the new index has as
well, and its filter of who wants no texts needs an index of those phones, whatever it is by.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_timeline_written_letters",
        "timeline",
        ["text"],
        postgresql_using="gin",
        postgresql_ops={"text": "gin_trgm_ops"},
        postgresql_where="kind IN ('note', 'logged')",
    )
    op.drop_index("ix_timeline_note_letters", "timeline")
    op.create_index(
        "ix_phone_opted_out", "phone", ["id"], postgresql_where="opted_out_at IS NOT NULL"
    )
    op.drop_index("ix_phone_opted_out_at", "phone")
