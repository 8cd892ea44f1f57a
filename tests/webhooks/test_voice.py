"""One call, step by step."""

from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import select

from leads import (
    Call,
    Consent,
    FollowUp,
    Lead,
    Recording,
    Reminder,
    WebhookEvent,
    clock,
    db,
    plan_edit,
)
from tests.webhooks.caller import CLINIC, DESK_PHONE, MARIA, Twilio, call_fields, leg_fields
from tests.webhooks.rows import (
    count,
    dial_fields,
    end_fields,
    reminders,
    set_clock,
    the_call,
    the_lead,
    use_a_mobile,
    use_overflow,
    verbs,
)

SUNDAY_NIGHT = datetime(2026, 12, 7, 5, 0, tzinfo=UTC)


def test_in_opening_hours_the_desk_phone_rings(twilio: Twilio) -> None:
    answer = twilio.post("voice", call_fields())
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    dial = ET.fromstring(answer.text)[0]  # noqa: S314 - our own answer
    assert dial.tag == "Dial"
    assert dial.attrib["timeout"] == "20"
    number = dial[0]
    assert number.text == DESK_PHONE
    assert "url" not in number.attrib, "a desk phone connects when it is picked up"
    assert the_call().outcome == "ringing"


def test_picking_up_the_desk_phone_and_saying_good_morning_is_an_answered_call(
    twilio: Twilio,
) -> None:
    twilio.post("voice", call_fields())
    leg = "voice/leg?phone=1&call=CA1"
    twilio.post(leg, leg_fields("CA1leg", "CA1", DESK_PHONE, "ringing", SequenceNumber="0"))
    twilio.post(leg, leg_fields("CA1leg", "CA1", DESK_PHONE, "in-progress", SequenceNumber="1"))
    assert the_call().outcome == "answered"
    done = dial_fields("completed", DialCallDuration="42", DialBridged="true")
    assert verbs(twilio.post("voice/dial", done).text) == ["Hangup"]
    twilio.post("voice/status", end_fields())
    call = the_call()
    assert (call.outcome, call.talk_seconds) == ("answered", 42)
    assert the_lead().needs_callback_since is None
    assert the_lead().stage == "contacted"
    assert reminders() == []


def test_a_bridged_dial_alone_is_answered_where_no_key_is_asked(twilio: Twilio) -> None:
    twilio.post("voice", call_fields())
    twilio.post("voice/dial", dial_fields("completed", DialCallDuration="9", DialBridged="true"))
    assert the_call().outcome == "answered"


def test_a_mobiles_own_mailbox_is_not_an_answer(twilio: Twilio) -> None:
    use_a_mobile()
    answer = twilio.post("voice", call_fields())
    number = ET.fromstring(answer.text)[0][0]  # noqa: S314 - our own answer
    assert "/webhooks/twilio/voice/whisper?phone=1&call=CA1" in number.attrib["url"]
    mailbox = leg_fields("CA1leg", "CA1", DESK_PHONE, "in-progress")
    whisper = twilio.post("voice/whisper?phone=1&call=CA1", mailbox)
    assert verbs(whisper.text) == ["Gather", "Hangup"]
    twilio.post("voice/leg?phone=1&call=CA1", mailbox)
    done = dial_fields("completed", DialCallDuration="9", DialBridged="true")
    assert verbs(twilio.post("voice/dial", done).text) == ["Gather", "Redirect"]
    assert the_call().outcome == "missed"


def test_a_mobile_takes_the_call_with_a_key(twilio: Twilio) -> None:
    use_a_mobile()
    twilio.post("voice", call_fields())
    leg = leg_fields("CA1leg", "CA1", DESK_PHONE, "in-progress")
    twilio.post("voice/whisper?phone=1&call=CA1", leg)
    other = twilio.post("voice/accept?phone=1&call=CA1", {**leg, "Digits": "7"})
    assert verbs(other.text) == ["Hangup"]
    assert the_call().outcome == "ringing"
    taken = twilio.post("voice/accept?phone=1&call=CA1", {**leg, "Digits": "1"})
    assert verbs(taken.text) == []
    assert the_call().outcome == "answered"


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed"])
def test_nobody_picks_up(twilio: Twilio, status: str) -> None:
    twilio.post("voice", call_fields())
    prompt = twilio.post("voice/dial", dial_fields(status)).text
    assert verbs(prompt) == ["Gather", "Redirect"]
    assert "We are sending you a text message now" in prompt
    assert "press 2" in prompt
    assert "911" in prompt
    assert the_call().outcome == "missed"
    assert the_lead().needs_callback_since is not None
    assert reminders() == [], "nothing is scheduled before the prompt is behind them"
    assert verbs(twilio.post("voice/voicemail", call_fields()).text) == ["Say", "Record", "Say"]
    assert reminders() == [], "they may leave a voicemail, which has a plan of its own"
    twilio.post("voice/status", end_fields())
    assert reminders() == [(1, "scheduled"), (2, "scheduled"), (3, "scheduled")]
    with db.transaction() as session:
        consent = session.scalars(select(Consent)).one()
    assert (consent.basis, consent.evidence) == ("notice", "CA1")
    assert "text message" in consent.wording


def test_declining_by_key_is_honoured_and_recorded(twilio: Twilio) -> None:
    twilio.post("voice", call_fields())
    twilio.post("voice/dial", dial_fields("no-answer"))
    answer = twilio.post("voice/choice", call_fields(Digits="2")).text
    assert "we will not text you" in answer
    twilio.post("voice/status", end_fields())
    assert reminders() == []
    assert the_call().text_declined_at is not None
    with db.transaction() as session:
        consent = session.scalars(select(Consent)).one()
    assert (consent.kind, consent.basis) == ("revoked", "key")


def test_who_declines_at_the_voicemail_gets_no_text(twilio: Twilio) -> None:
    twilio.post("voice", call_fields())
    twilio.post("voice/dial", dial_fields("no-answer"))
    twilio.post("voice/voicemail", call_fields())
    twilio.post("voice/recorded", call_fields(Digits="2", RecordingSid="RE1"))
    twilio.post("voice/status", end_fields())
    assert reminders() == []


def test_a_voicemail_has_a_plan_of_its_own_whichever_news_comes_first(twilio: Twilio) -> None:
    left = call_fields(RecordingSid="RE1", RecordingUrl="https://x/RE1", RecordingDuration="7")
    for sid, last in (("CA1", end_fields(sid="CA1")), ("CA2", {**left, "CallSid": "CA2"})):
        caller = {"CallSid": sid, "From": f"+1206555014{sid[-1]}"}
        first = {**left, **caller} if sid == "CA1" else {**end_fields(sid=sid), **caller}
        twilio.post("voice", {**call_fields(sid), **caller})
        twilio.post("voice/dial", {**dial_fields("no-answer", sid), **caller})
        twilio.post("voice/voicemail", {**call_fields(sid), **caller})
        twilio.post("voice/recorded" if sid == "CA1" else "voice/status", first)
        twilio.post("voice/status" if sid == "CA1" else "voice/recorded", {**last, **caller})
    with db.transaction() as session:
        open_runs = select(FollowUp.plan).where(FollowUp.ended_at.is_(None))
        assert session.scalars(open_runs).all() == ["voicemail", "voicemail"]
        scheduled = select(Reminder).where(Reminder.state == "scheduled")
        assert len(session.scalars(scheduled).all()) == 2


def test_a_late_voicemail_is_kept_where_its_plan_is_switched_off(twilio: Twilio) -> None:
    with db.transaction() as session:
        off = replace(plan_edit.as_shipped("voicemail"), active=False)
        plan_edit.save(session, off, None, clock.now(session), "keep")
    twilio.post("voice", call_fields())
    twilio.post("voice/dial", dial_fields("no-answer"))
    twilio.post("voice/voicemail", call_fields())
    twilio.post("voice/status", end_fields())
    left = call_fields(RecordingSid="RE1", RecordingUrl="https://x/RE1", RecordingDuration="7")
    twilio.post("voice/recorded", left)
    assert the_call().outcome == "voicemail"
    assert [state for _, state in reminders()] == ["scheduled"] * 3


def test_hanging_up_during_the_prompt_allows_the_one_text_alone(twilio: Twilio) -> None:
    twilio.post("voice", call_fields())
    twilio.post("voice/dial", dial_fields("no-answer"))
    twilio.post("voice/status", end_fields())
    assert reminders() == [(1, "scheduled"), (2, "cancelled"), (3, "cancelled")]
    with db.transaction() as session:
        assert session.scalars(select(Consent)).one().basis == "call"


def test_hanging_up_while_it_rings_is_abandoned(twilio: Twilio) -> None:
    twilio.post("voice", call_fields())
    twilio.post("voice/status", end_fields("no-answer"))
    assert the_call().outcome == "abandoned"
    assert reminders()[0] == (1, "scheduled")
    assert the_lead().needs_callback_since is not None


def test_after_hours_goes_to_voicemail_and_promises_tomorrow_morning(twilio: Twilio) -> None:
    set_clock(SUNDAY_NIGHT)
    prompt = twilio.post("voice", call_fields()).text
    assert verbs(prompt) == ["Gather", "Redirect"]
    assert "We are closed right now" in prompt
    assert "tomorrow morning" in prompt
    assert "now." not in prompt.replace("right now.", "")
    twilio.post("voice/voicemail", call_fields())
    twilio.post(
        "voice/recorded",
        call_fields(RecordingSid="RE1", RecordingUrl="https://x/RE1", RecordingDuration="7"),
    )
    assert the_call().outcome == "voicemail"
    with db.transaction() as session:
        assert session.scalars(select(Recording)).one().seconds == 7
        first = session.scalars(select(Reminder).where(Reminder.step == 1)).one()
        assert first.due_at == datetime(2026, 12, 7, 17, 0, tzinfo=UTC)


def test_an_overflow_number_dials_nothing_back(twilio: Twilio) -> None:
    use_overflow()
    prompt = twilio.post("voice", call_fields(ForwardedFrom="+14254379970")).text
    assert verbs(prompt) == ["Gather", "Redirect"]
    assert the_call().outcome == "missed"


@pytest.mark.parametrize(
    "caller", ["anonymous", "Restricted", "+266696687", "+7378742833", "", "+1", "sip:a@b"]
)
def test_a_withheld_caller_makes_a_call_without_a_lead(twilio: Twilio, caller: str) -> None:
    twilio.post("voice", call_fields("CA1", caller))
    twilio.post("voice", call_fields("CA2", caller))
    prompt = twilio.post("voice/dial", dial_fields("no-answer") | {"From": caller}).text
    assert "text message" not in prompt
    assert "call you back" not in prompt
    assert count(Call) == 2
    assert count(Lead) == 0
    assert the_call().outcome == "missed"


def test_an_unknown_number_still_rings_the_practice(twilio: Twilio) -> None:
    assert verbs(twilio.post("voice", call_fields(to="+14255550199")).text) == ["Dial"]
    prompt = twilio.post("voice/dial", dial_fields("no-answer")).text
    assert "text message" not in prompt, "none would go"
    assert the_call().outcome == "missed"


def test_a_repeat_caller_joins_their_lead(twilio: Twilio) -> None:
    for sid in ("CA1", "CA2"):
        twilio.post("voice", call_fields(sid))
        twilio.post("voice/dial", dial_fields("no-answer", sid))
        twilio.post("voice/voicemail", call_fields(sid))
        twilio.post("voice/status", end_fields(sid=sid))
    assert count(Lead) == 1
    assert count(FollowUp) == 1
    assert [the_call("CA1").returning, the_call("CA2").returning] == [False, True]


def test_unknown_parameters_and_missing_geography_do_no_harm(twilio: Twilio) -> None:
    fields = {"CallSid": "CA1", "From": MARIA, "To": CLINIC, "Brandneu": "\0 <x> &", "FromZip": ""}
    assert twilio.post("voice", fields).status_code == 200
    assert the_call().outcome == "ringing"


def test_a_request_without_a_sid_is_kept_and_answered(twilio: Twilio) -> None:
    answer = twilio.post("voice", {"From": MARIA, "To": CLINIC})
    assert answer.status_code == 200
    assert verbs(answer.text) == ["Dial"]
    with db.transaction() as session:
        assert session.scalars(select(WebhookEvent)).one().error == "Malformed"
