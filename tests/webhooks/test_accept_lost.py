"""A call that was taken by key on a mobile, and the news of the key could not be written down."""

from sqlalchemy import select, text

from leads import FollowUp, TimelineEntry, WebhookEvent, db, outage
from tests.webhooks.caller import Twilio, call_fields, leg_fields
from tests.webhooks.crowd import eventually
from tests.webhooks.rows import (
    count,
    dial_fields,
    end_fields,
    the_call,
    the_lead,
    use_a_mobile,
    verbs,
)

MOBILE = "+14255550100"
BRIDGED = {"DialBridged": "true", "DialCallDuration": "40", "DialCallSid": "CA1leg"}


def run(statement: str) -> None:
    with db.transaction() as session:
        session.execute(text(statement))


def take(twilio: Twilio, digit: str) -> None:
    """The mobile is picked up and this key pressed, and the accept fails."""
    use_a_mobile()
    twilio.post("voice", call_fields())
    leg = "voice/leg?phone=1&call=CA1"
    twilio.post(leg, leg_fields("CA1leg", "CA1", MOBILE, "in-progress"))
    run("ALTER TABLE call_leg RENAME TO call_leg_away")
    pressed = leg_fields("CA1leg", "CA1", MOBILE, "in-progress", Digits=digit)
    twilio.post("voice/accept?phone=1&call=CA1", pressed)
    run("ALTER TABLE call_leg_away RENAME TO call_leg")


def test_who_has_just_spoken_hears_no_prompt_and_gets_no_text(twilio: Twilio) -> None:
    take(twilio, "1")
    answer = twilio.post("voice/dial", dial_fields("completed", **BRIDGED))
    assert verbs(answer.text) == ["Hangup"]
    twilio.post("voice/status", end_fields())
    call = the_call()
    assert call.needs_review_at is not None
    assert call.prompt is None
    assert count(FollowUp) == 0
    with db.transaction() as session:
        kinds = session.scalars(select(TimelineEntry.kind)).all()
    assert kinds.count("needs_review") == 1
    run("UPDATE webhook_event SET received_at = received_at - interval '10 s'")
    eventually(lambda: the_call().outcome == "answered")
    assert the_call().needs_review_at is None, "the accept was done after all"
    assert the_lead().needs_callback_since is None
    with db.transaction() as session:
        assert set(session.scalars(select(WebhookEvent.error))) == {None}


def test_a_key_of_which_nothing_is_known_is_asked_about(twilio: Twilio) -> None:
    """Twilio connected the mobile, and its whisper never reached us either: somebody may have
    pressed it, and who has spoken hears no prompt."""
    use_a_mobile()
    twilio.post("voice", call_fields())
    assert_asked_about(twilio)


def test_a_key_that_may_have_been_lost_is_asked_about(twilio: Twilio) -> None:
    use_a_mobile()
    twilio.post("voice", call_fields())
    leg = leg_fields("CA1leg", "CA1", MOBILE, "in-progress")
    twilio.post("voice/whisper?phone=1&call=CA1", leg)
    with db.transaction() as session:
        real = db.database_time(session)
        outage.happened(session, "Some requests could not be kept.", real, real)
    assert_asked_about(twilio)


def assert_asked_about(twilio: Twilio) -> None:
    answer = twilio.post("voice/dial", dial_fields("completed", **BRIDGED))
    assert verbs(answer.text) == ["Hangup"]
    twilio.post("voice/status", end_fields())
    assert the_call().needs_review_at is not None
    assert count(FollowUp) == 0


def test_a_mailbox_that_was_not_connected_took_no_call(twilio: Twilio) -> None:
    use_a_mobile()
    twilio.post("voice", call_fields())
    told = BRIDGED | {"DialBridged": "false"}
    assert "Gather" in verbs(twilio.post("voice/dial", dial_fields("completed", **told)).text)
    assert the_call().needs_review_at is None


def test_another_key_took_no_call(twilio: Twilio) -> None:
    take(twilio, "5")
    answer = twilio.post("voice/dial", dial_fields("completed", **BRIDGED))
    assert "Gather" in verbs(answer.text)
    assert the_call().needs_review_at is None
