"""Which calls are part of somebody's wait: those that nobody has dealt with, and no others."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from leads import call as calls
from leads import desk, late_call
from leads.dashboard.pages import queue
from leads.dashboard.pages.queue import Waiter
from leads.dashboard.pages.rendering import frame
from leads.listed import ListedCall
from leads.staff import add_staff
from leads.tracking_number import TrackingNumber
from tests.browser.telephone import CLINIC, Telephone
from tests.conftest import TUESDAY_TEN

MARIA = "+12065550142"
pytestmark = pytest.mark.usefixtures("practice")


def waiters(session: Session) -> list[Waiter]:
    session.flush()
    return queue.rows(session, frame(session))


def at(minutes: float) -> datetime:
    return TUESDAY_TEN + timedelta(minutes=minutes)


def test_a_voicemail_that_was_dealt_with_does_not_come_back_with_the_next_call(
    session: Session,
) -> None:
    phone = Telephone(session)
    anna = add_staff(session, "anna@clinic.example", "front_desk").id
    phone.miss(MARIA, at(-10), voicemail_seconds=10, transcript="About Friday.")
    assert waiters(session)[0].told == ["voicemail"]
    phone.call_back(MARIA, anna, at(-5), seconds=60)
    assert waiters(session) == []
    last = phone.miss(MARIA, at(0))
    [maria] = waiters(session)
    assert (maria.tries, maria.last_call) == (1, last)
    assert (maria.voicemail, maria.told) == (None, [])


def test_redialling_joins_the_wait(session: Session) -> None:
    phone = Telephone(session)
    phone.miss(MARIA, at(-40), voicemail_seconds=10)
    last = phone.hang_up(MARIA, at(-1), 9)
    [maria] = waiters(session)
    assert (maria.tries, maria.last_call, maria.told) == (2, last, ["voicemail"])


@pytest.mark.parametrize("mode", ["front", "overflow"])
@pytest.mark.parametrize("hour", [10, 21])
def test_the_call_that_begins_a_wait_is_part_of_it(session: Session, mode: str, hour: int) -> None:
    session.execute(update(TrackingNumber).values(mode=mode))
    session.expire_all()
    when = TUESDAY_TEN - timedelta(days=1) + timedelta(hours=hour - 10)
    phone = Telephone(session)
    phone.miss(MARIA, when, voicemail_seconds=30)
    [maria] = waiters(session)
    assert (maria.tries, maria.told) == (1, ["voicemail"])


def test_a_caller_who_is_still_leaving_a_message_is_on_the_list(session: Session) -> None:
    phone = Telephone(session)
    call = phone.ring(MARIA, at(-1))
    calls.dial_ended(session, call, "no-answer", None, bridged=False, seconds=None, now=at(-0.5))
    calls.settle(session, call, at(-0.5))
    [maria] = waiters(session)
    assert (maria.tries, maria.last_call) == (1, call)


def test_a_call_whose_end_only_the_telephone_service_knew_is_part_of_its_wait(
    session: Session,
) -> None:
    """Its clock counts whole seconds, and ours was told of the miss a little later."""
    phone = Telephone(session)
    call = phone.ring(MARIA, at(-20))
    told = at(-19) + timedelta(seconds=0.7)
    calls.dial_ended(session, call, "no-answer", None, bridged=False, seconds=None, now=told)
    calls.settle(session, call, told)
    session.flush()
    listed = ListedCall(call.sid, None, True, MARIA, CLINIC, "", "completed", at(-20), at(-19), 60)
    late_call.over(session, call.sid, listed, (), at(0))
    assert call.ended_at is not None
    assert call.ended_at < told
    [maria] = waiters(session)
    assert (maria.tries, maria.last_call) == (1, call)


def test_news_of_a_voicemail_after_a_click_waits_since_the_call(session: Session) -> None:
    phone = Telephone(session)
    call = phone.hang_up(MARIA, at(-20), 9)
    desk.contacted(session, phone.lead(MARIA), None, at(-15))
    phone._voicemail(call, at(-12), 8, "Please ring me.")  # the news of it was on its way
    calls.settle(session, call, at(-10))
    [maria] = waiters(session)
    assert (maria.told, maria.since) == (["voicemail"], call.ended_at)


def test_what_we_texted_about_a_call_that_was_dealt_with_is_not_told_of_the_next(
    session: Session,
) -> None:
    phone = Telephone(session)
    phone.miss(MARIA, at(-10))
    assert waiters(session)[0].sent.words == "Our text 9:50\u00a0AM: delivered"
    desk.contacted(session, phone.lead(MARIA), None, at(-5))
    phone.miss(MARIA, at(0))
    assert "Our text" not in waiters(session)[0].sent.words
