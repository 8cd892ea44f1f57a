"""Our own export imports as unchanged, whoever and whatever is in it."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from leads import contact_list, db, export, merge, opt_out, tag
from leads.import_row import Known, judge, told_by
from leads.importing import ImportRow
from leads.lead import Lead
from leads.lead_filter import LeadFilter
from leads.phone import LeadPhone, Phone
from leads.practice import PracticePhone
from leads.staff import Staff
from leads.tracking_number import TrackingNumber, source_of
from tests.conftest import TUESDAY_TEN
from tests.leads.test_importing import applied, clinic, uploaded, verdicts

__all__ = ["clinic"]
NUMBER, SECOND, UNLISTED = "+12065550301", "+12065550302", "+14255990123"
LONG = "The page about necks and backs, third from the top, in the language of our grandmothers"


def made(session: Session, *numbers: str, **fields: object) -> Lead:
    lead = Lead(created_at=TUESDAY_TEN, last_activity_at=TUESDAY_TEN, **fields)
    session.add(lead)
    session.flush()
    for place, number in enumerate(numbers):
        phone = Phone.of(session, number)
        session.add(LeadPhone(lead_id=lead.id, phone_id=phone.id, main=place == 0))
    session.flush()
    session.expire(lead, ["phones"])
    return lead


def who_left(session: Session) -> None:
    gone = Staff(email="Left@Example.com", role="front_desk", disabled_at=TUESDAY_TEN)
    session.add(gone)
    session.flush()
    made(session, NUMBER, name="Ada", owner_id=gone.id)


def who_sees_reports_alone(session: Session) -> None:
    moved = Staff(email="ads@example.com", name="Max", role="marketing")
    session.add(moved)
    session.flush()
    made(session, NUMBER, name="Ada", owner_id=moved.id)


def whose_second_phone_said_stop(session: Session) -> None:
    lead = made(session, NUMBER, SECOND, name="Ada")
    opt_out.record(session, lead.phones[1].id, TUESDAY_TEN, "text", "SM1")


def whose_first_phone_said_stop(session: Session) -> None:
    lead = made(session, NUMBER, SECOND, name="Ada")
    opt_out.record(session, lead.phones[0].id, TUESDAY_TEN, "text", "SM1")


def of_a_number_with_a_long_name(session: Session) -> None:
    made(session, NUMBER, name="Ada", source=source_of(LONG))


def of_a_source_beyond_all_measure(session: Session) -> None:
    made(session, NUMBER, name="Ada", source="x" * 300)


def of_an_exchange_that_no_plan_knows(session: Session) -> None:
    made(session, "+15555550123", name="Ada")


def of_a_short_number(session: Session) -> None:
    made(session, "+1911", name="Ada")


def whose_number_became_ours(session: Session) -> None:
    made(session, NUMBER, name="Ada")
    session.add(TrackingNumber(e164=NUMBER, label="Desk", source="d", retired_at=TUESDAY_TEN))
    session.add(PracticePhone(e164=NUMBER, label="Desk", kind="desk", ring_seconds=20))


def merged_with_more_tags_than_may_be_typed(session: Session) -> None:
    kept = made(session, NUMBER, name="Ada", tags=[f"a{n}" for n in range(tag.MOST)])
    gone = made(session, SECOND, name="Ada", tags=[f"b{n}" for n in range(tag.MOST)])
    merge.merge(session, kept, gone, None, TUESDAY_TEN)


def named_by_another_way(session: Session) -> None:
    made(session, NUMBER, name="Ada  \u2028 Lovelace " + "x" * 300, source=" a  b ")


def who_share_a_phone(session: Session) -> None:
    made(session, NUMBER, name="Ada")
    made(session, NUMBER, name="Ada", stage="lost")
    made(session, SECOND, NUMBER, name="Bea")


def without_a_phone(session: Session) -> None:
    made(session, name="Ada", stage="contacted", source="x" * 300)
    made(session)


def who_is_confidential(session: Session) -> None:
    gone = Staff(email="left@example.com", role="front_desk", disabled_at=TUESDAY_TEN)
    session.add(gone)
    session.flush()
    lead = made(
        session, NUMBER, name="Ada", owner_id=gone.id, confidential_at=TUESDAY_TEN, source="x" * 300
    )
    opt_out.record(session, lead.phones[0].id, TUESDAY_TEN, "text", "SM1")


KINDS = (
    *(who_left, who_sees_reports_alone, whose_second_phone_said_stop, whose_first_phone_said_stop),
    *(of_a_number_with_a_long_name, of_a_source_beyond_all_measure, who_is_confidential),
    *(of_an_exchange_that_no_plan_knows, of_a_short_number, whose_number_became_ours),
    *(merged_with_more_tags_than_may_be_typed, named_by_another_way, who_share_a_phone),
    without_a_phone,
)


@pytest.mark.parametrize("kind", KINDS)
def test_the_export_imports_unchanged_with_somebody(
    clinic: int, kind: Callable[[Session], None]
) -> None:
    with db.transaction() as session:
        kind(session)
    batch_id = uploaded(clinic, exported().encode())
    assert [row for row in verdicts(batch_id) if row[0] != "same"] == []


def exported() -> str:
    with db.transaction() as session:
        return "".join(export.leads(session, LeadFilter()))


OWNERS = st.sampled_from([None, "desk", "left", "marketing"])
NUMBERS = st.lists(st.integers(0, 4), unique=True, max_size=3)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            OWNERS, NUMBERS, st.integers(0, 130), st.booleans(), st.integers(0, 30), st.booleans()
        ),
        min_size=1,
        max_size=6,
    ),
    st.sets(st.integers(0, 4)),
    st.sets(st.integers(0, 4)),
)
def test_however_these_come_together_the_export_imports_unchanged(
    session: Session,
    people: list[tuple[str | None, list[int], int, bool, int, bool]],
    stopped: set[int],
    ours: set[int],
) -> None:
    numbers = [NUMBER, SECOND, UNLISTED, "+15555550123", "+1911"]
    with session.begin_nested() as attempt:
        staff = {
            "desk": Staff(email="d@example.com", role="front_desk"),
            "left": Staff(email="l@example.com", role="admin", disabled_at=TUESDAY_TEN),
            "marketing": Staff(email="m@example.com", role="marketing"),
        }
        session.add_all(staff.values())
        session.flush()
        for owner, places, source, confidential, tags, named in people:
            made(
                session,
                *(numbers[place] for place in places),
                name="Ada" if named else "",
                source="s" * source,
                owner_id=staff[owner].id if owner else None,
                tags=[f"t{n}" for n in range(tags)],
                confidential_at=TUESDAY_TEN if confidential else None,
            )
        for place in stopped:
            phone = Phone.of(session, numbers[place])
            opt_out.record(session, phone.id, TUESDAY_TEN, "text", "SM1")
        for place in ours:
            session.add(TrackingNumber(e164=numbers[place], label=f"N{place}", source="n"))
        session.flush()
        session.expire_all()
        found = contact_list.read("".join(export.leads(session, LeadFilter())).encode())
        columns = contact_list.guess(found)
        rows = [told_by(cells, columns) for _, cells in found.rows]
        known = Known.of(session, rows)
        judged = [judge(row, known) for row in rows]
        attempt.rollback()
    assert {each.verdict for each in judged} == {"same"}, judged


def rewritten(before: str, after: str) -> bytes:
    told = exported()
    assert told.count(before) == 1
    return told.replace(before, after).encode()


def test_what_was_changed_in_the_exported_table_is_changed_and_no_more(clinic: int) -> None:
    with db.transaction() as session:
        who_left(session)
        lead = session.scalars(select(Lead).where(Lead.name == "Ada")).one()
        lead.source, lead_id = "y" * 300, lead.id
        phone = Phone.of(session, "+15555550123")
        session.execute(delete(LeadPhone).where(LeadPhone.lead_id == lead_id))
        session.add(LeadPhone(lead_id=lead_id, phone_id=phone.id))
    batch_id = uploaded(clinic, rewritten('"Ada","new"', '"Ada B.","contacted"'))
    assert applied(batch_id) == {"changed": 1}
    with db.transaction() as session:
        lead = session.get_one(Lead, lead_id)
        assert (lead.name, lead.stage, lead.source) == ("Ada B.", "contacted", "y" * 300)
        assert lead.owner is not None
        assert lead.owner.email == "Left@Example.com"


@pytest.mark.parametrize(
    ("kind", "before", "after", "why"),
    [
        (who_left, "Left@Example.com", "right@example.com", "Nobody at the desk is"),
        (of_a_source_beyond_all_measure, "x" * 300, "z" * 300, "The source is longer"),
        (of_a_short_number, "+1911", "+1912", "is no telephone number"),
        (without_a_phone, '"Ada","contacted"', '"Ada","lost"', "no telephone number"),
        (who_is_confidential, '"Confidential","new"', '"Confidential","lost"', "on their own page"),
    ],
)
def test_what_cannot_be_kept_of_a_changed_cell_is_said(
    clinic: int, kind: Callable[[Session], None], before: str, after: str, why: str
) -> None:
    with db.transaction() as session:
        kind(session)
    batch_id = uploaded(clinic, rewritten(before, after))
    ((verdict, told),) = [row for row in verdicts(batch_id) if row[0] != "same"]
    assert verdict == "refused"
    assert why in told


def test_an_id_of_somebody_with_another_number_decides_nothing(clinic: int) -> None:
    with db.transaction() as session:
        lead_id = made(session, NUMBER, name="Ada").id
    told = f"Name,Phone,Ringback id\nBea,206-555-0302,{lead_id}\n"
    batch_id = uploaded(clinic, told.encode())
    assert applied(batch_id) == {"new": 1}
    with db.transaction() as session:
        assert session.get_one(Lead, lead_id).name == "Ada"


def test_a_stop_of_the_second_phone_alone_stops_no_other(clinic: int) -> None:
    with db.transaction() as session:
        whose_second_phone_said_stop(session)
    batch_id = uploaded(clinic, rewritten('"Ada","new"', '"Ada B.","new"'))
    with db.transaction() as session:
        row = session.scalars(select(ImportRow).where(ImportRow.verdict == "changed")).one()
        assert [name for name, _, _ in row.changes] == ["name"]
    applied(batch_id)
    with db.transaction() as session:
        assert Phone.of(session, NUMBER).opted_out_at is None


def test_a_source_is_as_long_as_a_number_may_be_called() -> None:
    told = told_by(["+12065550301", "s" * 100], {"phone": 0, "source": 1})
    assert told["source"] == "s" * 100
