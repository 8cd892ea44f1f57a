"""The steps of a call back by click: signed requests, in any order, and the database away."""

import pytest
from sqlalchemy import select

from leads import Call, Lead, OutboundCall, Phone, clock, db, outbound_call, placing
from leads.phone_number import parse_e164
from leads.placing import AlreadyPlaced
from leads.staff import Staff, add_staff
from tests.conftest import TUESDAY_TEN
from tests.webhooks.caller import CLINIC, DESK_PHONE, MARIA, Twilio, call_fields
from tests.webhooks.rows import count, the_call, the_lead, use_a_mobile, verbs
from tests.webhooks.test_replay import kept
from webhooks import call_back, replay, twiml
from webhooks.spool import Spool

OTHER = "+12065550177"
OUR_LEG = {"CallSid": "CA9", "From": CLINIC, "To": DESK_PHONE, "Direction": "outbound-api"}
THEIR_LEG = {"CallSid": "CA9leg", "ParentCallSid": "CA9", "From": CLINIC, "To": MARIA}


def clicked() -> int:
    """Somebody who is on the list, and whom Anna calls back: a worker has just posted it."""
    with db.transaction() as session:
        clock.set_to(session, TUESDAY_TEN)
        anna = add_staff(session, "anna@clinic.example", "front_desk", None, "Anna")
        phone = Phone.of(session, parse_e164(MARIA) or "")
        lead, _ = Lead.of(session, phone, TUESDAY_TEN, "")
        lead.needs_callback(session, TUESDAY_TEN)
        told = outbound_call.ask(session, lead, anna.id, TUESDAY_TEN)
        assert placing.take(session, 1)
        return told.id


def rung(status: str, seconds: str = "0") -> dict[str, str]:
    number = {"ringing": "1", "in-progress": "2"}.get(status, "3")
    return {**THEIR_LEG, "CallStatus": status, "SequenceNumber": number, "CallDuration": seconds}


def ended(status: str = "completed") -> dict[str, str]:
    return {**OUR_LEG, "CallStatus": status, "CallDuration": "40", "SequenceNumber": "2"}


def test_a_desk_phone_is_connected_and_the_clinics_number_shown(twilio: Twilio) -> None:
    id_ = clicked()
    answer = twilio.post(f"call-back?outbound={id_}", OUR_LEG | {"CallStatus": "in-progress"})
    assert verbs(answer.text) == ["Dial"]
    assert f'callerId="{CLINIC}"' in answer.text
    assert MARIA in answer.text
    for address in answer.text.split("https://calls.example.com")[1:]:
        assert MARIA not in address.split('"')[0], "no number in an address"
    twilio.post(f"call-back/leg?outbound={id_}", rung("in-progress"))
    assert the_call("CA9").outcome == "answered"
    assert the_lead().needs_callback_since is None
    result = OUR_LEG | {"DialCallStatus": "completed", "DialCallSid": "CA9leg"}
    twilio.post(f"call-back/dialled?outbound={id_}", result | {"DialCallDuration": "42"})
    twilio.post(f"call-back/status?outbound={id_}", ended())
    call = the_call("CA9")
    assert (call.direction, call.outcome, call.talk_seconds) == ("outbound", "answered", 42)
    assert count(Lead) == 1, "our own phone is no caller"


@pytest.mark.parametrize("last_first", [False, True])
def test_no_answer_in_any_order_is_no_answer(twilio: Twilio, last_first: bool) -> None:
    id_ = clicked()
    twilio.post(f"call-back?outbound={id_}", OUR_LEG | {"CallStatus": "in-progress"})
    result = OUR_LEG | {"DialCallStatus": "no-answer", "DialCallSid": "CA9leg"}
    told = [
        (f"call-back/leg?outbound={id_}", rung("no-answer")),
        (f"call-back/dialled?outbound={id_}", result),
        (f"call-back/status?outbound={id_}", ended()),
    ]
    for path, fields in reversed(told) if last_first else told:
        twilio.post(path, fields)
        twilio.post(path, fields)
    assert the_call("CA9").outcome == "no_answer"
    assert the_lead().needs_callback_since is not None
    with db.transaction() as session:
        texts = "SELECT count(*) FROM timeline WHERE kind = 'call_out_no_answer'"
        assert session.connection().exec_driver_sql(texts).scalar() == 1


def test_another_key_calls_nobody(twilio: Twilio) -> None:
    use_a_mobile()
    id_ = clicked()
    asked = twilio.post(f"call-back?outbound={id_}", OUR_LEG | {"CallStatus": "in-progress"})
    assert verbs(asked.text) == ["Gather", "Hangup"]
    refused = twilio.post(f"call-back/accept?outbound={id_}", OUR_LEG | {"Digits": "5"})
    assert verbs(refused.text) == ["Hangup"]
    taken = twilio.post(f"call-back/accept?outbound={id_}", OUR_LEG | {"Digits": "1"})
    assert verbs(taken.text) == ["Dial"]


def test_a_second_call_for_the_same_click_is_not_connected(twilio: Twilio) -> None:
    id_ = clicked()
    assert verbs(twilio.post(f"call-back?outbound={id_}", OUR_LEG).text) == ["Dial"]
    second = twilio.post(f"call-back?outbound={id_}", OUR_LEG | {"CallSid": "CA10"})
    assert verbs(second.text) == ["Say", "Hangup"]
    assert count(Call) == 1


def test_a_webhook_knows_better_for_whom_a_call_is_than_the_list_of_calls(twilio: Twilio) -> None:
    lost = clicked()
    with db.transaction() as session:
        placing.lost(session, lost, TUESDAY_TEN)
        other, _ = Lead.of(session, Phone.of(session, OTHER), TUESDAY_TEN, "")
        anna = session.scalars(select(Staff.id)).one()
        id_ = outbound_call.ask(session, other, anna, TUESDAY_TEN).id
        assert placing.take(session, 1)
        placing.adopt(session, lost, "CA9", TUESDAY_TEN, guessed=True)
    answer = twilio.post(f"call-back?outbound={id_}", OUR_LEG | {"CallStatus": "in-progress"})
    assert OTHER in answer.text
    assert MARIA not in answer.text
    with db.transaction() as session:
        assert the_call("CA9").lead_id == session.get_one(OutboundCall, id_).lead_id
        again = session.get_one(OutboundCall, lost)
        assert (again.sid, again.state) == (None, "unknown")
        with pytest.raises(AlreadyPlaced):
            placing.adopt(session, lost, "CA9", TUESDAY_TEN, guessed=True)


def test_who_was_blocked_meanwhile_is_not_called(twilio: Twilio) -> None:
    id_ = clicked()
    with db.transaction() as session:
        session.scalars(select(Phone)).one().blocked_at = TUESDAY_TEN
    answer = twilio.post(f"call-back?outbound={id_}", OUR_LEG)
    assert verbs(answer.text) == ["Say", "Hangup"]
    assert the_call("CA9").dialled_at is None


def test_our_call_coming_back_to_us_is_turned_away(twilio: Twilio) -> None:
    clicked()
    back = call_fields("CA5", CLINIC, ForwardedFrom=DESK_PHONE)
    assert verbs(twilio.post("voice", back).text) == ["Reject"]
    assert count(Lead) == 1


def test_a_click_that_nobody_made_is_kept_and_answered(twilio: Twilio) -> None:
    answer = twilio.post("call-back?outbound=77", OUR_LEG)
    assert answer.status_code == 200
    assert verbs(answer.text) == ["Say", "Hangup"]
    assert count(Call) == 0


def test_while_the_database_is_away_staff_hear_a_sentence_and_nobody_is_called(
    spool: Spool,
) -> None:
    id_ = clicked()
    said = call_back.say_away(None, None)  # type: ignore[arg-type] # it needs neither
    assert "nobody was called" in said
    assert verbs(said) == ["Say", "Hangup"]
    kept(spool, 60, f"call-back?outbound={id_}", OUR_LEG | {"CallStatus": "in-progress"}, said)
    kept(spool, 50, f"call-back/status?outbound={id_}", ended(), twiml.EMPTY)
    assert replay.spooled(spool).failed == 0
    call = the_call("CA9")
    assert (call.outcome, call.dialled_at) == ("not_dialled", None)
    with db.transaction() as session:
        assert session.scalars(select(OutboundCall)).one().over_at is not None
    assert the_lead().needs_callback_since is not None


def test_what_was_answered_before_the_database_went_is_as_it_was(spool: Spool) -> None:
    id_ = clicked()
    rang = twiml.ring_back(id_, MARIA, CLINIC)
    kept(spool, 60, f"call-back?outbound={id_}", OUR_LEG | {"CallStatus": "in-progress"}, rang)
    kept(spool, 50, f"call-back/leg?outbound={id_}", rung("completed", "30"))
    kept(spool, 40, f"call-back/status?outbound={id_}", ended())
    assert replay.spooled(spool).failed == 0
    call = the_call("CA9")
    assert (call.outcome, call.talk_seconds) == ("answered", 30)
    assert call.answered_at is not None
    assert call.answered_at < TUESDAY_TEN
