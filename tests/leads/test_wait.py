"""A wait for a call goes on as it was when what had ended it came to nothing, and only then."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from leads import attempt, delivery, desk, hindsight
from leads.dashboard.pages import queue
from leads.dashboard.pages.queue import Waiter
from leads.dashboard.pages.rendering import frame
from leads.lead import Lead
from leads.message import Message
from leads.staff import add_staff
from tests.browser.telephone import Telephone
from tests.conftest import TUESDAY_TEN

MARIA = "+12065550142"
UNREACHABLE = 30003
pytestmark = pytest.mark.usefixtures("practice")


def at(minutes: float) -> datetime:
    return TUESDAY_TEN + timedelta(minutes=minutes)


def waiting(session: Session) -> Lead:
    """Maria left a voicemail an hour ago, and texted after it."""
    phone = Telephone(session)
    phone.miss(MARIA, at(-60), voicemail_seconds=10, transcript="About Friday.")
    phone.text(MARIA, "Or Thursday?", at(-50))
    return phone.lead(MARIA)


def row(session: Session) -> Waiter | None:
    session.flush()
    found = queue.rows(session, frame(session))
    return found[0] if found else None


def write(session: Session, lead: Lead, minutes: float, body: str = "Thursday works.") -> Message:
    return desk.reply(session, lead, None, at(minutes), body)


def fails(session: Session, text: Message, minutes: float) -> None:
    session.flush()
    delivery.status_changed(
        session, text.id, f"SM{text.id}", "undelivered", UNREACHABLE, at(minutes)
    )


def test_who_never_got_our_text_waits_as_before_with_all_they_told_us(session: Session) -> None:
    lead = waiting(session)
    since = lead.needs_callback_since
    text = write(session, lead, -40)
    assert row(session) is None
    fails(session, text, -20)
    maria = row(session)
    assert maria is not None
    assert lead.needs_callback_since == since
    assert maria.told == ["reply", "voicemail"]
    assert maria.tries == 1
    assert maria.waiting.tone == "late"


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_texts_that_fail_in_any_order_the_wait_is_the_first_ones(
    session: Session, first: int
) -> None:
    lead = waiting(session)
    since = lead.needs_callback_since
    texts = [write(session, lead, -40), write(session, lead, -39, "Or call us.")]
    fails(session, texts[first], -20)
    fails(session, texts[1 - first], -19)
    assert lead.needs_callback_since == since


def test_a_later_text_that_is_on_its_way_keeps_them_off_the_list(session: Session) -> None:
    lead = waiting(session)
    text = write(session, lead, -40)
    write(session, lead, -30, "Did you get this?")
    fails(session, text, -20)
    assert lead.needs_callback_since is None


def test_a_text_to_somebody_who_did_not_wait_puts_them_on_the_list_from_then(
    session: Session,
) -> None:
    lead = waiting(session)
    desk.contacted(session, lead, None, at(-45))
    fails(session, write(session, lead, -40), -20)
    assert lead.needs_callback_since == at(-20)


def test_the_wait_of_a_text_that_failed_long_ago_does_not_come_back(session: Session) -> None:
    lead = waiting(session)
    fails(session, write(session, lead, -40), -35)
    desk.contacted(session, lead, None, at(-30))
    fails(session, write(session, lead, -20), -10)
    assert lead.needs_callback_since == at(-10)


@pytest.mark.parametrize("dealt_with", ["call", "contacted", "booked", "lost", "own phone"])
def test_who_was_dealt_with_meanwhile_stays_off_the_list_when_a_text_fails(
    session: Session, dealt_with: str
) -> None:
    lead = waiting(session)
    anna = add_staff(session, "anna@clinic.example", "front_desk").id
    text = write(session, lead, -40)
    if dealt_with == "call":
        Telephone(session).call_back(MARIA, anna, at(-35), seconds=60)
    elif dealt_with == "contacted":
        desk.contacted(session, lead, anna, at(-35))
    elif dealt_with == "booked":
        desk.book(session, lead, anna, at(-35), None)
    elif dealt_with == "lost":
        desk.close(session, lead, anna, at(-35), "lost")
    else:
        attempt.rang(session, lead, anna, at(-35), "spoke")
    fails(session, text, -20)
    assert lead.needs_callback_since is None


def test_who_was_rung_in_vain_waits_when_a_text_fails(session: Session) -> None:
    lead = waiting(session)
    text = write(session, lead, -40)
    attempt.rang(session, lead, None, at(-35), "no_answer")
    fails(session, text, -20)
    assert lead.needs_callback_since == at(-60) + timedelta(seconds=20)


def test_a_text_that_did_not_arrive_is_no_contact(session: Session) -> None:
    lead = waiting(session)
    text = write(session, lead, -40)
    assert hindsight.in_touch_since(session, lead.id, at(-45))
    fails(session, text, -20)
    assert not hindsight.in_touch_since(session, lead.id, at(-45))


@pytest.mark.parametrize("click", ["contacted", "booked", "lost", "spoke"])
def test_needs_a_call_after_a_click_by_mistake_goes_on_with_the_wait(
    session: Session, click: str
) -> None:
    lead = waiting(session)
    since = lead.needs_callback_since
    if click == "contacted":
        desk.contacted(session, lead, None, at(-2))
    elif click == "booked":
        desk.book(session, lead, None, at(-2), None)
    elif click == "lost":
        desk.close(session, lead, None, at(-2), "lost")
    else:
        attempt.rang(session, lead, None, at(-2), "spoke")
    desk.needs_a_call(session, lead, None, at(0))
    maria = row(session)
    assert maria is not None
    assert lead.needs_callback_since == since
    assert maria.told == ["reply", "voicemail"]


def test_who_is_to_be_rung_again_after_a_talk_waits_from_now(session: Session) -> None:
    lead = waiting(session)
    anna = add_staff(session, "anna@clinic.example", "front_desk").id
    Telephone(session).call_back(MARIA, anna, at(-10), seconds=60)
    desk.needs_a_call(session, lead, None, at(0))
    assert lead.needs_callback_since == at(0)


def test_needs_a_call_the_day_after_is_a_new_wait(session: Session) -> None:
    lead = waiting(session)
    desk.contacted(session, lead, None, at(-2))
    tomorrow = at(24 * 60)
    desk.needs_a_call(session, lead, None, tomorrow)
    assert lead.needs_callback_since == tomorrow


def test_whose_text_may_be_a_no_keeps_their_place_after_a_talk(session: Session) -> None:
    lead = waiting(session)
    since = lead.needs_callback_since
    phone = Telephone(session)
    phone.text(MARIA, "can I cancel my 3pm?", at(-30))
    phone.answer(MARIA, at(-20), 60)
    assert lead.needs_callback_since == since


@pytest.mark.parametrize(
    ("result", "in_touch", "no_text"),
    [("spoke", True, True), ("message", False, True), ("no_answer", False, False)],
)
def test_a_call_from_ones_own_phone_counts_for_what_is_found_afterwards(
    session: Session, result: attempt.Result, in_touch: bool, no_text: bool
) -> None:
    lead = waiting(session)
    attempt.rang(session, lead, None, at(-40), result)
    session.flush()
    assert hindsight.in_touch_since(session, lead.id, at(-45)) is in_touch
    assert (hindsight.why_no_follow_up(session, lead.id, at(-45)) is not None) is no_text
