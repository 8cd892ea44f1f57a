"""What leaves as CSV runs nowhere as a formula, and comes back as it was."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import desk, details, export
from leads.call_filter import CallFilter
from leads.contact_list import read
from leads.demo.telephone import Telephone
from leads.lead import Lead
from leads.lead_filter import LeadFilter
from leads.spreadsheet import FORMULA, guarded, lines, unguarded
from tests.browser import people
from tests.conftest import TUESDAY_TEN

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
DANGEROUS = st.builds(
    "".join,
    st.tuples(st.text(f"{FORMULA}'", max_size=3), st.sampled_from(["1+1", "cmd|' /C'", ""])),
)


@given(CELLS | DANGEROUS)
def test_no_cell_begins_as_a_formula_and_each_comes_back_as_it_was(cell: str) -> None:
    written = guarded(cell)
    assert written[:1] not in {*FORMULA}
    assert unguarded(written) == cell


@given(st.lists(st.lists(CELLS | DANGEROUS, min_size=2, max_size=4), min_size=1, max_size=5))
def test_a_written_table_reads_the_same_in_any_reader_of_csv(rows: list[list[str]]) -> None:
    back = csv.reader(io.StringIO(lines(rows), newline=""), strict=True)
    assert [[unguarded(cell) for cell in row] for row in back] == rows


def test_what_a_person_typed_with_an_apostrophe_stays() -> None:
    for cell in ("O'Brien", "'t Hooft", "'", ""):
        assert unguarded(cell) == cell


def written(session: Session, **chosen: str) -> list[dict[str, str]]:
    told = "".join(export.leads(session, LeadFilter.read(chosen.items())))
    assert told.startswith("\ufeff")
    found = read(told.encode())
    return [dict(zip(found.headings, cells, strict=True)) for _, cells in found.rows]


def test_the_export_has_who_fits_and_what_is_known_of_them(morning: str, session: Session) -> None:
    assert morning
    lead = Telephone(session).lead(people.MARIA)
    details.tag(session, lead, None, TUESDAY_TEN, ["massage", "evenings"])
    details.price(session, lead, None, TUESDAY_TEN, 12050)
    desk.no_more_texts(session, lead, None, TUESDAY_TEN)
    session.flush()
    (maria,) = written(session, q="maria")
    assert maria["Phone"] == people.MARIA
    assert (maria["Name"], maria["Tags"]) == ("Maria Alvarez", "massage; evenings")
    assert (maria["Value"], maria["Do not text"]) == ("120.50", "yes")
    assert maria["Needs a call since"].startswith("2026-12-01 10:")
    everybody = written(session)
    assert len(everybody) == len(session.scalars(select(Lead.id)).all())


def test_a_confidential_person_has_no_name_number_or_tag_in_the_export(
    morning: str, session: Session
) -> None:
    assert morning
    lead = Telephone(session).lead(people.MARIA)
    details.tag(session, lead, None, TUESDAY_TEN, ["secret word"])
    details.keep_confidential(session, lead, None, TUESDAY_TEN, confidential=True)
    session.flush()
    told = "".join(export.leads(session, LeadFilter()))
    calls = "".join(export.calls(session, CallFilter()))
    for word in ("Alvarez", people.MARIA, "2065550142", "secret word"):
        assert word not in told
        assert word not in calls
    assert "Confidential" in told


def test_calls_are_exported_with_outcome_length_and_who_answered(
    morning: str, session: Session
) -> None:
    assert morning
    told = "".join(export.calls(session, CallFilter.read([("outcome", "answered")])))
    rows = list(csv.DictReader(io.StringIO(told.removeprefix("\ufeff"))))
    assert {row["Outcome"] for row in rows} == {"answered"}
    linh = next(row for row in rows if row["Name"] == "Linh Tran")
    assert (linh["Seconds"], linh["Direction"]) == ("214", "inbound")
    assert linh["When"] == "2026-11-25 11:05"
