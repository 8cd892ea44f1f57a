"""consent, timeline and audit are append-only in the database, too

Safe with the version before: it changes none of these rows either. A merge, a split and their
undoing move lines of the timeline to another lead and mark them; what a line says stays.
Emptying a trial truncates, which is not what this is for. Whatever is to forget people one day
has to say so here first.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

REFUSED = """
CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: nothing was changed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""
KEPT = {
    "consent": "UPDATE OR DELETE",
    "timeline": "UPDATE OF at, kind, text OR DELETE",
    "audit": "UPDATE OR DELETE",
}


def upgrade() -> None:
    op.execute(f"LOCK TABLE {', '.join(KEPT)} IN SHARE ROW EXCLUSIVE MODE")
    op.execute(REFUSED)
    for table, changes in KEPT.items():
        op.execute(
            f"CREATE TRIGGER append_only BEFORE {changes} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
