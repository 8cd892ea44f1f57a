"""Calls that waited in the spool, or failed at first, while people went on ringing: what came after
them stands."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from leads import FollowUp, Lead, TimelineEntry, clock, db, late_call, split
from leads.listed import ListedCall
from tests.conftest import TUESDAY_TEN
from tests.webhooks.caller import CLINIC, DESK_PHONE, MARIA, Twilio, call_fields, leg_fields
from tests.webhooks.crowd import eventually
from tests.webhooks.rows import count, dial_fields, end_fields, the_call, the_lead
from tests.webhooks.test_accept_lost import BRIDGED, run, take
from tests.webhooks.test_replay import APOLOGY, RANG, kept
from webhooks.spool import Spool

AGO = 1500.0  # seconds: at 9:35


def answered_then(spool: Spool, ago: float = AGO, sid: str = "CA1") -> None:
    leg = leg_fields(f"{sid}leg", sid, DESK_PHONE, "in-progress")
    kept(spool, ago, "voice", call_fields(sid), RANG)
    kept(spool, ago - 5, f"voice/leg?phone=1&call={sid}", leg)
    kept(spool, ago - 60, "voice/dial", dial_fields("completed", sid, DialCallSid=f"{sid}leg"))
    kept(spool, ago - 61, "voice/status", end_fields("completed", sid))


def missed_then(spool: Spool, ago: float = AGO, sid: str = "CA1") -> None:
    kept(spool, ago, "voice", call_fields(sid), RANG)
    kept(spool, ago - 20, "voice/dial", dial_fields("no-answer", sid), APOLOGY)
    kept(spool, ago - 25, "voice/status", end_fields("completed", sid))


def hangs_up(twilio: Twilio, sid: str) -> None:
    """While the desk phone rings."""
    twilio.post("voice", call_fields(sid))
    twilio.post("voice/status", end_fields("canceled", sid))


def is_answered(twilio: Twilio, sid: str) -> None:
    twilio.post("voice", call_fields(sid))
    leg = leg_fields(f"{sid}leg", sid, DESK_PHONE, "in-progress")
    twilio.post(f"voice/leg?phone=1&call={sid}", leg)


def replayed(spool: Spool, sid: str = "CA1") -> None:
    eventually(lambda: spool.waiting().count == 0)
    assert the_call(sid).ended_at is not None


def follow_ups() -> list[str | None]:
    """How each ended, None for those that go on."""
    with db.transaction() as session:
        return list(session.scalars(select(FollowUp.end_reason).order_by(FollowUp.id)))


def sentences(kind: str) -> list[str]:
    with db.transaction() as session:
        found = select(TimelineEntry.text).where(TimelineEntry.kind == kind)
        return list(session.scalars(found))


def test_an_earlier_answered_call_leaves_a_later_missed_one_on_the_list(
    spool: Spool, twilio: Twilio
) -> None:
    hangs_up(twilio, "CA2")
    since = the_lead().needs_callback_since
    assert since is not None
    answered_then(spool)
    replayed(spool)
    assert the_call().outcome == "answered"
    assert the_lead().needs_callback_since == since
    assert follow_ups() == [None]


def test_who_rang_in_vain_before_and_after_waits_since_the_second_time(
    spool: Spool, twilio: Twilio
) -> None:
    missed_then(spool, 2400, "CA0")
    eventually(lambda: count(FollowUp) == 1)
    hangs_up(twilio, "CA2")
    answered_then(spool)
    replayed(spool)
    since = the_lead().needs_callback_since
    assert since is not None
    assert since > TUESDAY_TEN - timedelta(minutes=1)
    assert follow_ups() == ["answered"]


def test_an_earlier_missed_call_is_no_news_of_who_was_answered_since(
    spool: Spool, twilio: Twilio
) -> None:
    is_answered(twilio, "CA2")
    missed_then(spool)
    replayed(spool)
    assert the_call().outcome == "missed"
    assert the_lead().needs_callback_since is None
    assert count(FollowUp) == 0
    assert sentences("no_follow_up") == ["No text: the clinic has been in touch with them since."]


@pytest.mark.usefixtures("twilio")
def test_of_people_who_share_a_phone_either_may_have_been_answered(spool: Spool) -> None:
    answered_then(spool, 3600, "CA00")
    missed_then(spool, 2400, "CA0")
    eventually(lambda: count(FollowUp) == 1)
    with db.transaction() as session:
        rang = select(TimelineEntry.id).where(TimelineEntry.kind == "call")
        last = session.scalars(rang.order_by(TimelineEntry.at.desc()).limit(1)).all()
        lead = session.scalars(select(Lead)).one()
        now = clock.now(session)
        split.split(session, lead, last, "Elena", None, now, later_calls_to_new=False)
    answered_then(spool)
    replayed(spool)
    assert the_call().lead_id == lead.id
    assert follow_ups() == ["answered"]


@pytest.mark.usefixtures("twilio")
def test_who_rang_again_was_answered_once_the_first_call_is_known_to_have_been_over(
    spool: Spool,
) -> None:
    """Nothing is heard of its end but from Twilio's list; until then the second may be our own."""
    kept(spool, AGO, "voice", call_fields("CA1"), RANG)
    kept(spool, AGO - 12, "voice", call_fields("CA2"), RANG)
    leg = leg_fields("CA2leg", "CA2", DESK_PHONE, "in-progress")
    kept(spool, AGO - 14, "voice/leg?phone=1&call=CA2", leg)
    kept(spool, AGO - 60, "voice/dial", dial_fields("completed", "CA2", DialCallSid="CA2leg"))
    kept(spool, AGO - 61, "voice/status", end_fields("completed", "CA2"))
    replayed(spool, "CA2")
    eventually(lambda: count(FollowUp) == 1)
    assert the_call("CA2").outcome == "missed"
    rang_at = the_call("CA1").started_at
    listed = ListedCall(
        sid="CA1", parent_sid=None, from_raw=MARIA, to_raw=CLINIC, forwarded_from="",
        inbound=True, status="completed", started_at=rang_at,
        ended_at=rang_at + timedelta(seconds=9), seconds=9,
    )  # fmt: skip
    with db.transaction() as session:
        late_call.over(session, "CA1", listed, [], clock.now(session))
    assert (the_call("CA1").looped_at, the_call("CA2").looped_at) == (None, None)
    assert (the_call("CA1").outcome, the_call("CA2").outcome) == ("missed", "answered")
    assert the_lead().needs_callback_since is None
    assert follow_ups() == ["answered"]


@pytest.mark.parametrize("pressed", [False, True])
def test_a_voicemail_of_then_gets_no_text_either(
    spool: Spool, twilio: Twilio, *, pressed: bool
) -> None:
    is_answered(twilio, "CA2")
    kept(spool, AGO, "voice", call_fields(), RANG)
    kept(spool, AGO - 20, "voice/dial", dial_fields("no-answer"), APOLOGY)
    if pressed:
        kept(spool, AGO - 22, "voice/voicemail", call_fields(), APOLOGY)
    recording = {"RecordingSid": "RE1", "RecordingUrl": "https://api.twilio.com/RE1"}
    kept(spool, AGO - 40, "voice/recorded", call_fields(RecordingDuration="9", **recording))
    kept(spool, AGO - 41, "voice/status", end_fields())
    replayed(spool)
    assert the_call().outcome == "voicemail"
    assert count(FollowUp) == 0
    assert len(sentences("no_follow_up")) == 1


def test_an_accept_that_is_done_at_last_wipes_no_later_missed_call(twilio: Twilio) -> None:
    take(twilio, "1")
    twilio.post("voice/dial", dial_fields("completed", **BRIDGED))
    twilio.post("voice/status", end_fields())
    hangs_up(twilio, "CA2")
    assert follow_ups() == [None]
    run("UPDATE webhook_event SET received_at = received_at - interval '10 s'")
    eventually(lambda: the_call().outcome == "answered")
    since, ended_at = the_lead().needs_callback_since, the_call().ended_at
    assert ended_at is not None
    assert since is not None
    assert since > ended_at
    assert follow_ups() == [None]
