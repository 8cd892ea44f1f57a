"""Incoming texts and delivery statuses."""

import uuid

import pytest
from sqlalchemy import func, select

from leads import Consent, FollowUp, Lead, Message, Phone, Reminder, clock, db, due, lease, outbox
from tests.webhooks.caller import CLINIC, MARIA, Twilio, call_fields


def text_fields(body: str, sid: str = "SM1", caller: str = MARIA, **more: str) -> dict[str, str]:
    return {
        "MessageSid": sid,
        "SmsSid": sid,
        "SmsMessageSid": sid,
        "From": caller,
        "To": CLINIC,
        "Body": body,
        "NumMedia": "0",
        "NumSegments": "1",
        **more,
    }


def missed_call(twilio: Twilio, sid: str = "CA1") -> None:
    twilio.post("voice", call_fields(sid))
    twilio.post("voice/dial", call_fields(sid, DialCallStatus="no-answer"))
    twilio.post("voice/voicemail", call_fields(sid))
    twilio.post("voice/status", call_fields(sid) | {"CallStatus": "completed"})


def queued_text() -> tuple[int, uuid.UUID]:
    """The first reminder's text, queued, claimed and about to be posted."""
    with db.transaction() as session:
        now = clock.now(session)
        for reminder_id in due.reminders(session, now, 10):
            due.queue(session, [reminder_id], now)
    with db.transaction() as session:
        [(message_id, attempt)] = lease.take(session, clock.now(session), 10)
        assert outbox.authorize(session, [(message_id, attempt)], clock.now(session))
    return message_id, attempt


def the_phone() -> Phone:
    with db.transaction() as session:
        return session.scalars(select(Phone)).one()


def the_run() -> FollowUp:
    with db.transaction() as session:
        return session.scalars(select(FollowUp)).one()


def reminder_states() -> list[str]:
    with db.transaction() as session:
        return list(session.scalars(select(Reminder.state).order_by(Reminder.step)))


def test_a_text_from_a_stranger_makes_a_lead_that_needs_a_call(twilio: Twilio) -> None:
    answer = twilio.post("sms", text_fields("Do you have time on Friday?"))
    assert answer.text.endswith("<Response />")
    with db.transaction() as session:
        lead = session.scalars(select(Lead)).one()
        message = session.scalars(select(Message)).one()
        consent = session.scalars(select(Consent)).one()
    assert lead.needs_callback_since is not None
    assert (message.direction, message.state) == ("inbound", "received")
    assert (consent.basis, consent.evidence) == ("reply", "SM1")


def test_a_reply_ends_the_follow_up(twilio: Twilio) -> None:
    missed_call(twilio)
    twilio.post("sms", text_fields("Friday please"))
    assert the_run().end_reason == "replied"
    assert set(reminder_states()) == {"cancelled"}


@pytest.mark.parametrize(
    "body", ["STOP", "stop", "Stop.", " unsubscribe ", "OptOut", "Please stop texting me", "no más"]
)
def test_no_means_no_at_once(twilio: Twilio, body: str) -> None:
    missed_call(twilio)
    twilio.post("sms", text_fields(body))
    assert the_phone().opted_out_at is not None
    assert the_run().end_reason == "opted_out"
    assert set(reminder_states()) == {"cancelled"}
    with db.transaction() as session:
        assert session.scalars(select(Consent).where(Consent.kind == "revoked")).one()


def test_twilios_own_opt_out_is_believed_in_any_language(twilio: Twilio) -> None:
    twilio.post("sms", text_fields("ARRÊT", OptOutType="STOP"))
    assert the_phone().opted_out_at is not None


@pytest.mark.parametrize("body", ["can I cancel my 3pm?", "the pain won't stop"])
def test_a_sentence_that_contains_such_a_word_pauses_and_asks(twilio: Twilio, body: str) -> None:
    missed_call(twilio)
    twilio.post("sms", text_fields(body))
    assert the_phone().opted_out_at is None
    assert the_phone().unclear_at is not None
    assert the_run().paused_at is not None
    assert the_run().ended_at is None
    with db.transaction() as session:
        assert session.scalars(select(Lead.needs_callback_since)).one() is not None


def test_start_lifts_an_opt_out_and_yes_does_only_after_one(twilio: Twilio) -> None:
    twilio.post("sms", text_fields("STOP", "SM1"))
    twilio.post("sms", text_fields("Hello?", "SM2"))
    assert the_phone().opted_out_at is not None, "an ordinary text does not lift it"
    twilio.post("sms", text_fields("START", "SM3"))
    assert the_phone().opted_out_at is None


def test_wrong_number_ends_all_texting(twilio: Twilio) -> None:
    missed_call(twilio)
    twilio.post("sms", text_fields("Wrong number"))
    assert the_phone().opted_out_at is not None


def test_the_next_prompt_promises_nothing_after_an_opt_out(twilio: Twilio) -> None:
    twilio.post("sms", text_fields("STOP"))
    twilio.post("voice", call_fields())
    prompt = twilio.post("voice/dial", call_fields(DialCallStatus="no-answer")).text
    assert "text message" not in prompt
    twilio.post("voice/voicemail", call_fields())
    assert reminder_states() == []


def test_the_same_text_twice_is_one_text(twilio: Twilio) -> None:
    for _ in range(2):
        twilio.post("sms", text_fields("Hello"))
    with db.transaction() as session:
        assert session.scalar(select(func.count(Message.id))) == 1


@pytest.mark.parametrize(
    ("label", "fields"),
    [
        ("a short code", text_fields("Your code is 1", caller="72975")),
        ("a picture without words", text_fields("", NumMedia="1", MediaUrl0="https://x/1")),
        ("odd characters", text_fields("\0 🤷 <script>")),
        ("a number that is none", text_fields("hi", NumMedia="many")),
        ("our own number", text_fields("hi", caller=CLINIC)),
    ],
)
def test_odd_texts_do_no_harm(twilio: Twilio, label: str, fields: dict[str, str]) -> None:
    assert twilio.post("sms", fields).status_code == 200, label


def status_fields(status: str, sid: str = "SMout", **more: str) -> dict[str, str]:
    return {"MessageSid": sid, "MessageStatus": status, "SmsStatus": status, **more}


def report(twilio: Twilio, message_id: int, status: str, **more: str) -> None:
    path = f"sms/status?message={message_id}&attempt={uuid.uuid4()}"
    assert twilio.post(path, status_fields(status, **more)).status_code == 200


def the_message(message_id: int) -> Message:
    with db.transaction() as session:
        return session.get_one(Message, message_id)


def test_statuses_move_forward_only(twilio: Twilio) -> None:
    missed_call(twilio)
    message_id, _ = queued_text()
    report(twilio, message_id, "delivered")
    report(twilio, message_id, "sent")
    report(twilio, message_id, "sending")
    message = the_message(message_id)
    assert (message.state, message.sid) == ("delivered", "SMout")
    assert reminder_states()[0] == "sent"


def test_a_status_that_comes_before_our_own_commit_is_kept(twilio: Twilio) -> None:
    missed_call(twilio)
    message_id, attempt = queued_text()
    report(twilio, message_id, "delivered")
    with db.transaction() as session:
        outbox.accepted(session, [(message_id, attempt, "SMout")], clock.now(session))
    assert the_message(message_id).state == "delivered"


def test_a_status_settles_an_unknown_outcome(twilio: Twilio) -> None:
    missed_call(twilio)
    message_id, attempt = queued_text()
    with db.transaction() as session:
        outbox.lost(session, message_id, attempt, clock.now(session))
    assert the_message(message_id).state == "unknown"
    assert reminder_states()[0] == "unknown"
    report(twilio, message_id, "sent")
    assert the_message(message_id).state == "sent"
    assert reminder_states()[0] == "sent"


def test_an_opt_out_at_the_carrier_is_an_opt_out_here(twilio: Twilio) -> None:
    missed_call(twilio)
    message_id, _ = queued_text()
    report(twilio, message_id, "undelivered", ErrorCode="21610")
    assert the_phone().opted_out_at is not None


def test_a_landline_is_learnt_from_its_first_failure(twilio: Twilio) -> None:
    missed_call(twilio)
    message_id, _ = queued_text()
    report(twilio, message_id, "undelivered", ErrorCode="30006")
    assert the_phone().untextable_at is not None
    assert the_message(message_id).error_code == 30006
    assert reminder_states() == ["failed", "cancelled", "cancelled"]


def test_a_status_of_a_text_that_is_not_ours_is_ignored(twilio: Twilio) -> None:
    missed_call(twilio)
    message_id, _ = queued_text()
    for query in ("?message=999", "?message=x", "", f"?message={message_id}"):
        assert twilio.post(f"sms/status{query}", status_fields("sent")).status_code == 200
    assert the_message(message_id).state == "sent"
    report(twilio, message_id, "delivered", MessageSid="SManother")
    assert the_message(message_id).state == "sent"
