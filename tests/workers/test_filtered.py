"""Words that a carrier has filtered never go out again, whatever moment they name."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from leads import FollowUp, Message, Reminder, clock, db, plan_edit
from leads.plan_edit import UnderWay
from leads.shipped_plans import SHIPPED
from tests.workers.conftest import Phones
from tests.workers.test_errors import SOMEBODY_ELSE, real_time_passes, tell, texts
from tests.workers.test_last_texts import left_a_voicemail
from tests.workers.test_sending import MARIA, advance, eventually, missed
from workers import sending


def a_voicemails_text_is_filtered(phones: Phones) -> None:
    phones.fails_with(MARIA, 30007)
    left_a_voicemail()
    sending.send_due()
    eventually(lambda: texts("undelivered") == 1)


def test_the_next_voicemails_text_differs_in_its_moment_alone_and_does_not_go(
    phones: Phones,
) -> None:
    a_voicemails_text_is_filtered(phones)
    advance(timedelta(minutes=25))
    left_a_voicemail(SOMEBODY_ELSE, "CA2")
    sending.send_due()
    assert phones.texts_to(SOMEBODY_ELSE) == []
    with db.transaction() as session:
        reasons = session.scalars(select(Reminder.reason).order_by(Reminder.id)).all()
    assert "filtered these very words" in (reasons[-1] or "")


def test_what_was_queued_before_the_first_was_filtered_does_not_go(phones: Phones) -> None:
    left_a_voicemail(SOMEBODY_ELSE, "CA2")
    sending.queue_due()
    claims = sending.claim(5)
    advance(timedelta(minutes=6))  # and so the two name different moments
    a_voicemails_text_is_filtered(phones)
    assert sending.authorize(claims) == []
    assert phones.texts_to(SOMEBODY_ELSE) == []


@pytest.mark.parametrize("runs", ["keep", "apply"])
def test_other_words_in_its_place_go_out(phones: Phones, runs: UnderWay) -> None:
    a_voicemails_text_is_filtered(phones)
    words = "Hi, {clinic} here. We call you by {callback}. Reply STOP to opt out."
    with db.transaction() as session:
        step = replace(SHIPPED["voicemail"].steps[0], text=words)
        plan = replace(SHIPPED["voicemail"], steps=(step,))
        plan_edit.save(session, plan, None, clock.now(session), runs)
    left_a_voicemail(SOMEBODY_ELSE, "CA2")
    real_time_passes()
    sending.send_due()
    [text] = phones.texts_to(SOMEBODY_ELSE)
    assert text.startswith("Hi, Back In Balance Chiropractic here. We call you by ")


def test_another_plans_text_goes_out(phones: Phones) -> None:
    a_voicemails_text_is_filtered(phones)
    tell(phones, SOMEBODY_ELSE)
    missed(SOMEBODY_ELSE, "CA2")
    real_time_passes()
    sending.send_due()
    assert len(phones.texts_to(SOMEBODY_ELSE)) == 1
    with db.transaction() as session:
        assert len(session.scalars(select(FollowUp)).all()) == 2
        assert len(session.scalars(select(Message)).all()) == 2
