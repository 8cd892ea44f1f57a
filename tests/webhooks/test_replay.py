"""What was kept is done later, in order, once, and as it was: with what the caller really heard."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, text
from typer.testing import CliRunner

import ringback
from leads import Call, Consent, FollowUp, Message, Phone, WebhookEvent, db, webhook_event
from leads.webhook_event import ASKED, ask_replay
from tests.conftest import ACCOUNT_SID, TUESDAY_TEN
from tests.webhooks.caller import CLINIC, DESK_PHONE, MARIA, Twilio, call_fields, leg_fields
from tests.webhooks.crowd import eventually
from tests.webhooks.rows import count, dial_fields, end_fields, the_call, the_lead
from webhooks import replay, twiml
from webhooks.spool import Record, Spool

RANG = twiml.EMPTY.replace("<Response />", "<Response><Dial /></Response>")
APOLOGY = twiml.apology()


def kept(
    spool: Spool, ago: float, path: str, fields: dict[str, str], answer: str = twiml.EMPTY
) -> None:
    """A request that came so many seconds ago."""
    path, _, query = path.partition("?")
    body = urlencode({"AccountSid": ACCOUNT_SID, **fields})
    at = datetime.now(UTC) - timedelta(seconds=ago)
    spool.append(Record(at, path, query, body, answer))


def sms(sid: str, body: str) -> dict[str, str]:
    return {"MessageSid": sid, "From": MARIA, "To": CLINIC, "Body": body}


def errors() -> list[str | None]:
    with db.transaction() as session:
        return list(session.scalars(select(WebhookEvent.error).order_by(WebhookEvent.id)))


def test_a_missed_call_of_the_outage_is_a_missed_call_of_then(spool: Spool) -> None:
    kept(spool, 1800, "voice", call_fields(), RANG)
    kept(spool, 1790, "voice/leg?phone=1&call=CA1", leg_fields("CA2", "CA1", DESK_PHONE, "ringing"))
    kept(spool, 1780, "voice/dial", dial_fields("no-answer"), APOLOGY)
    kept(spool, 1760, "voice/status", end_fields())
    result = replay.spooled(spool)
    assert (result.done, result.known, result.failed, result.left) == (4, 0, 0, 0)
    assert spool.waiting().count == 0
    call = the_call()
    assert (call.outcome, call.prompt, call.prompt_promises) == ("missed", None, False)
    assert call.dialled_at is not None
    long_ago = TUESDAY_TEN - timedelta(minutes=25)
    assert call.started_at < long_ago, "it came when it came"
    assert call.ended_at is not None
    assert call.ended_at < long_ago
    assert the_lead().needs_callback_since is not None
    with db.transaction() as session:
        assert session.scalars(select(Consent.basis)).all() == ["call"], "no notice was heard"
        assert len(session.scalars(select(FollowUp)).all()) == 1
        events = session.scalars(select(WebhookEvent).order_by(WebhookEvent.received_at)).all()
        assert [event.event for event in events] == ["voice", "leg", "dial", "status"]
        assert {event.came_by for event in events} == {"spool"}
        assert [event.answer for event in events[::2]] == [RANG, APOLOGY]


def test_a_prompt_heard_before_the_outage_stays_heard(spool: Spool, twilio: Twilio) -> None:
    twilio.post("voice", call_fields())
    assert "press 2" in twilio.post("voice/dial", dial_fields("no-answer")).text
    kept(spool, 0.1, "voice/voicemail", call_fields(), APOLOGY)
    kept(spool, 0, "voice/status", end_fields())
    eventually(lambda: the_call().ended_at)
    with db.transaction() as session:
        assert session.scalars(select(Consent.basis)).all() == ["notice"]


def test_an_apology_that_was_given_while_the_commit_came_through_is_what_was_heard(
    spool: Spool, twilio: Twilio
) -> None:
    twilio.post("voice", call_fields())
    assert "press 2" in twilio.post("voice/dial", dial_fields("no-answer")).text
    kept(spool, 0, "voice/dial", dial_fields("no-answer"), APOLOGY)
    eventually(lambda: the_call().prompt is None)
    assert not the_call().prompt_promises
    assert twilio.post("voice/dial", dial_fields("no-answer")).text == APOLOGY


def test_the_order_is_that_of_arrival_over_all_files_and_twice_is_once(spool: Spool) -> None:
    other = Spool(spool.folder)
    kept(other, 40, "sms", sms("SM1", "START"))
    kept(spool, 30, "sms", sms("SM2", "STOP"))
    kept(other, 50, "voice", call_fields(), RANG)
    kept(spool, 20, "sms", sms("SM2", "STOP"))
    result = replay.spooled(spool)
    assert (result.done, result.known) == (3, 1)
    with db.transaction() as session:
        found = select(WebhookEvent.event).order_by(WebhookEvent.id)
        assert session.scalars(found).all() == ["voice", "sms", "sms"]
        assert session.scalars(select(Phone.opted_out_at)).one() is not None
    kept(spool, 20, "sms", sms("SM1", "START"))
    assert replay.spooled(spool).known == 1, "and not done again, which would lift the STOP"
    with db.transaction() as session:
        assert session.scalars(select(Phone.opted_out_at)).one() is not None


def test_a_start_from_before_a_stop_that_arrived_meanwhile_lifts_nothing(
    spool: Spool, twilio: Twilio
) -> None:
    twilio.post("sms", sms("SM2", "STOP"))
    kept(spool, 60, "sms", sms("SM1", "START"))
    eventually(lambda: count(Message) == 2)
    with db.transaction() as session:
        assert session.scalars(select(Phone.opted_out_at)).one() is not None


def test_one_that_fails_holds_up_nobody_and_is_kept_with_its_error(spool: Spool) -> None:
    kept(spool, 30, "voice/leg", leg_fields("CA9", "", DESK_PHONE, "ringing"))
    kept(spool, 20, "voice/of-a-newer-version", call_fields())
    kept(spool, 10, "voice", call_fields(), RANG)
    result = replay.spooled(spool)
    assert (result.done, result.failed) == (1, 2)
    assert spool.waiting().count == 0
    assert errors() == ["ValueError", "Malformed", None]


def test_reports_backwards_and_twice_only_go_forward(spool: Spool) -> None:
    with db.transaction() as session:
        lead, phone = session.execute(
            text("INSERT INTO phone (e164) VALUES ('+12065550142') RETURNING id, id")
        ).one()
        assert lead == phone
    kept(spool, 60, "sms", sms("SM0", "Friday?"))
    replay.spooled(spool)
    with db.transaction() as session:
        session.execute(
            text(
                "UPDATE message SET direction = 'outbound', state = 'sent', sid = 'SM1',"
                " sent_at = now()"
            )
        )
        number = session.scalars(select(Message.id)).one()
    for state in ("delivered", "sent", "delivered", "queued"):
        fields = {"MessageSid": "SM1", "MessageStatus": state}
        kept(spool, 10, f"sms/status?message={number}", fields)
    result = replay.spooled(spool)
    assert (result.done, result.known) == (3, 1)
    with db.transaction() as session:
        assert session.scalars(select(Message.state)).one() == "delivered"


def test_an_event_that_is_asked_for_is_done_again_within_seconds(twilio: Twilio) -> None:
    with db.transaction() as session:
        session.execute(text("ALTER TABLE timeline RENAME TO timeline_away"))
    twilio.post("voice", call_fields())
    with db.transaction() as session:
        session.execute(text("ALTER TABLE timeline_away RENAME TO timeline"))
        event = session.scalars(select(WebhookEvent)).one()
        assert event.error == "ProgrammingError"
        assert ask_replay(session, event.id)
        assert not ask_replay(session, event.id + 1)
        assert event.error == ASKED
    eventually(lambda: errors() == [None])
    assert the_call().dialled_at is not None, "the phones rang, from memory"
    with db.transaction() as session:
        assert session.scalars(select(WebhookEvent.replayed_at)).one() is not None


def test_the_command_replays_and_counts(spool: Spool) -> None:
    kept(spool, 30, "voice", call_fields(), RANG)
    kept(spool, 20, "voice/leg", leg_fields("CA9", "", DESK_PHONE, "ringing"))
    done = CliRunner().invoke(ringback.app, ["replay"])
    assert "Of 2 that waited: 1 done, 0 known already, 1 failed." in done.output
    done = CliRunner().invoke(ringback.app, ["replay", "--failed"])
    assert "Of those that had failed: 0 done, 0 known already, 1 failed." in done.output
    assert count(Call) == 1


def test_while_another_process_replays_this_one_leaves_it_alone(spool: Spool) -> None:
    kept(spool, 30, "voice", call_fields(), RANG)
    with Spool(spool.folder).replaying() as ours:
        assert ours
        assert replay.spooled(spool).left == 1
    assert replay.spooled(spool).done == 1


def test_when_the_database_is_lost_again_the_rest_stays(spool: Spool) -> None:
    for index in range(4):
        kept(spool, 40 - index, "sms", sms(f"SM{index}", "Hello"))

    class Lost(Exception):
        pass

    def lose() -> None:
        if count(WebhookEvent) == 2:
            raise Lost

    with pytest.raises(Lost):
        replay.spooled(spool, lose)
    assert spool.waiting().count == 2
    assert replay.spooled(spool).done == 2
    assert count(Message) == 4


def test_what_is_owed_is_listed_oldest_first(spool: Spool) -> None:
    kept(spool, 2, "voice/leg", leg_fields("CA9", "", DESK_PHONE, "ringing"))
    replay.spooled(spool)
    with db.transaction() as session:
        assert [event.event for event in webhook_event.owed(session, due=False, limit=9)] == ["leg"]
        assert webhook_event.owed(session, due=True, limit=9) == []
