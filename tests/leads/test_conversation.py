"""What an incoming text means, and what is answered to it."""

import itertools
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import (
    Consent,
    FollowUp,
    Lead,
    Message,
    Phone,
    Practice,
    Reminder,
    TimelineEntry,
    TrackingNumber,
    conversation,
    desk,
    due,
    lease,
    missed_call,
    outbox,
)
from leads import call as calls
from tests.conftest import TUESDAY_TEN
from tests.leads.test_missed_call import CLINIC, MARIA, heard, unanswered

PASSED = "the moment that it names has passed, or is not known."
_sids = itertools.count(1)
NIGHT = TUESDAY_TEN + timedelta(hours=13)


def text(session: Session, body: str, now: datetime = TUESDAY_TEN, caller: str = MARIA) -> None:
    conversation.text_received(
        session,
        sid=f"SM{next(_sids)}",
        from_raw=caller,
        to_raw=CLINIC,
        body=body,
        media_count=0,
        opt_out_type="",
        now=now,
    )
    session.flush()


def the_run(session: Session) -> FollowUp:
    return session.scalars(select(FollowUp)).one()


def answers(session: Session) -> list[str]:
    outbound = Message.direction == "outbound"
    return list(session.scalars(select(Message.body).where(outbound).order_by(Message.id)))


def posted(session: Session, now: datetime) -> list[str]:
    """What may be posted at this moment."""
    for sender in session.scalars(select(TrackingNumber)):
        sender.texts_per_second, sender.tokens = 10, 10
    session.flush()
    posts = outbox.authorize(session, lease.take(session, now, 10), now)
    return [post.body for post in posts]


@pytest.fixture
def called(session: Session, practice: Practice) -> Lead:
    """Maria called and nobody could answer; her follow-up is under way."""
    assert practice
    call = heard(session, MARIA, TUESDAY_TEN)
    return session.get_one(Lead, call.lead_id)


def test_an_ordinary_reply_ends_the_follow_up_and_waits_for_staff(
    session: Session, called: Lead
) -> None:
    text(session, "Tomorrow at 3 works for me")
    assert the_run(session).end_reason == "replied"
    assert called.needs_callback_since is not None
    assert called.last_text_in_at == TUESDAY_TEN
    assert answers(session) == []


def test_who_is_this_gets_the_identification_once(session: Session, called: Lead) -> None:
    assert called
    text(session, "who is this?")
    text(session, "Who's this??")
    assert answers(session) == [
        "This is Back In Balance Chiropractic, 425-437-9974. Reply STOP to opt out."
    ]
    assert the_run(session).end_reason == "replied"
    assert posted(session, TUESDAY_TEN + timedelta(seconds=2)) == answers(session)


def test_an_answer_at_night_waits_for_the_morning(session: Session, called: Lead) -> None:
    assert called
    text(session, "who is this?", NIGHT)
    assert posted(session, NIGHT + timedelta(seconds=2)) == []
    morning = TUESDAY_TEN + timedelta(hours=23, minutes=5)
    assert len(posted(session, morning)) == 1


def test_who_was_not_told_who_we_are_is_told_when_they_ask_again(
    session: Session, called: Lead
) -> None:
    assert called
    saturday_night = TUESDAY_TEN + timedelta(days=4, hours=11)
    text(session, "who is this?", saturday_night)
    assert posted(session, saturday_night + timedelta(seconds=2)) == []
    assert answers(session) == [], "on Monday it would be too late"
    told = select(TimelineEntry.text).where(TimelineEntry.kind == "answer_dropped")
    assert session.scalars(told).one() == (
        "Answer not sent: no allowed moment within a day. They are answered when they ask again."
    )
    monday = saturday_night + timedelta(days=2, hours=-11)
    text(session, "Who is this??", monday)
    assert len(posted(session, monday + timedelta(seconds=2))) == 1
    text(session, "who is this", monday + timedelta(minutes=1))
    assert len(answers(session)) == 1


def test_a_wrong_number_ends_all_texting_and_says_so(session: Session, called: Lead) -> None:
    text(session, "Sorry, you have the wrong number")
    assert the_run(session).end_reason == "wrong_number"
    assert session.scalars(select(Phone.opted_out_at)).one() is not None
    assert called.needs_callback_since is not None
    kinds = session.scalars(select(TimelineEntry.text).where(TimelineEntry.kind == "wrong_number"))
    assert "Check the number before calling" in kinds.one()
    with pytest.raises(desk.Refused):
        desk.reply(session, called, None, TUESDAY_TEN, "Back In Balance: sorry!")


@pytest.mark.parametrize("body", ["can I cancel my 3pm?", "the pain won't stop", "not interested"])
def test_what_may_be_a_no_pauses_until_staff_decide(
    session: Session, called: Lead, body: str
) -> None:
    due.queue(session, due.reminders(session, TUESDAY_TEN, 10), TUESDAY_TEN)
    text(session, body)
    run = the_run(session)
    assert (run.ended_at, run.paused_at) == (None, TUESDAY_TEN)
    assert answers(session) == [], "the text that waited in the outbox is back on the list"
    later = TUESDAY_TEN + timedelta(minutes=30)
    assert due.reminders(session, later, 10) == []
    assert session.scalars(select(Consent.basis)).all() == ["notice"], "it is no consent"
    desk.decide(session, called, None, later, no_texts=False)
    assert run.end_reason == "replied"
    assert session.scalars(select(Phone.opted_out_at)).one() is None
    with pytest.raises(desk.Refused):
        desk.decide(session, called, None, later, no_texts=False)


def test_staff_read_it_as_a_no(session: Session, called: Lead) -> None:
    text(session, "not interested")
    desk.decide(session, called, None, TUESDAY_TEN, no_texts=True)
    assert the_run(session).end_reason == "opted_out"
    phone = session.scalars(select(Phone)).one()
    assert (phone.opted_out_at, phone.unclear_at) == (TUESDAY_TEN, None)


def test_texts_of_a_run_that_stays_paused_end_with_a_reason(session: Session, called: Lead) -> None:
    assert called
    text(session, "not interested")
    later = TUESDAY_TEN + timedelta(days=30)
    due.queue(session, due.reminders(session, later, 10), later)
    session.flush()
    reminders = session.scalars(select(Reminder)).all()
    assert {reminder.state for reminder in reminders} == {"cancelled"}
    assert all(reminder.reason for reminder in reminders)


@pytest.mark.parametrize(
    ("owner", "body", "confirmed"),
    [
        ("twilio", "STOP", False),  # Twilio confirms it
        ("twilio", "please stop texting me", True),  # Twilio knows single words only
        ("app", "STOP", True),
        ("app", "no más mensajes", True),
    ],
)
def test_an_opt_out_is_confirmed_once_and_only_where_twilio_does_not(
    session: Session, practice: Practice, called: Lead, owner: str, body: str, confirmed: bool
) -> None:
    assert called
    practice.optout_owner = owner
    text(session, body)
    text(session, body)
    assert len(answers(session)) == confirmed
    sent = posted(session, TUESDAY_TEN + timedelta(seconds=2))
    assert len(sent) == confirmed
    assert all("no more texts" in each for each in sent)


def test_an_opt_out_at_night_is_not_confirmed(
    session: Session, practice: Practice, called: Lead
) -> None:
    assert called
    practice.optout_owner = "app"
    text(session, "STOP", NIGHT)
    assert posted(session, NIGHT + timedelta(seconds=1)) == []
    assert posted(session, TUESDAY_TEN + timedelta(days=1)) == []


@pytest.mark.parametrize(("owner", "answered"), [("twilio", 0), ("app", 1)])
def test_help_is_answered_by_one_of_the_two(
    session: Session, practice: Practice, called: Lead, owner: str, answered: int
) -> None:
    assert called
    practice.optout_owner = owner
    text(session, "HELP")
    assert len(answers(session)) == answered
    assert the_run(session).ended_at is None, "asking for help ends nothing"


def test_start_and_yes_lift_an_opt_out_and_yes_alone_is_a_reply(
    session: Session, called: Lead
) -> None:
    assert called
    for word in ("START", "UNSTOP", "YES"):
        text(session, "STOP")
        assert session.scalars(select(Phone.opted_out_at)).one() is not None
        text(session, word)
        assert session.scalars(select(Phone.opted_out_at)).one() is None


def test_answers_that_wait_together_keep_to_three_in_a_day(
    session: Session, practice: Practice
) -> None:
    practice.optout_owner = "app"
    for body in ("who is this?", "HELP", "HELP", "HELP", "HELP"):
        text(session, body, NIGHT)
    assert posted(session, NIGHT) == []
    morning = TUESDAY_TEN + timedelta(hours=23, minutes=5)
    assert len(posted(session, morning)) == 3
    assert posted(session, morning + timedelta(minutes=5)) == []


def test_who_then_asks_for_no_texts_gets_no_answer_either(session: Session, called: Lead) -> None:
    assert called
    text(session, "who is this?", NIGHT)
    call = unanswered(session, MARIA, NIGHT, "CA2")
    missed_call.decline(session, call, NIGHT)
    assert posted(session, TUESDAY_TEN + timedelta(hours=23, minutes=5)) == []


def test_a_promise_that_has_passed_is_not_sent(session: Session, practice: Practice) -> None:
    assert practice
    call = unanswered(session, MARIA, TUESDAY_TEN)
    call.voicemail_at = TUESDAY_TEN
    calls.settle(session, call, TUESDAY_TEN)
    missed_call.consider(session, call, TUESDAY_TEN)
    session.flush()
    due.queue(session, due.reminders(session, TUESDAY_TEN, 5), TUESDAY_TEN)
    [promise] = answers(session)
    assert "will call you by 10:30 AM" in promise
    late = TUESDAY_TEN + timedelta(minutes=45)
    assert posted(session, late) == []
    due.queue(session, due.reminders(session, late, 5), late)
    session.flush()
    assert session.scalars(select(Reminder.reason)).one() == PASSED


def test_start_settles_what_an_unclear_text_meant(session: Session, called: Lead) -> None:
    assert called
    text(session, "not interested")
    text(session, "START")
    assert session.scalars(select(Phone.unclear_at)).one() is None
    assert the_run(session).end_reason == "replied"


def test_an_opt_out_is_confirmed_once_a_day_whatever_they_text(
    session: Session, called: Lead
) -> None:
    assert called
    for _ in range(5):
        text(session, "please stop texting me")
        text(session, "START")
    assert len(answers(session)) == 1


def test_answering_by_hand_does_not_hide_the_question(session: Session, called: Lead) -> None:
    text(session, "not interested")
    desk.reply(session, called, None, TUESDAY_TEN, "Back In Balance: all right, take care!")
    assert called.needs_callback_since is not None
    assert session.scalars(select(Phone.unclear_at)).one() is not None
