"""Many leads at once: each as by hand, and every refusal with its reason."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from leads import bulk, db
from leads.audit import Audit
from leads.bulk import BulkChange
from leads.demo.telephone import Telephone
from leads.desk import Refused
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.staff import Staff
from leads.timeline import TimelineEntry
from tests.browser import people


@pytest.fixture
def ids(morning: str) -> dict[str, int]:
    assert morning
    with db.transaction() as session:
        phone = Telephone(session)
        return {
            name: phone.lead(e164).id
            for name, e164 in (
                *(("maria", people.MARIA), ("derek", people.DEREK), ("sam", people.SAM)),
                ("grace", people.GRACE),
            )
        }


def staff_id() -> int:
    with db.transaction() as session:
        return session.scalars(select(Staff.id).where(Staff.email == people.RECEPTIONIST)).one()


def asked(kind: str, value: str, *lead_ids: int) -> int:
    with db.transaction() as session:
        change = bulk.ask(session, staff_id(), kind, value, lead_ids)
        bulk.begin(session, change, "203.0.113.9")
        return change.id


def done(change_id: int) -> BulkChange:
    while bulk.step(change_id):
        pass
    with db.transaction() as session:
        return session.get_one(BulkChange, change_id)


def test_many_are_closed_as_by_hand_and_refusals_are_told(ids: dict[str, int]) -> None:
    change = done(asked("stage", "lost", *ids.values(), 999_999))
    assert (change.done, change.same, change.refused) == (3, 1, 1)  # Sam was lost already
    assert change.refusals == [[999_999, "This lead is not here any more."]]
    with db.transaction() as session:
        for name in ("maria", "derek"):
            lead = session.get_one(Lead, ids[name])
            assert (lead.stage, lead.needs_callback_since) == ("lost", None)
            runs = session.scalars(select(FollowUp).where(FollowUp.lead_id == lead.id)).all()
            assert runs
            assert all(run.ended_at is not None for run in runs)
            kinds = session.scalars(
                select(TimelineEntry.kind).where(TimelineEntry.lead_id == lead.id)
            ).all()
            assert kinds.count("closed") == 1
        audited = session.scalars(select(Audit).where(Audit.action == "bulk_change")).one()
        assert (audited.facts["kind"], audited.facts["leads"]) == ("stage", 5)


def test_an_appointment_ahead_refuses_and_the_others_go_on(ids: dict[str, int]) -> None:
    change = done(asked("stage", "contacted", ids["grace"], ids["derek"]))
    assert (change.done, change.refused) == (1, 1)
    ((lead_id, why),) = change.refusals
    assert lead_id == ids["grace"]
    assert "appointment" in why


def test_two_who_go_on_with_the_same_change_change_nobody_twice(ids: dict[str, int]) -> None:
    change_id = asked("owner", str(staff_id()), *ids.values())
    assert bulk.step(change_id)
    change = done(change_id)
    assert (change.done, change.through) == (4, 4)
    assert not bulk.step(change_id)
    with db.transaction() as session:
        told = session.scalars(select(TimelineEntry).where(TimelineEntry.kind == "owner")).all()
        assert len(told) == 4


def test_nothing_is_changed_before_a_yes(ids: dict[str, int]) -> None:
    with db.transaction() as session:
        change_id = bulk.ask(session, staff_id(), "stage", "lost", [ids["maria"]]).id
    assert not bulk.step(change_id)
    with db.transaction() as session:
        assert session.get_one(Lead, ids["maria"]).stage != "lost"


def test_a_change_that_stands_still_is_seen_to(ids: dict[str, int]) -> None:
    change_id = asked("stage", "lost", *ids.values())
    bulk.step(change_id)
    with db.transaction() as session:
        change, real = session.get_one(BulkChange, change_id), db.database_time(session)
        assert not change.stalled(real)
        assert change.stalled(real + timedelta(minutes=1))
    assert not done(change_id).stalled(real + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("kind", "value", "lead_ids"),
    [
        ("stage", "lost", []),
        ("stage", "", [1]),
        ("stage", "elsewhere", [1]),
        ("owner", "", [1]),
        ("owner", "999", [1]),
        ("stage", "lost", range(10_001)),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is(
    ids: dict[str, int], kind: str, value: str, lead_ids: list[int]
) -> None:
    assert ids
    with db.transaction() as session, pytest.raises(Refused):
        bulk.ask(session, staff_id(), kind, value, lead_ids)
