"""What allows us to text, what happened to a lead, and who did what: written once."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from leads import Practice, audit, db
from tests.conftest import TUESDAY_TEN
from tests.leads.test_missed_call import MARIA, heard


@pytest.fixture(autouse=True)
def rows(session: Session, practice: Practice) -> None:
    """One or more in each."""
    assert practice
    call = heard(session, MARIA, TUESDAY_TEN)
    audit.record(session, "lead_seen", lead_id=call.lead_id)
    session.flush()


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("consent", "UPDATE consent SET basis = 'form'"),
        ("consent", "DELETE FROM consent"),
        ("timeline", "UPDATE timeline SET text = 'Nothing happened.'"),
        ("timeline", "UPDATE timeline SET at = now(), lead_id = lead_id"),
        ("timeline", "DELETE FROM timeline"),
        ("audit", "UPDATE audit SET action = 'nothing'"),
        ("audit", "DELETE FROM audit WHERE staff_id IS NULL"),
    ],
)
def test_a_line_is_neither_changed_nor_deleted(session: Session, table: str, change: str) -> None:
    lines = select(db.Base.metadata.tables[table])
    kept = session.execute(lines).all()
    assert kept
    with pytest.raises(IntegrityError, match=f"{table} is append-only"), session.begin_nested():
        session.execute(text(change))
    assert session.execute(lines).all() == kept


def test_lines_of_the_timeline_move_with_their_lead(session: Session) -> None:
    moved = session.execute(text("UPDATE timeline SET lead_id = lead_id, facts = '{}'"))
    assert moved.rowcount > 0  # type: ignore[attr-defined] # of an UPDATE, the rows that it changed
