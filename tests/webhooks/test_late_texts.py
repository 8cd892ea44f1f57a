"""Texts that waited in the spool while people went on: what came after them stands."""

from datetime import datetime, timedelta

from sqlalchemy import select

from leads import FollowUp, Phone, consent, db
from tests.conftest import TUESDAY_TEN
from tests.webhooks.caller import MARIA, Twilio, call_fields
from tests.webhooks.crowd import eventually
from tests.webhooks.rows import count, dial_fields, end_fields, the_call, the_lead
from tests.webhooks.test_replay import kept, sms
from webhooks import replay
from webhooks.spool import Spool


def done(spool: Spool, ago: float, sid: str, body: str, **more: str) -> None:
    kept(spool, ago, "sms", sms(sid, body) | more)
    assert replay.spooled(spool).done == 1


def maria() -> Phone:
    with db.transaction() as session:
        return session.scalars(select(Phone).where(Phone.e164 == MARIA)).one()


def waits_since() -> datetime | None:
    return the_lead().last_text_in_at


def test_a_reply_from_before_a_key_that_declined_is_no_yes(spool: Spool) -> None:
    done(spool, 7200, "SM1", "Hello")
    with db.transaction() as session:
        phone = session.scalars(select(Phone)).one()
        consent.revoke(session, phone.id, TUESDAY_TEN, "key", "CA1")
    done(spool, 3600, "SM2", "ok thanks")
    with db.transaction() as session:
        assert consent.standing(session, phone.id, "call", "informational") is None
        assert consent.last_was_no(session, phone.id)


def test_a_stop_from_before_a_start_opts_nobody_out_for_good(spool: Spool) -> None:
    done(spool, 60, "SM2", "START")
    done(spool, 3600, "SM1", "STOP")
    assert maria().opted_out_at is None
    done(spool, 30, "SM3", "STOP")
    assert maria().opted_out_at is not None


def test_a_start_from_before_a_stop_lifts_nothing_though_they_wrote_since(spool: Spool) -> None:
    done(spool, 60, "SM2", "STOP")
    done(spool, 30, "SM3", "Is Friday free?")
    done(spool, 3600, "SM1", "Ja", OptOutType="START")
    assert maria().opted_out_at is not None


def test_an_earlier_text_is_not_the_last_one(spool: Spool) -> None:
    done(spool, 60, "SM2", "Is Friday free?")
    last = waits_since()
    assert last is not None
    done(spool, 3600, "SM1", "Hello")
    assert waits_since() == last
    assert last > TUESDAY_TEN - timedelta(minutes=5)


def test_a_reply_ends_no_follow_up_that_began_after_it(spool: Spool, twilio: Twilio) -> None:
    twilio.post("voice", call_fields())
    twilio.post("voice/dial", dial_fields("no-answer"))
    twilio.post("voice/voicemail", call_fields())
    twilio.post("voice/status", end_fields())
    assert the_call().outcome == "missed"
    kept(spool, 3600, "sms", sms("SM1", "See you on Friday"))
    eventually(lambda: waits_since() is not None)
    with db.transaction() as session:
        assert session.scalars(select(FollowUp.ended_at)).all() == [None]
    twilio.post("sms", sms("SM2", "Friday at 3?"))
    with db.transaction() as session:
        assert session.scalars(select(FollowUp.end_reason)).all() == ["replied"]
    assert count(FollowUp) == 1
