"""What stands beside who rings right now."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from leads import attempt, call_back, desk, timeline, walk_in
from leads.call import Call
from leads.dashboard.pages.ringing import ringing
from leads.last_seen import Seen
from leads.lead import Lead
from leads.phone import LeadPhone, Phone
from leads.recording import Recording
from leads.staff import Staff
from leads.walk_in import Told
from tests.browser import people
from tests.browser.telephone import Telephone


def test_the_last_words_are_a_voicemails_and_never_those_of_a_recorded_call(
    morning: str, session: Session
) -> None:
    assert morning
    Telephone(session).ring(people.TOMAS, people.NOW)
    [tomas] = ringing(session, people.NOW)
    assert tomas.last_words is not None
    assert tomas.last_words.kind == "voicemail"
    said = tomas.last_words.text
    for recording in session.scalars(select(Recording).where(Recording.transcript == said)):
        recording.kind = "call"
    session.flush()
    [tomas] = ringing(session, people.NOW)
    assert tomas.last_words is None or tomas.last_words.text != said


def test_whoever_stands_in_an_imported_list_is_known_and_has_not_called_before(
    morning: str, session: Session
) -> None:
    assert morning
    phone = Phone.of(session, "+12065550188")
    imported = Lead(name="Ines Costa", created_at=people.NOW, last_activity_at=people.NOW)
    session.add(imported)
    session.flush()
    session.add(LeadPhone(lead_id=imported.id, phone_id=phone.id))
    session.flush()
    Telephone(session).ring(phone.e164, people.NOW)
    Telephone(session).ring(people.TOMAS, people.NOW)
    Telephone(session).ring("+12065550189", people.NOW)
    standing = {each.call.from_raw: each.standing for each in ringing(session, people.NOW)}
    assert standing == {
        phone.e164: "Known",
        people.TOMAS: "Returning",
        "+12065550189": "New",
    }


INES = "+12065550188"
DAY = timedelta(days=1)


@pytest.fixture
def ines(morning: str, session: Session) -> Lead:
    assert morning
    lead = Lead(name="Ines Costa", created_at=people.NOW, last_activity_at=people.NOW)
    session.add(lead)
    session.flush()
    session.add(LeadPhone(lead_id=lead.id, phone_id=Phone.of(session, INES).id))
    session.flush()
    return lead


def seen(session: Session) -> Seen:
    """What stands beside Ines's call, who rings now."""
    Telephone(session).ring(INES, people.NOW)
    [ringer] = [each for each in ringing(session, people.NOW) if each.call.from_raw == INES]
    return ringer.seen


def booked(session: Session, lead: Lead, days_ago: int, appointment_days_ago: float) -> datetime:
    at = people.NOW - appointment_days_ago * DAY
    desk.book(session, lead, None, people.NOW - days_ago * DAY, at)
    return at


def test_the_next_appointment_does_not_hide_the_last_visit(ines: Lead, session: Session) -> None:
    came = booked(session, ines, 20, 15)
    booked(session, ines, 10, -3)
    assert seen(session).visit_at == came


def test_whoever_did_not_come_was_there_before(ines: Lead, session: Session) -> None:
    came = booked(session, ines, 30, 25)
    booked(session, ines, 20, 15)
    desk.miss_appointment(session, ines, None, people.NOW - 14 * DAY)
    assert seen(session).visit_at == came


def test_what_was_moved_or_called_off_was_no_visit(ines: Lead, session: Session) -> None:
    booked(session, ines, 30, 20)
    booked(session, ines, 25, 10)  # moved while it was ahead
    desk.cancel_appointment(session, ines, None, people.NOW - 12 * DAY)
    assert seen(session).visit_at is None


@pytest.mark.parametrize("booked_again", [False, True])
def test_an_appointment_for_which_they_asked_another_time_was_no_visit(
    ines: Lead, session: Session, booked_again: bool
) -> None:
    booked(session, ines, 30, 20)
    ines.appointment_change_asked_at = asked_at = people.NOW - 21 * DAY
    timeline.note(session, ines.id, asked_at, "appointment_change", "Asked for another time.")
    if booked_again:
        booked(session, ines, 10, -3)
    assert seen(session).visit_at is None


def test_whoever_walked_in_was_there(ines: Lead, session: Session) -> None:
    booked(session, ines, 30, 20)
    walked_in_at = people.NOW - 2 * DAY
    told = Told("walked_in", "Bought a pillow.", needs_call=False)
    walk_in.log(session, ines, told, None, walked_in_at)
    assert seen(session).visit_at == walked_in_at


@pytest.mark.parametrize("how", ["rang", "spoke"])
def test_they_were_spoken_with_on_a_phone_that_is_not_known_here(
    ines: Lead, session: Session, how: str
) -> None:
    spoke_at = people.NOW - DAY
    Telephone(session).answer(INES, people.NOW - 2 * DAY, 60)
    if how == "rang":
        attempt.rang(session, ines, None, spoke_at, "spoke")
    else:
        desk.spoke(session, ines, None, spoke_at, texts_agreed=False)
    attempt.rang(session, ines, None, spoke_at + timedelta(hours=1), "no_answer")
    assert seen(session).spoke_at == spoke_at


def test_a_mailbox_that_answered_was_nobody(ines: Lead, session: Session) -> None:
    phone, rosa = Telephone(session), session.scalars(select(Staff.id)).first()
    assert rosa is not None
    phone.call_back(INES, rosa, people.NOW - timedelta(hours=5), seconds=60)
    spoken_at = session.scalar(select(func.max(Call.answered_at)).where(Call.lead_id == ines.id))
    phone.miss(INES, people.NOW - timedelta(hours=4))
    phone.call_back(INES, rosa, people.NOW - timedelta(hours=3), seconds=20)
    call_back.was_mailbox(session, ines, rosa, people.NOW - timedelta(hours=2))
    assert seen(session).spoke_at == spoken_at is not None
