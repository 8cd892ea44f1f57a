"""Two leads that are one person: everything of both is there, and nothing goes out twice."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import claim, consent, db, desk, details, merge, nouns, opt_out, unmerge
from leads.audit import Audit
from leads.call import Call
from leads.claim import Taken
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.message import Message
from leads.phone import LeadPhone
from leads.reminder import Reminder
from leads.staff import add_staff
from leads.timeline import TimelineEntry
from tests.browser.telephone import Telephone
from tests.conftest import TUESDAY_TEN

HOME, WORK = "+12065550142", "+14255550119"
LATER = TUESDAY_TEN + timedelta(hours=1)


@pytest.fixture
def phone(session: Session) -> Telephone:
    return Telephone(session)


@pytest.fixture
def two(phone: Telephone) -> tuple[Lead, Lead]:
    """Maria, who missed us from home and then from work: two leads, each with a follow-up."""
    phone.miss(HOME, TUESDAY_TEN)
    phone.miss(WORK, TUESDAY_TEN + timedelta(minutes=5))
    desk.rename(phone.session, phone.lead(HOME), None, TUESDAY_TEN, "Maria Alvarez")
    return phone.lead(HOME), phone.lead(WORK)


def rows(session: Session, noun: Any) -> dict[int, int]:
    """Whose each row is."""
    session.flush()
    return {row.id: row.lead_id for row in session.scalars(select(noun))}


def test_calls_texts_reminders_and_the_timeline_become_those_of_one(
    session: Session, two: tuple[Lead, Lead]
) -> None:
    kept, gone = two
    before = {noun: rows(session, noun) for noun in merge.MOVED}
    merge.merge(session, kept, gone, None, LATER)
    for noun in merge.MOVED:
        after = rows(session, noun)
        assert before[noun].keys() <= after.keys()
        assert set(after.values()) <= {kept.id}
    assert [phone.e164 for phone in kept.phones] == [HOME, WORK]
    assert gone.phones == []
    assert gone.merged_into_id == kept.id
    assert (gone.needs_callback_since, kept.needs_callback_since) == (
        None,
        TUESDAY_TEN + timedelta(seconds=20),
    )
    assert session.scalars(select(Audit.action)).all() == ["leads_merged"]


def test_who_calls_one_of_them_has_both_and_a_colleague_merges_nothing(
    session: Session, two: tuple[Lead, Lead]
) -> None:
    kept, gone = two
    anna, rosa = (
        add_staff(session, f"{name}@clinic.example", "front_desk", None, name).id
        for name in ("anna", "rosa")
    )
    claim.claim(session, gone, rosa, LATER)
    with pytest.raises(Taken, match=r"rosa has this until .*Nothing was merged"):
        merge.merge(session, kept, gone, anna, LATER)
    assert gone.merged_into_id is None
    merge.merge(session, kept, gone, rosa, LATER)
    assert kept.claimed_by_id == rosa


def test_every_table_that_names_a_lead_moves_or_stays_for_a_reason() -> None:
    moving = {noun.__tablename__ for noun in merge.MOVED}
    naming = {
        table.name
        for table in db.Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "lead" and nouns
    }
    # Phones are given over one by one; the audit tells what was done with which row.
    assert naming - moving == {"lead", "lead_phone", "audit"}


def test_of_two_follow_ups_about_an_inquiry_the_newest_goes_on(
    session: Session, two: tuple[Lead, Lead]
) -> None:
    kept, gone = two
    merge.merge(session, kept, gone, None, LATER)
    runs = session.scalars(select(FollowUp).order_by(FollowUp.id)).all()
    assert [(run.plan, run.end_reason) for run in runs] == [
        ("missed_call", "superseded"),
        ("missed_call", None),
    ]
    waiting = select(Reminder.follow_up_id).where(Reminder.state == "scheduled").distinct()
    assert session.scalars(waiting).all() == [runs[1].id]


def test_a_later_call_from_either_phone_is_theirs(
    session: Session, phone: Telephone, two: tuple[Lead, Lead]
) -> None:
    kept, gone = two
    merge.merge(session, kept, gone, None, LATER)
    for e164 in (HOME, WORK):
        assert phone.ring(e164, LATER).lead_id == kept.id


def test_a_stop_on_either_phone_stays_and_no_consent_is_lost(
    session: Session, phone: Telephone, two: tuple[Lead, Lead]
) -> None:
    kept, gone = two
    phone.text(WORK, "STOP", LATER)
    ledger = len(session.scalars(select(consent.Consent.id)).all())
    merge.merge(session, kept, gone, None, LATER)
    stopped = [bool(each.opted_out_at) for each in kept.phones]
    assert stopped == [False, True]
    assert len(session.scalars(select(consent.Consent.id)).all()) == ledger
    opt_out.record(session, kept.phones[0].id, LATER, "staff", "api")
    assert session.scalars(select(FollowUp).where(FollowUp.ended_at.is_(None))).all() == []


def test_two_appointments_ahead_are_refused_and_nothing_is_changed(
    session: Session, two: tuple[Lead, Lead]
) -> None:
    kept, gone = two
    desk.book(session, kept, None, LATER, LATER + timedelta(days=2))
    desk.book(session, gone, None, LATER, LATER + timedelta(days=3))
    with pytest.raises(desk.Refused, match="Both have an appointment ahead"):
        merge.merge(session, kept, gone, None, LATER)
    assert gone.merged_into_id is None


def test_what_is_known_of_either_is_known_of_the_one(
    session: Session, two: tuple[Lead, Lead]
) -> None:
    kept, gone = two
    details.tag(session, kept, None, LATER, ["massage"])
    details.tag(session, gone, None, LATER, ["insurance", "massage"])
    details.price(session, gone, None, LATER, 12_000)
    desk.relate(session, gone, None, LATER, "patient")
    details.keep_confidential(session, gone, None, LATER, confidential=True)
    desk.book(session, gone, None, LATER, LATER + timedelta(days=2))
    merge.merge(session, kept, gone, None, LATER)
    assert (kept.name, kept.stage, kept.relation) == ("Maria Alvarez", "booked", "patient")
    assert kept.tags == ["massage", "insurance"]
    assert (kept.value_cents, kept.confidential_at) == (12_000, LATER)
    assert kept.appointment_at == LATER + timedelta(days=2)


def test_a_merged_lead_is_neither_changed_nor_merged_again(
    session: Session, two: tuple[Lead, Lead]
) -> None:
    kept, gone = two
    merge.merge(session, kept, gone, None, LATER)
    with pytest.raises(desk.Refused, match="merged into another"):
        desk.write_note(session, gone, None, LATER, "Typed while it was merged.")
    with pytest.raises(desk.Refused, match="changed meanwhile"):
        merge.merge(session, kept, gone, None, LATER)
    with pytest.raises(desk.Refused, match="the same lead"):
        merge.merge(session, kept, kept, None, LATER)


def test_undone_each_has_its_own_again_and_what_came_since_stays(
    session: Session, phone: Telephone, two: tuple[Lead, Lead]
) -> None:
    kept, gone = two
    before = {noun: rows(session, noun) for noun in merge.MOVED}
    merge.merge(session, kept, gone, None, LATER)
    since = phone.miss(HOME, LATER + timedelta(minutes=5))
    unmerge.undo(session, kept, gone, None, LATER + timedelta(hours=1))
    for noun in (Call, FollowUp, Reminder):
        assert before[noun].items() <= rows(session, noun).items()
    assert since.lead_id == kept.id
    assert gone.merged_into_id is None
    assert [each.e164 for each in gone.phones] == [WORK]
    assert [each.e164 for each in kept.phones] == [HOME]
    assert (kept.name, gone.name) == ("Maria Alvarez", "")
    assert gone.needs_callback_since is not None
    assert kept.needs_callback_since is not None
    with pytest.raises(desk.Refused, match="not merged any more"):
        unmerge.undo(session, kept, gone, None, LATER)


def test_undone_the_texts_of_a_moved_reminder_go_back_with_it(
    session: Session, phone: Telephone, two: tuple[Lead, Lead]
) -> None:
    kept, gone = two
    merge.merge(session, kept, gone, None, LATER)
    phone.send_due(LATER + timedelta(days=3))
    unmerge.undo(session, kept, gone, None, LATER + timedelta(days=4))
    found = session.execute(
        select(Message.lead_id, Reminder.lead_id).join(Reminder, Reminder.id == Message.reminder_id)
    ).all()
    assert found
    assert all(of_message == of_reminder for of_message, of_reminder in found)


def test_a_phone_that_was_shared_is_still_shared(session: Session, phone: Telephone) -> None:
    phone.miss(HOME, TUESDAY_TEN)
    kept = phone.lead(HOME)
    gone = Lead(name="Elena", created_at=TUESDAY_TEN, last_activity_at=TUESDAY_TEN, source="")
    session.add(gone)
    session.flush()
    session.add(LeadPhone(lead_id=gone.id, phone_id=kept.phones[0].id))
    session.flush()
    merge.merge(session, kept, gone, None, LATER)
    assert len(session.scalars(select(LeadPhone)).all()) == 1
    unmerge.undo(session, kept, gone, None, LATER)
    assert len(session.scalars(select(LeadPhone)).all()) == 2
    kinds = select(TimelineEntry.kind).where(TimelineEntry.lead_id == gone.id)
    assert session.scalars(kinds).all() == ["split"]
