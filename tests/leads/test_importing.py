"""Contact lists, from every program and in every state."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from leads import contact_list, db, desk, details, export, import_apply, importing
from leads.consent import Consent
from leads.contact_list import Unreadable
from leads.demo.telephone import Telephone
from leads.follow_up import FollowUp
from leads.importing import ImportBatch, ImportRow
from leads.lead import Lead
from leads.lead_filter import LeadFilter
from leads.phone import LeadPhone, Phone
from leads.spreadsheet import lines
from leads.staff import Staff
from leads.timeline import TimelineEntry
from tests.browser import people
from tests.conftest import TUESDAY_TEN
from workers import tasks

NEW = "+12065550201"


@pytest.fixture
def clinic(morning: str) -> Iterator[int]:
    """The morning of the named people, committed; Rosa's id."""
    assert morning
    with db.transaction() as session:
        yield session.scalars(select(Staff.id).where(Staff.email == people.RECEPTIONIST)).one()


def uploaded(staff_id: int, data: bytes, **columns: int) -> int:
    """The list is kept, its columns are chosen or guessed, and every row is judged."""
    with db.transaction() as session:
        batch = importing.keep(session, staff_id, "contacts.csv", data)
        importing.choose(session, batch, columns or batch.columns)
        batch_id, found = batch.id, contact_list.read(data)
    while True:
        with db.transaction() as session:
            if not importing.judge_some(session, batch_id, found):
                return batch_id


def applied(batch_id: int) -> dict[str, int]:
    with db.transaction() as session:
        importing.begin(session, session.get_one(ImportBatch, batch_id), "203.0.113.9")
    while import_apply.step(batch_id):
        pass
    with db.transaction() as session:
        return importing.outcomes(session, batch_id)


def verdicts(batch_id: int) -> list[tuple[str, str]]:
    with db.transaction() as session:
        rows = session.scalars(
            select(ImportRow).where(ImportRow.batch_id == batch_id).order_by(ImportRow.line)
        )
        return [(row.verdict, row.why) for row in rows]


def person(e164: str) -> Lead:
    with db.transaction() as session:
        return Telephone(session).lead(e164)


def test_each_row_is_new_changed_unchanged_or_refused_with_the_reason(clinic: int) -> None:
    told = (
        "Name,Phone,Relation,Tags\r\n"
        "Nora Quist,206-555-0201,patient,massage\r\n"
        "Maria Alvarez,(206) 555-0142,,\r\n"
        "Linh Q. Tran,2065550151,,vip\r\n"
        "Nobody,12,,\r\n"
        ",,patient,\r\n"
        "The clinic,+14254379974,,\r\n"
        "Nora Quist,2065550201,patient,massage\r\n"
        "Her sister,2065550201,,\r\n"
    )
    batch_id = uploaded(clinic, told.encode())
    assert [verdict for verdict, _ in verdicts(batch_id)] == [
        *("new", "same", "changed", "refused", "refused", "refused", "same", "refused")
    ]
    assert verdicts(batch_id)[5][1] == "425-437-9974 is the clinic's own."
    assert verdicts(batch_id)[7][1] == "Line 2 has the same number."
    with db.transaction() as session:
        row = session.get_one(ImportRow, (batch_id, 4))
        assert row.changes == [["name", "Linh Tran", "Linh Q. Tran"], ["tags", "", "vip"]]
        assert session.scalars(select(Lead).where(Lead.name == "Nora Quist")).all() == []
    assert applied(batch_id) == {"new": 1, "changed": 1}
    assert (person(NEW).name, person(NEW).relation) == ("Nora Quist", "patient")
    assert (person(people.LINH).name, person(people.LINH).tags) == ("Linh Q. Tran", ["vip"])


def test_an_import_gives_no_consent_starts_nothing_and_puts_nobody_on_the_list(clinic: int) -> None:
    def papers() -> list[int]:
        with db.transaction() as session:
            return [
                session.scalars(select(func.count()).select_from(each)).one()
                for each in (Consent, FollowUp)
            ]

    before = papers()
    assert applied(uploaded(clinic, b"Name,Phone\nNora,2065550201\n")) == {"new": 1}
    assert papers() == before
    assert person(NEW).needs_callback_since is None
    with db.transaction() as session:
        kinds = session.scalars(
            select(TimelineEntry.kind).where(TimelineEntry.lead_id == person(NEW).id)
        ).all()
    assert kinds == ["lead_created"]


def test_a_list_may_say_that_somebody_wants_no_texts(clinic: int) -> None:
    applied(uploaded(clinic, b"Phone,Do not text\n2065550201,yes\n2065550142,X\n2535550177,no\n"))
    for e164, stopped in ((NEW, True), (people.MARIA, True), (people.PRIYA, False)):
        with db.transaction() as session:
            phone = Phone.of(session, e164)
            assert (phone.opted_out_at is not None) == stopped


def test_a_no_to_texts_counts_though_its_row_is_refused(clinic: int) -> None:
    with db.transaction() as session:
        maria = Telephone(session).lead(people.MARIA)
        details.keep_confidential(session, maria, clinic, TUESDAY_TEN, confidential=True)
    told = (
        "Name,Phone,Stage,Value,Do not text\n"
        "Nora,2065550201,,,\n"
        "Her sister,2065550201,,,yes\n"
        "Mia,2065550142,,,yes\n"
        "Otto,2065550202,asleep,,yes\n"
        "Derek,4255550119,,,no\n"
        "Nobody,12,,,yes\n"
    )
    batch_id = uploaded(clinic, told.encode())
    kept = " Their number is still kept as do not text."
    assert [(verdict, why.endswith(kept)) for verdict, why in verdicts(batch_id)] == [
        *(("new", False), ("refused", True), ("refused", True), ("refused", True)),
        *(("changed", False), ("refused", False)),
    ]
    with db.transaction() as session:
        assert importing.refused_noes(session, batch_id) == 3
    assert applied(batch_id) == {"new": 1, "changed": 1, "no_texts": 3}
    with db.transaction() as session:
        for e164, how in ((NEW, "staff"), (people.MARIA, "staff"), ("+12065550202", "staff")):
            phone = session.scalars(select(Phone).where(Phone.e164 == e164)).one()
            assert phone.opted_out_how == how
        assert Phone.of(session, people.DEREK).opted_out_at is None
        evidence = select(Consent.evidence).where(Consent.kind == "revoked")
        assert session.scalars(evidence).all() == [f"staff:{clinic}"] * 3
        assert session.get_one(ImportBatch, batch_id).through == 2


def test_a_no_to_texts_counts_though_its_row_is_refused_when_it_is_written(clinic: int) -> None:
    batch_id = uploaded(clinic, b"Name,Phone,Do not text\nNora,2065550201,yes\n")
    with db.transaction() as session:
        lead = Lead(created_at=TUESDAY_TEN, last_activity_at=TUESDAY_TEN, name="Her sister")
        phone = Phone.of(session, NEW)
        session.add(lead)
        session.flush()
        session.add(LeadPhone(lead_id=lead.id, phone_id=phone.id))
        details.keep_confidential(session, lead, clinic, TUESDAY_TEN, confidential=True)
    assert applied(batch_id) == {"refused": 1}
    with db.transaction() as session:
        assert Phone.of(session, NEW).opted_out_how == "staff"
    assert "kept as do not text" in verdicts(batch_id)[0][1]


def test_what_the_desk_refuses_of_a_row_takes_no_no_to_texts_with_it(clinic: int) -> None:
    with db.transaction() as session:
        maria = Telephone(session).lead(people.MARIA)
        desk.book(session, maria, clinic, people.NOW, people.NOW + timedelta(days=2))
    batch_id = uploaded(clinic, b"Phone,Stage,Do not text\n2065550142,new,yes\n")
    assert applied(batch_id) == {"refused": 1}
    ((_, why),) = verdicts(batch_id)
    assert "appointment ahead" in why
    assert why.endswith("Their number is still kept as do not text.")
    with db.transaction() as session:
        assert Phone.of(session, people.MARIA).opted_out_how == "staff"


def test_a_value_past_all_reason_is_refused(clinic: int) -> None:
    told = b"Name,Phone,Value\nNora,2065550201,123456789\nNils,2065550202,1000000\n"
    batch_id = uploaded(clinic, told)
    assert verdicts(batch_id) == [("refused", "The value is more than $1,000,000."), ("new", "")]
    assert applied(batch_id) == {"new": 1}


def test_a_row_that_the_database_refuses_holds_up_no_other(
    clinic: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = b"Name,Phone,Value,Do not text\nNora,2065550201,99999999,x\nNils,2065550202,5,\n"
    monkeypatch.setattr(details, "MOST_CENTS", 10**12)
    batch_id = uploaded(clinic, told)
    assert applied(batch_id) == {"refused": 1, "new": 1}
    assert "too large" in verdicts(batch_id)[0][1]
    assert person("+12065550202").name == "Nils"
    with db.transaction() as session:
        assert Phone.of(session, NEW).opted_out_how == "staff"


def test_two_dashboards_that_go_on_with_one_list_write_each_row_once(
    clinic: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = uploaded(clinic, b"Name,Phone\nNora,2065550201\nNils,2065550202\n")
    monkeypatch.setattr(import_apply, "ROWS", 1)
    turns = count()

    @contextmanager
    def overtaken() -> Iterator[Session]:
        if next(turns) == 1:  # the other dashboard, between the two transactions of this one
            assert import_apply.step(batch_id)
        with db.transaction() as session:
            yield session

    monkeypatch.setattr(import_apply, "transaction", overtaken)
    assert applied(batch_id) == {"new": 2}
    with db.transaction() as session:
        names = select(Lead.name).where(Lead.source == "import").order_by(Lead.id)
        assert session.scalars(names).all() == ["Nora", "Nils"]


def test_who_called_between_preview_and_yes_is_judged_anew(clinic: int) -> None:
    batch_id = uploaded(clinic, b"Name,Phone\nNora,2065550201\n")
    with db.transaction() as session:
        Telephone(session).miss(NEW, people.NOW)
    assert applied(batch_id) == {"changed": 1}
    assert person(NEW).name == "Nora"
    assert person(NEW).needs_callback_since is not None


def test_shared_numbers_and_confidential_people_are_changed_by_hand_alone(clinic: int) -> None:
    with db.transaction() as session:
        maria = Telephone(session).lead(people.MARIA)
        details.keep_confidential(session, maria, clinic, TUESDAY_TEN, confidential=True)
        derek = Telephone(session).lead(people.DEREK)
        other = Lead(name="Dina", created_at=TUESDAY_TEN, last_activity_at=TUESDAY_TEN)
        session.add(other)
        session.flush()
        phone = derek.phone
        assert phone is not None
        session.add(LeadPhone(lead_id=other.id, phone_id=phone.id, main=False))
    told = b"Name,Phone,Tags\nMia,2065550142,\nSomebody,4255550119,\nDina,4255550119,vip\n"
    batch_id = uploaded(clinic, told)
    assert [verdict for verdict, _ in verdicts(batch_id)] == ["refused", "refused", "changed"]
    assert "Alvarez" not in str(verdicts(batch_id))


def test_our_own_export_imports_as_unchanged(clinic: int) -> None:
    with db.transaction() as session:
        maria = Telephone(session).lead(people.MARIA)
        details.tag(session, maria, clinic, TUESDAY_TEN, ["a b", "c"])
        details.price(session, maria, clinic, TUESDAY_TEN, 9900)
        details.assign(session, maria, clinic, TUESDAY_TEN, clinic)
        details.keep_confidential(
            session, Telephone(session).lead(people.PRIYA), clinic, TUESDAY_TEN, confidential=True
        )
    with db.transaction() as session:
        told = "".join(export.leads(session, LeadFilter()))
    batch_id = uploaded(clinic, told.encode())
    assert {verdict for verdict, _ in verdicts(batch_id)} == {"same"}


NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]) | st.sampled_from("=+-@'\";,"),
    max_size=60,
).map(lambda name: " ".join(name.split()))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(NAMES, min_size=1, max_size=8), st.data())
def test_whatever_they_are_called_the_export_imports_unchanged(
    session: Session, called: list[str], data: st.DataObject
) -> None:
    with session.begin_nested() as attempt:
        numbers = []
        for number, name in enumerate(called):
            phone = Phone.of(session, f"+1206555{3000 + number}")
            lead = Lead(
                name=name,
                stage=data.draw(st.sampled_from(details.STAGES)),
                source=data.draw(NAMES.filter(lambda text: len(text) <= 60)),
                value_cents=data.draw(st.none() | st.integers(0, 10**8)),
                created_at=TUESDAY_TEN,
                last_activity_at=TUESDAY_TEN,
            )
            session.add(lead)
            session.flush()
            session.add(LeadPhone(lead_id=lead.id, phone_id=phone.id))
            numbers.append(phone.e164)
        session.flush()
        told = "".join(export.leads(session, LeadFilter()))
        found = contact_list.read(told.encode())
        columns = contact_list.guess(found)
        from leads.import_row import Known, judge, told_by

        rows = [told_by(cells, columns) for _, cells in found.rows]
        known = Known.of(session, rows)
        judged = [judge(row, known) for row in rows]
        assert [each.verdict for each in judged] == ["same"] * len(called), judged
        attempt.rollback()


LIST = "Name,Phone\r\nZoë Äkerblöm,2065550201\r\n"


@pytest.mark.parametrize(
    "data",
    [
        LIST.encode(),
        LIST.encode("utf-8-sig"),
        LIST.encode("utf-16"),
        LIST.encode("cp1252"),
        LIST.replace("\r\n", "\n").encode(),
        LIST.replace("\r\n", "\r").encode(),
        LIST.replace(",", ";").encode(),
        LIST.replace(",", "\t").encode(),
        lines([["Name", "Phone"], ["Zoë Äkerblöm", "+12065550201"]]).encode(),
        "Zoë Äkerblöm,206 555 0201\n".encode(),
        "Mobile,First,Last\n206.555.0201,Zoë,Äkerblöm\n\n,,\n".encode(),
    ],
)
def test_any_program_writes_a_list_that_is_read(data: bytes) -> None:
    from leads.import_row import told_by

    found = contact_list.read(data)
    columns = contact_list.guess(found)
    columns = columns if {"name", "first_name"} & columns.keys() else {**columns, "name": 0}
    (row,) = [told_by(cells, columns) for _, cells in found.rows]
    assert row == {"phone": NEW, "name": "Zoë Äkerblöm"}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"  \r\n", "empty"),
        (b"Name,Phone\n", "no rows"),
        (b"PK\x03\x04rest", "workbook"),
        (b"Name\x00,Phone\n", "no text file"),
        (b'Name,Phone\n"Nora,2065550201\nMaria,2065550142\n', "begins in line 2"),
        (b'Name,Phone\nA,2065550201\n"B"x,2065550202\n', "begins in line 3"),
        (b"a," * 80 + b"\n", "81 columns"),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(data: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        contact_list.read(data)


def test_lists_are_forgotten_after_seven_days_step_by_step(
    clinic: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = uploaded(clinic, b"Name,Phone\nNora,2065550201\nNils,2065550202\nN,2065550203\n")
    with db.transaction() as session:
        session.execute(text("UPDATE import_batch SET created_at = created_at - interval '8 days'"))
    monkeypatch.setattr(importing, "ROWS_FORGOTTEN", 2)
    steps: list[int] = []

    def told(_: object, cursor: Any, statement: str, *__: object) -> None:
        if statement.startswith("DELETE FROM import_row"):
            steps.append(cursor.rowcount)

    event.listen(db.engine(), "after_cursor_execute", told)
    importing.forget()
    assert steps == [2, 1]
    with db.transaction() as session:
        assert session.get(ImportBatch, batch_id) is None
        assert session.scalars(select(ImportRow)).all() == []


def test_lists_are_forgotten_though_nobody_opens_the_page(clinic: int) -> None:
    young = uploaded(clinic, b"Name,Phone\nNora,2065550201\n")
    old = uploaded(clinic, b"Name,Phone\nNora,2065550201\n")
    with db.transaction() as session:
        batch = session.get_one(ImportBatch, old)
        batch.created_at -= importing.KEPT + timedelta(minutes=1)
    tasks.send_digest()
    with db.transaction() as session:
        assert session.scalars(select(ImportRow.batch_id)).all() == [young]
        assert session.scalars(select(ImportBatch.id)).all() == [young]


def test_a_hundred_thousand_rows_are_read() -> None:
    rows = [["Name", "Phone"]]
    rows += [[f"Person {n}", f"206{2000000 + n}"] for n in range(100_000)]
    found = contact_list.read(lines(rows).encode())
    assert len(found.rows) == 100_000
    assert contact_list.guess(found) == {"name": 0, "phone": 1}
