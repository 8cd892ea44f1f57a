"""Blocking as staff do it: whose numbers, what follows at once, and the way back."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import Lead, Phone, Reminder, TimelineEntry, blocking, conversation, desk, spam
from leads.consent import Consent
from leads.phone import LeadPhone
from tests.browser.telephone import CLINIC, Telephone
from tests.conftest import TUESDAY_TEN

MARIA, ELENA_WORK = "+12065550142", "+12065550143"


@pytest.fixture
def phone(session: Session) -> Telephone:
    return Telephone(session)


def second_number(session: Session, lead: Lead, e164: str) -> Phone:
    added = Phone.of(session, e164)
    session.add(LeadPhone(lead_id=lead.id, phone_id=added.id, main=False))
    session.flush()
    session.expire(lead, ["phones"])
    return added


def test_blocking_a_lead_ends_what_was_planned_and_says_so(
    session: Session, phone: Telephone
) -> None:
    phone.miss(MARIA, TUESDAY_TEN)
    lead = phone.lead(MARIA)
    second_number(session, lead, ELENA_WORK)
    blocking.block_lead(session, lead, None, TUESDAY_TEN, "abuse")
    assert (lead.needs_callback_since, lead.stage) == (None, "not_a_lead")
    assert all(each.blocked_at for each in lead.phones), "every number of theirs"
    left = session.scalars(select(Reminder.reason).where(Reminder.state == "cancelled")).all()
    assert left == ["the number was blocked."] * 2
    said = session.scalars(select(TimelineEntry.text).where(TimelineEntry.kind == "blocked")).one()
    assert said == "Number blocked (abuse): its calls are turned away. Closed as not a lead."


def test_blocked_twice_is_blocked_once(session: Session, phone: Telephone) -> None:
    phone.miss(MARIA, TUESDAY_TEN)
    for why in ("spam", "abuse"):
        blocking.block_number(session, MARIA, None, TUESDAY_TEN, why)
    assert session.scalars(select(Phone.blocked_why)).one() == "spam"
    kinds = session.scalars(select(TimelineEntry.kind)).all()
    assert kinds.count("blocked") == 1


def test_who_has_another_number_is_still_called_back(session: Session, phone: Telephone) -> None:
    phone.miss(MARIA, TUESDAY_TEN)
    lead = phone.lead(MARIA)
    second_number(session, lead, ELENA_WORK)
    blocking.block_number(session, ELENA_WORK, None, TUESDAY_TEN, "machine")
    assert lead.needs_callback_since is not None
    assert lead.stage == "new"


def test_a_reason_is_asked_for(session: Session, phone: Telephone) -> None:
    phone.miss(MARIA, TUESDAY_TEN)
    with pytest.raises(desk.Refused, match="why"):
        blocking.block_number(session, MARIA, None, TUESDAY_TEN, "")
    with pytest.raises(desk.Refused, match="no number"):
        blocking.block_lead(session, Lead(id=0, created_at=TUESDAY_TEN), None, TUESDAY_TEN, "spam")


def test_after_unblocking_their_call_counts_again(session: Session, phone: Telephone) -> None:
    phone.miss(MARIA, TUESDAY_TEN)
    phone_id = blocking.block_number(session, MARIA, None, TUESDAY_TEN, "spam")
    assert phone.ring(MARIA, TUESDAY_TEN).outcome == "blocked"
    assert blocking.unblock(session, phone_id, None, TUESDAY_TEN)
    call = phone.miss(MARIA, TUESDAY_TEN)
    assert call.outcome == "missed"
    lead = phone.lead(MARIA)
    assert lead.needs_callback_since is not None
    assert lead.stage == "new", "it reopens as any closed lead does"


def test_a_stop_from_a_blocked_number_that_is_told_again_is_one_line(session: Session) -> None:
    blocking.block_number(session, MARIA, None, TUESDAY_TEN, "spam")
    for _ in range(2):
        conversation.text_received(
            session, sid="SM1", from_raw=MARIA, to_raw=CLINIC, body="STOP", media_count=0,
            opt_out_type="", now=TUESDAY_TEN,
        )  # fmt: skip
    assert Phone.of(session, MARIA).opted_out_at is not None
    assert session.scalars(select(Consent.evidence)).all() == ["SM1"]
    assert session.scalars(select(Lead.id)).all() == []


def test_digests_name_nobody_and_tell_numbers_apart(session: Session) -> None:
    blocking.block_number(session, MARIA, None, TUESDAY_TEN, "spam")
    assert blocking.digests(session) == [blocking.digest(MARIA)]
    assert blocking.digest(MARIA) != blocking.digest(ELENA_WORK)
    assert MARIA[-4:] not in blocking.digest(MARIA)


def test_suspects_are_found_by_their_calls_and_leave_when_blocked(
    session: Session, phone: Telephone
) -> None:
    forged, honest = "+12065550170", "+12065550180"
    call = phone.miss(forged, TUESDAY_TEN)
    call.stir = "TN-Validation-Failed"
    phone.miss(honest, TUESDAY_TEN)
    session.flush()
    (suspect,), following = spam.suspects(session, TUESDAY_TEN, None, 200)
    assert (suspect.phone.e164, suspect.calls, following) == (forged, 1, None)
    assert suspect.lead is not None
    leads = session.scalars(select(Lead)).all()
    assert set(spam.of_leads(session, leads, TUESDAY_TEN)) == {suspect.lead.id}
    suspect.lead.relation = "patient"
    assert spam.of_leads(session, leads, TUESDAY_TEN) == {}, "a patient is no suspect"
    blocking.block_number(session, forged, None, TUESDAY_TEN, "spam")
    assert spam.suspects(session, TUESDAY_TEN, None, 200) == ([], None)


def test_numbers_in_a_row_are_neighbours(session: Session, phone: Telephone) -> None:
    for number in ("+12065550171", "+12065550172", "+12065550173", "+12065550272"):
        call = phone.miss(number, TUESDAY_TEN)
        call.stir = "TN-Validation-Passed-C"
    session.flush()
    rows, _ = spam.suspects(session, TUESDAY_TEN, None, 200)
    assert {row.phone.e164 for row in rows} == {"+12065550171", "+12065550172", "+12065550173"}
    assert rows[0].hint.words.startswith("2 numbers next to it called that day, too")
