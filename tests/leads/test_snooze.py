"""Later: off the list for a while, and back by themselves, or as soon as they get in touch."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import claim, desk, snooze
from leads.lead import Lead
from leads.opening_hours import TRIAL_HOURS
from leads.staff import add_staff
from tests.browser.telephone import Telephone
from tests.conftest import TUESDAY_TEN

MARIA = "+12065550142"
LATER = TUESDAY_TEN + timedelta(hours=2)


def snoozed(session: Session) -> Lead:
    phone = Telephone(session)
    phone.miss(MARIA, TUESDAY_TEN - timedelta(minutes=5))
    lead = phone.lead(MARIA)
    snooze.snooze(session, lead, None, TUESDAY_TEN, LATER)
    session.flush()
    return lead


def waits(session: Session, at: datetime) -> bool:
    session.flush()
    return bool(session.scalars(select(Lead.id).where(Lead.waits(at))).all())


def test_they_are_off_the_list_until_then_and_keep_their_place(session: Session) -> None:
    lead = snoozed(session)
    since = lead.needs_callback_since
    assert [waits(session, at) for at in (TUESDAY_TEN, LATER)] == [False, True]
    assert lead.needs_callback_since == since


def test_a_missed_call_or_a_text_from_them_ends_it(session: Session) -> None:
    lead, phone = snoozed(session), Telephone(session)
    phone.miss(MARIA, TUESDAY_TEN + timedelta(minutes=9))
    assert waits(session, TUESDAY_TEN + timedelta(minutes=10))
    snooze.snooze(session, lead, None, TUESDAY_TEN, LATER)
    phone.text(MARIA, "Are you there?", TUESDAY_TEN + timedelta(minutes=20))
    assert lead.snoozed_until is None
    assert waits(session, TUESDAY_TEN + timedelta(minutes=21))


def test_somebody_brings_them_back_before_the_time(session: Session) -> None:
    lead = snoozed(session)
    snooze.wake(session, lead, None, TUESDAY_TEN)
    assert waits(session, TUESDAY_TEN)


def test_a_snooze_lets_go_of_the_claim(session: Session) -> None:
    lead = snoozed(session)
    anna = add_staff(session, "anna@clinic.example", "front_desk").id
    claim.claim(session, lead, anna, TUESDAY_TEN)
    snooze.snooze(session, lead, anna, TUESDAY_TEN, LATER)
    assert lead.claimed_by_id is None


@pytest.mark.parametrize(
    ("until", "why"),
    [(TUESDAY_TEN, "is past"), (TUESDAY_TEN + timedelta(days=61), "At most 60 days")],
)
def test_a_moment_that_is_past_or_far_away_is_refused(
    session: Session, until: datetime, why: str
) -> None:
    lead = snoozed(session)
    with pytest.raises(desk.Refused, match=why):
        snooze.snooze(session, lead, None, TUESDAY_TEN, until)
    assert lead.snoozed_until == LATER


def test_whoever_is_settled_is_not_put_off(session: Session) -> None:
    lead = snoozed(session)
    desk.contacted(session, lead, None, TUESDAY_TEN)
    assert lead.snoozed_until is None
    with pytest.raises(desk.Refused, match="settled this already"):
        snooze.snooze(session, lead, None, TUESDAY_TEN, LATER)


def test_the_next_morning_is_the_next_day_on_which_the_clinic_opens() -> None:
    saturday = TUESDAY_TEN + timedelta(days=4)
    assert snooze.morning_after(TRIAL_HOURS, TUESDAY_TEN) == datetime(2026, 12, 2, 17, tzinfo=UTC)
    assert snooze.morning_after(TRIAL_HOURS, saturday) == datetime(2026, 12, 7, 17, tzinfo=UTC)
    early = TUESDAY_TEN - timedelta(hours=3)  # before opening, the next morning is tomorrow's
    assert snooze.morning_after(TRIAL_HOURS, early) == datetime(2026, 12, 2, 17, tzinfo=UTC)
