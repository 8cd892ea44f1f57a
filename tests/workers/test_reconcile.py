"""Webhooks are lost for a while, and afterwards our rows and Twilio's agree one to one."""

import time
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from leads import Call, Lead, Message, Phone, Recording, Reminder, TimelineEntry, db
from tests.workers.town import DESK, MOBILE, Town, everything, reconciled
from workers import recordings

MARIA, TOMAS, PRIYA, GRACE = "+12065550142", "+13605550131", "+12535550177", "+12065550164"
SAM, LINH, OMAR = "+15095550123", "+12065550151", "+14255550188"

# Who rings, what happens, what we must know of it afterwards, and whether somebody has to look.
CALLS: tuple[tuple[str, dict[str, Any], str, bool], ...] = (
    (MARIA, {"answer": DESK, "talk_seconds": 60}, "answered", False),
    (TOMAS, {"answer": MOBILE, "answer_keys": "1", "talk_seconds": 60}, "missed", True),
    (PRIYA, {"answer": MOBILE}, "missed", True),  # its mailbox picked up
    (GRACE, {}, "missed", False),
    (LINH, {"hangup_while": "ringing"}, "abandoned", False),
    (OMAR, {"voicemail_seconds": 12}, "voicemail", False),
    ("anonymous", {"voicemail_seconds": 5}, "voicemail", False),
)


def call_of(sid: str) -> Call:
    with db.transaction() as session:
        return session.scalars(select(Call).where(Call.sid == sid)).one()


def lead_of(number: str) -> Lead:
    with db.transaction() as session:
        phone_id = session.scalars(select(Phone.id).where(Phone.e164 == number)).one()
        lead = Lead.last_of(session, phone_id)
        assert lead
        return lead


def reminders_of(number: str) -> list[str]:
    lead = lead_of(number)
    with db.transaction() as session:
        found = select(Reminder.state).where(Reminder.lead_id == lead.id).order_by(Reminder.step)
        return list(session.scalars(found))


def story_of(number: str) -> list[str]:
    lead = lead_of(number)
    with db.transaction() as session:
        found = select(TimelineEntry.text).where(TimelineEntry.lead_id == lead.id)
        return list(session.scalars(found.order_by(TimelineEntry.at, TimelineEntry.id)))


def test_calls_that_never_reached_us_are_added_as_they_went(town: Town) -> None:
    town.nobody_hears()
    sids = [town.dials(caller, **script) for caller, script, *_ in CALLS]
    for sid in sids:
        town.over(sid)
    row = reconciled()
    assert row.error is None
    assert row.found["calls_added"] == len(CALLS)
    assert row.found["to_review"] == 2
    for sid, (_, _, outcome, review) in zip(sids, CALLS, strict=True):
        call = call_of(sid)
        assert (call.outcome, call.needs_review_at is not None) == (outcome, review), sid
        assert call.ended_at is not None
    assert_one_to_one(town)
    assert call_of(sids[0]).talk_seconds == talk_of(town, sids[0]) >= 60
    assert lead_of(MARIA).needs_callback_since is None
    for waiting in (TOMAS, PRIYA, GRACE, LINH, OMAR):
        assert lead_of(waiting).needs_callback_since is not None
    # The prompt was not heard as far as we know: the call alone allows one text.
    assert reminders_of(GRACE) == ["scheduled", "cancelled", "cancelled"]
    assert reminders_of(OMAR) == ["scheduled"]
    assert reminders_of(TOMAS) == []
    assert any("please check" in text for text in story_of(TOMAS))
    before = everything()
    assert reconciled().found["calls"] == len(CALLS)
    assert everything() == before


def talk_of(town: Town, sid: str) -> int:
    """Seconds, as Twilio lists them of the phone that took the call."""
    legs = [row for row in town.listed("Calls") if row["parent_call_sid"] == sid]
    return max(int(leg["duration"]) for leg in legs)


def assert_one_to_one(town: Town) -> None:
    listed = {row["sid"]: row for row in town.listed("Calls")}
    callers = {sid for sid, row in listed.items() if row["direction"] == "inbound"}
    with db.transaction() as session:
        calls = {call.sid: call for call in session.scalars(select(Call))}
        legs = set(session.scalars(select(db.Base.metadata.tables["call_leg"].c.sid)))
        texts = set(session.scalars(select(Message.sid).where(Message.direction == "inbound")))
        sounds = set(session.scalars(select(Recording.sid)))
    assert set(calls) == callers
    assert legs == set(listed) - callers
    for sid, call in calls.items():
        assert (call.from_raw, call.to_raw) == (listed[sid]["from"], listed[sid]["to"])
    assert texts == {t["sid"] for t in town.listed("Messages") if t["direction"] == "inbound"}
    assert sounds == {recording["sid"] for recording in town.listed("Recordings")}


def test_who_rings_again_and_is_answered_is_no_call_of_ours_that_came_back(town: Town) -> None:
    """Both calls are found afterwards, and the first was over when the second began."""
    town.nobody_hears()
    first = town.ring(MARIA)
    time.sleep(2)  # Twilio's lists know whole seconds
    second = town.ring(MARIA, answer=DESK, talk_seconds=60)
    reconciled()
    assert (call_of(first).outcome, call_of(second).outcome) == ("missed", "answered")
    assert (call_of(first).looped_at, call_of(second).looped_at) == (None, None)
    assert lead_of(MARIA).needs_callback_since is None
    assert_one_to_one(town)


def test_a_mobile_that_talked_and_nothing_said_so_is_asked_about(town: Town) -> None:
    """We heard the call begin and end and its legs, but neither the key nor the result."""
    town.we_hear("/voice", "/leg", "/status")
    sid = town.ring(TOMAS, answer=MOBILE, answer_keys="1", talk_seconds=60)
    assert call_of(sid).outcome == "abandoned"
    assert reconciled().found["to_review"] == 1
    assert call_of(sid).needs_review_at is not None
    before = everything()
    reconciled()
    assert everything() == before


def test_a_found_voicemail_is_fetched_like_any_other(town: Town) -> None:
    town.nobody_hears()
    town.ring(OMAR, voicemail_seconds=12)
    assert reconciled().found["voicemails_added"] == 1
    recordings.fetch()
    with db.transaction() as session:
        sound = session.scalars(select(Recording)).one()
        assert (sound.fetch_error, f"{sound.seconds}") == (
            None,
            town.listed("Recordings")[0]["duration"],
        )
        assert sound.fetched_at is not None


def test_an_accept_that_we_heard_makes_it_answered(town: Town) -> None:
    town.we_hear("/accept")
    sid = town.ring(TOMAS, answer=MOBILE, answer_keys="1", talk_seconds=60)
    assert reconciled().found["answered"] == 1
    call = call_of(sid)
    assert (call.outcome, call.needs_review_at) == ("answered", None)
    assert call.talk_seconds == talk_of(town, sid)
    assert lead_of(TOMAS).needs_callback_since is None


def test_a_call_of_which_only_the_end_was_lost_is_ended(town: Town) -> None:
    town.ears.hears = lambda path: not path.endswith("/status")
    sid = town.ring(GRACE)
    assert call_of(sid).ended_at is None
    assert reconciled().found["calls_settled"] == 1
    call = call_of(sid)
    assert (call.outcome, call.ended_at is not None) == ("missed", True)
    # Here the prompt was heard to its end, as a request that followed it shows.
    assert reminders_of(GRACE) == ["scheduled"] * 3


def test_times_are_those_at_which_it_happened(town: Town) -> None:
    town.nobody_hears()
    sid = town.ring(GRACE)
    listed = next(row for row in town.listed("Calls") if row["sid"] == sid)
    reconciled()
    with db.transaction() as session:
        call = session.scalars(select(Call)).one()
        shift = session.connection().exec_driver_sql("SELECT clock_shift FROM installation")
        began_at = call.started_at - shift.scalar_one()
        lead = session.get_one(Lead, call.lead_id)
    assert f"{began_at:%a, %d %b %Y %H:%M:%S} +0000" == listed["start_time"]
    assert lead.created_at == call.started_at
    assert call.ended_at is not None
    assert lead.needs_callback_since == call.ended_at < call.started_at + timedelta(minutes=1)
